package sandbox

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// graphFilter is one or several comparisons of one property. It matches if at least one of them is true. The zero value
// matches everything.
type graphFilter struct {
	property string
	prefix   bool // startswith
	any      bool // any value of a list
	values   []string
}

// parseGraphFilter parses clauses about one property with " or " between them, with at most 15 values in total. A clause is
// p eq 'x', p in ('x','y'), startswith(p,'x') or p/any(v:v eq 'x'). A quote in a value is doubled.
func parseGraphFilter(kind graphKind, text string) (graphFilter, error) {
	unsupported := fmt.Errorf("unsupported or invalid query filter clause: %s", text)
	f, ok := splitFilter(text)
	switch {
	case !ok || !f.filterable(kind):
		return f, unsupported
	case len(f.values) > 15:
		return f, fmt.Errorf("too many child clauses specified in search filter expression containing 'OR' operators: %d. "+
			"Max allowed: 15", len(f.values))
	}
	return f, nil
}

func splitFilter(text string) (f graphFilter, ok bool) {
	const value = `'(?:[^']|'')*'`
	for form, f := range map[string]graphFilter{
		`(\w+) (?:eq VALUE|in \(VALUE(?:, *VALUE)*\))`: {},
		`startswith\((\w+), *VALUE\)`:                  {prefix: true},
		`(\w+)/any\((\w+):(\w+) eq VALUE\)`:            {any: true},
	} {
		clause := strings.ReplaceAll(form, "VALUE", value)
		if !regexp.MustCompile("^" + clause + "(?: or " + clause + ")*$").MatchString(text) {
			continue
		}
		for _, m := range regexp.MustCompile(clause).FindAllStringSubmatch(text, -1) {
			if f.property != "" && f.property != m[1] || f.any && m[2] != m[3] {
				return f, false
			}
			f.property = m[1]
		}
		for _, quoted := range regexp.MustCompile(value).FindAllString(text, -1) {
			f.values = append(f.values, strings.ReplaceAll(quoted[1:len(quoted)-1], "''", "'"))
		}
		return f, true
	}
	return f, false
}

func (f graphFilter) filterable(kind graphKind) bool {
	if f.any {
		return kind == userKind && f.property == "proxyAddresses"
	}
	allowed := map[graphKind][]string{
		groupKind:   {"id", "displayName"},
		userKind:    {"id", "userPrincipalName", "mail"},
		deletedKind: {"id", "mail"},
	}
	return slices.Contains(allowed[kind], f.property) && (!f.prefix || f.property != "id")
}

// matches compares without case, as Graph does.
func (f graphFilter) matches(properties map[string]any) bool {
	if f.property == "" {
		return true
	}
	var have []string
	switch value := properties[f.property].(type) { // null is not equal to an empty text
	case string:
		have = []string{value}
	case []string:
		have = value
	}
	return slices.ContainsFunc(have, func(have string) bool {
		have = strings.ToLower(have)
		return slices.ContainsFunc(f.values, func(want string) bool {
			want = strings.ToLower(want)
			return have == want || f.prefix && strings.HasPrefix(have, want)
		})
	})
}
