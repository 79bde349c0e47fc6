package sandbox

import (
	"fmt"
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

// advanced reports whether a filter needs $count=true and ConsistencyLevel: eventual.
func (f graphFilter) advanced() bool { return f.any }

// parseGraphFilter parses clauses about one property with " or " between them, with at most 15 values in total.
func parseGraphFilter(kind graphKind, text string) (graphFilter, error) {
	var f graphFilter
	unsupported := fmt.Errorf("unsupported or invalid query filter clause: %s", text)
	for rest := text; ; {
		clause, after, ok := parseClause(rest)
		if !ok || f.property != "" && !f.sameForm(clause) {
			return f, unsupported
		}
		clause.values = append(f.values, clause.values...)
		f = clause
		if after == "" {
			break
		}
		if rest, ok = strings.CutPrefix(after, " or "); !ok {
			return f, unsupported
		}
	}
	if !f.filterable(kind) {
		return f, unsupported
	}
	if len(f.values) > 15 {
		return f, fmt.Errorf("too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: 15",
			len(f.values))
	}
	return f, nil
}

func (f graphFilter) sameForm(other graphFilter) bool {
	return f.property == other.property && f.prefix == other.prefix && f.any == other.any
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

// parseClause parses "p eq 'x'", "p in ('x','y')", "startswith(p,'x')" or "p/any(v:v eq 'x')", and returns the rest of the
// text. A quote in a value is doubled.
func parseClause(text string) (f graphFilter, after string, ok bool) {
	if rest, found := strings.CutPrefix(text, "startswith("); found {
		f.prefix = true
		f.property, rest, _ = strings.Cut(rest, ",")
		f.values, after, ok = literals(strings.TrimLeft(rest, " "))
		after, closed := strings.CutPrefix(after, ")")
		return f, after, ok && closed && len(f.values) == 1
	}
	word, rest, _ := strings.Cut(text, " ")
	if property, variables, found := strings.Cut(word, "/any("); found {
		one, other, _ := strings.Cut(variables, ":")
		f.property, f.any = property, true
		rest, eq := strings.CutPrefix(rest, "eq ")
		f.values, after, ok = literals(rest)
		after, closed := strings.CutPrefix(after, ")")
		return f, after, ok && eq && closed && one == other && one != "" && len(f.values) == 1
	}
	f.property = word
	if list, in := strings.CutPrefix(rest, "in ("); in {
		f.values, after, ok = literals(list)
		after, closed := strings.CutPrefix(after, ")")
		return f, after, ok && closed
	}
	rest, eq := strings.CutPrefix(rest, "eq ")
	f.values, after, ok = literals(rest)
	return f, after, ok && eq && len(f.values) == 1
}

// literals reads quoted values with commas between them, and returns the rest of the text.
func literals(s string) (values []string, rest string, ok bool) {
	for {
		s, ok = strings.CutPrefix(s, "'")
		if !ok {
			return nil, s, false
		}
		var value strings.Builder
		for {
			part, after, closed := strings.Cut(s, "'")
			if !closed {
				return nil, s, false
			}
			value.WriteString(part)
			if s, ok = strings.CutPrefix(after, "'"); !ok {
				break
			}
			value.WriteByte('\'')
		}
		values = append(values, value.String())
		next, more := strings.CutPrefix(s, ",")
		if !more {
			return values, s, true
		}
		s = strings.TrimLeft(next, " ")
	}
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
