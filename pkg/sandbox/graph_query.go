package sandbox

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// graphKind is a type of Graph, by the name that its collections have in a context URL.
type graphKind string

const (
	userKind  graphKind = "user"
	groupKind graphKind = "group"

	graphType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)

// properties are those that can be selected, and those that come unasked.
func (k graphKind) properties() (all, ordinary []string) {
	if k == groupKind {
		all = []string{"id", "displayName", "visibility"}
		return all, all
	}
	ordinary = []string{"id", "userPrincipalName", "mail", "displayName"}
	return append(ordinary, "employeeId", "accountEnabled", "userType"), ordinary
}

// graphQuery is the query options of a request, understood.
type graphQuery struct {
	selected []string
	top      int
	count    bool
	eventual bool // the header ConsistencyLevel
	ordered  bool
	filter   graphFilter
	token    string
}

// parseGraph understands the options that a path allows, and refuses every other one.
func (w *World) parseGraph(c *call, kind graphKind, allowed ...string) (graphQuery, *reply) {
	q := graphQuery{top: 100, eventual: strings.EqualFold(c.header.Get("ConsistencyLevel"), "eventual")}
	_, q.selected = kind.properties()
	values, err := url.ParseQuery(c.url.RawQuery)
	if err == nil {
		for name, value := range values {
			if !slices.Contains(allowed, name) || len(value) != 1 {
				err = fmt.Errorf("the query option %s is not supported here, or stands there twice", name)
				break
			}
			if err = q.option(kind, name, value[0]); err != nil {
				break
			}
		}
	}
	if err == nil && (q.count || q.ordered && q.filter.property != "") && !q.eventual {
		err = errors.New("$count, and $orderby with $filter, need the header ConsistencyLevel: eventual")
	}
	if err != nil {
		return q, graphError(c, http.StatusBadRequest, "Request_UnsupportedQuery", err.Error())
	}
	return q, nil
}

func (q *graphQuery) option(kind graphKind, name, value string) (err error) {
	switch name {
	case "$count":
		q.count, err = strconv.ParseBool(value)
	case "$top":
		q.top, err = strconv.Atoi(value)
		if err != nil || q.top < 1 || q.top > 999 {
			err = fmt.Errorf("invalid page size specified: '%s'. Must be between 1 and 999 inclusive", value)
		}
	case "$select":
		all, _ := kind.properties()
		q.selected = strings.Split(value, ",")
		for _, property := range q.selected {
			if !slices.Contains(all, property) {
				return fmt.Errorf("could not find a property named '%s' on type 'microsoft.graph.%s'", property, kind)
			}
		}
	case "$orderby":
		q.ordered = true
		if value != "displayName" && value != "displayName asc" {
			err = fmt.Errorf("ordering by %s is not supported", value)
		}
	case "$filter":
		q.filter, err = parseGraphFilter(kind, value)
	case "$skiptoken":
		q.token = value
	}
	return err
}

// pick keeps what was selected, and the id.
func (q graphQuery) pick(properties map[string]any) map[string]any {
	picked := map[string]any{"id": properties["id"]}
	for _, name := range q.selected {
		picked[name] = properties[name]
	}
	return picked
}

// graphFilter is one comparison. The zero value takes everything.
type graphFilter struct {
	property string
	prefix   bool // startswith
	values   []string
}

// parseGraphFilter understands "p eq 'x'", "p in ('x','y')" with up to 15 values, and "startswith(p,'x')". A quote within a
// value is doubled.
func parseGraphFilter(kind graphKind, text string) (graphFilter, error) {
	var f graphFilter
	unsupported := fmt.Errorf("unsupported or invalid query filter clause: %s", text)
	var rest string
	if after, ok := strings.CutPrefix(text, "startswith("); ok {
		f.prefix = true
		f.property, rest, _ = strings.Cut(after, ",")
		values, end, closed := literals(strings.TrimLeft(rest, " "))
		if !closed || end != ")" || len(values) != 1 {
			return f, unsupported
		}
		f.values = values
	} else {
		var operator string
		f.property, rest, _ = strings.Cut(text, " ")
		operator, rest, _ = strings.Cut(rest, " ")
		rest, list := strings.CutPrefix(rest, "(")
		values, end, closed := literals(rest)
		eq := operator == "eq" && !list && end == "" && len(values) == 1
		in := operator == "in" && list && end == ")"
		if !closed || (!eq && !in) {
			return f, unsupported
		}
		f.values = values
	}
	filterable := []string{"id", "userPrincipalName", "mail"}
	if kind == groupKind {
		filterable = []string{"id", "displayName"}
	}
	if !slices.Contains(filterable, f.property) || (f.prefix && f.property == "id") {
		return f, unsupported
	}
	if len(f.values) > 15 {
		return f, fmt.Errorf("too many child clauses specified in search filter expression containing 'OR' operators: %d. Max allowed: 15",
			len(f.values))
	}
	return f, nil
}

// literals reads quoted values with commas between them, and returns what follows the last.
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

// takes compares without case, as Graph does.
func (f graphFilter) takes(properties map[string]any) bool {
	if f.property == "" {
		return true
	}
	have, ok := properties[f.property].(string)
	if !ok {
		return false // null is not even equal to an empty text
	}
	have = strings.ToLower(have)
	return slices.ContainsFunc(f.values, func(want string) bool {
		want = strings.ToLower(want)
		return have == want || f.prefix && strings.HasPrefix(have, want)
	})
}
