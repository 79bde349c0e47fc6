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

// graphKind is a type of Graph, with the name that it has in a context URL.
type graphKind string

const (
	userKind    graphKind = "user"
	groupKind   graphKind = "group"
	objectKind  graphKind = "directoryObject" // of any type; each item has its type
	deletedKind graphKind = "deletedUser"

	applicationKind      graphKind = "application"
	servicePrincipalKind graphKind = "servicePrincipal"

	graphType = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"
)

// properties returns the properties that can be selected, and those that are returned by default.
func (k graphKind) properties() (all, ordinary []string) {
	switch k {
	case groupKind:
		all = []string{
			"id", "displayName", "visibility", "groupTypes", "securityEnabled", "mailEnabled", "isAssignableToRole", "membershipRule", "membershipRuleProcessingState",
		}
		return all, all
	case servicePrincipalKind:
		all = []string{"id", "displayName"}
		return all, all
	case applicationKind:
		all = []string{"id", "appId", "displayName", "passwordCredentials", "keyCredentials"}
		return all, all
	}
	ordinary = []string{"id", "userPrincipalName", "mail", "displayName"}
	all = append(slices.Clip(ordinary), "employeeId", "accountEnabled", "userType", "proxyAddresses")
	switch k {
	case objectKind:
		return append(all, "visibility"), ordinary
	case deletedKind:
		return append(all, "deletedDateTime"), append(slices.Clip(ordinary), "deletedDateTime")
	}
	return all, ordinary
}

// collection returns the name of a collection in a context URL.
func (k graphKind) collection() string {
	if k == deletedKind {
		return "users"
	}
	return string(k) + "s"
}

// graphQuery is the parsed query options of a request.
type graphQuery struct {
	selected []string
	top      int
	count    bool
	eventual bool // the header ConsistencyLevel
	ordered  bool
	filter   graphFilter
	search   []string // words of names
	token    string
}

// parseGraph parses the allowed options of a path, and refuses all others. Then it refuses a caller without permission.
func (w *World) parseGraph(c *request, kind graphKind, permitted bool, allowed ...string) (graphQuery, *reply) {
	q := graphQuery{top: 100, eventual: strings.EqualFold(c.header.Get("ConsistencyLevel"), "eventual")}
	_, q.selected = kind.properties()
	values, err := url.ParseQuery(c.url.RawQuery)
	for name, value := range values {
		switch {
		case err != nil:
		case !slices.Contains(allowed, name) || len(value) != 1:
			err = fmt.Errorf("the query option %s is not supported here, or stands there twice", name)
		default:
			err = q.option(kind, name, value[0])
		}
	}
	if kind == objectKind && !q.eventual {
		q.count = false
	}
	switch {
	case err != nil:
	case q.filter.any && (!q.count || !q.eventual):
		err = errors.New("a filter with any() needs $count=true and the header ConsistencyLevel: eventual")
	case (q.count || q.ordered && q.filter.property != "") && !q.eventual:
		err = errors.New("$count, and $orderby with $filter, need the header ConsistencyLevel: eventual")
	case !permitted:
		return q, denied(c)
	default:
		return q, nil
	}
	return q, graphError(c, http.StatusBadRequest, "Request_UnsupportedQuery", err.Error())
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
	case "$search":
		q.search, err = parseSearch(value)
	case "$skiptoken":
		q.token = value
	}
	return err
}

// pick keeps the id and the selected properties that exist.
func (q graphQuery) pick(properties map[string]any) map[string]any {
	picked := map[string]any{"id": properties["id"]}
	for _, name := range q.selected {
		if value, ok := properties[name]; ok { // a user has no visibility, and a group no mail
			picked[name] = value
		}
	}
	return picked
}
