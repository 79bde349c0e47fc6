package sandbox

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// attributes are the allowed names in attributes= and excludedAttributes=, each with the field that it selects, and the
// fields that are always returned.
type attributes struct {
	fields map[string]string
	always []string
}

func groupAttributes() attributes {
	return newAttributes(groupSchema, []string{"id", "displayName", "members", "externalId", "meta"}, "id", "schemas", "meta")
}

func userAttributes() attributes {
	known := newAttributes(userSchema,
		[]string{"id", "userName", "displayName", "title", "active", "externalId", "phoneNumbers", "emails", "groups", "roles", "meta"},
		"id", "schemas", "meta", "userName", "active")
	known.fields[enterpriseSchema] = enterpriseSchema
	for _, part := range []string{"division", "department", "manager", "manager.value", "employeeNumber", "dateHire"} {
		known.fields[enterpriseSchema+":"+part] = enterpriseSchema
	}
	for _, part := range []string{"", ":routingSkills", ":routingLanguages", ":externalIds"} {
		known.fields[genesysUserSchema+part] = genesysUserSchema // known, but no user has any
	}
	return known
}

func newAttributes(schema string, fields []string, always ...string) attributes {
	known := attributes{fields: map[string]string{}, always: always}
	for _, prefix := range []string{"", schema + ":"} {
		for _, field := range fields {
			known.fields[prefix+field] = field
		}
		known.fields[prefix+"meta.version"] = "meta"
		known.fields[prefix+"meta.lastModified"] = "meta"
	}
	return known
}

// genesysQuery is the parsed query of a request.
type genesysQuery struct {
	start, count int
	only, not    []string // fields
	attribute    string   // the left side of the filter, in lower case; empty if there is no filter
	value        string
	groups       bool // the query is about groups
}

// parseGenesys parses the allowed parameters of a path, and refuses all others.
func parseGenesys(c *request, known attributes, allowed ...string) (genesysQuery, *reply) {
	q := genesysQuery{start: 1, count: 25}
	values, err := url.ParseQuery(c.url.RawQuery)
	for name, value := range values {
		switch repeatable := name == "attributes" || name == "excludedAttributes"; {
		case err != nil:
		case !slices.Contains(allowed, name), len(value) != 1 && !repeatable:
			err = fmt.Errorf("the parameter %s is not supported here, or stands there twice", name)
		default:
			err = q.parameter(known, name, value)
		}
	}
	if err == nil && len(q.only) > 0 && len(q.not) > 0 {
		err = fmt.Errorf("attributes and excludedAttributes exclude each other")
	}
	if err != nil {
		return q, genesysError(c, http.StatusBadRequest, "bad.request", err.Error())
	}
	return q, nil
}

func (q *genesysQuery) parameter(known attributes, name string, values []string) (err error) {
	switch name {
	case "startIndex":
		if q.start, err = strconv.Atoi(values[0]); err == nil && q.start < 1 {
			err = fmt.Errorf("startIndex %d: the first is 1", q.start)
		}
	case "count":
		if q.count, err = strconv.Atoi(values[0]); err == nil && q.count < 0 {
			err = fmt.Errorf("count %d is negative", q.count)
		}
	case "attributes":
		q.only, err = known.resolve(values)
	case "excludedAttributes":
		q.not, err = known.resolve(values)
	case "filter":
		q.attribute, q.value, err = parseGenesysFilter(values[0])
	}
	return err
}

func (a attributes) resolve(names []string) (fields []string, err error) {
	for _, name := range names {
		field, ok := a.fields[name]
		if !ok {
			return nil, fmt.Errorf("there is no attribute %q; the parameter is repeated for each", name)
		}
		fields = append(fields, field)
	}
	return fields, nil
}

// parseGenesysFilter parses "attribute eq value", the only supported operator. The value may be quoted, and must be if it
// has spaces.
func parseGenesysFilter(text string) (attribute, value string, err error) {
	attribute, rest, _ := strings.Cut(text, " ")
	operator, value, _ := strings.Cut(rest, " ")
	if strings.HasPrefix(value, `"`) {
		if value, err = strconv.Unquote(value); err != nil {
			return "", "", fmt.Errorf("filter %s: the quotes are not closed", text)
		}
	} else if strings.ContainsAny(value, ` "()`) {
		return "", "", fmt.Errorf("filter %s: a value with spaces needs quotes", text)
	}
	if operator != "eq" || value == "" {
		return "", "", fmt.Errorf("filter %s: only eq is supported", text)
	}
	return strings.ToLower(attribute), value, nil
}

// prune keeps the fields that were requested, and those that are always returned (RFC 7644 §3.9).
func (q genesysQuery) prune(known attributes, resource map[string]any) map[string]any {
	for field := range resource {
		unwanted := slices.Contains(q.not, field) || (len(q.only) > 0 && !slices.Contains(q.only, field))
		if unwanted && !slices.Contains(known.always, field) {
			delete(resource, field)
		}
	}
	return resource
}
