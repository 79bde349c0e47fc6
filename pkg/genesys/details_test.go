package genesys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

const deniedView = `{"code":"missing.permissions","message":"You are missing the following permission(s): directory:group:view","status":403,"contextId":"c"}`

// Whether a group has conditions is known if Genesys says so, or if it knows no conditions of a group that it has.
func TestConditions(t *testing.T) {
	for name, c := range map[string]struct {
		status     int
		body       string
		conditions bool
		cause      membership.Cause // of ConditionsErr; empty if they are known
	}{
		"some":           {200, `{"query":{"skillConditions":[{"operation":"And"}]}}`, true, ""},
		"none":           {200, `{"query":{"skillConditions":[]}}`, false, ""},
		"not dynamic":    {404, `{"code":"not.found","message":"no definition","status":404,"contextId":"c"}`, false, ""},
		"not of Genesys": {404, `<html>not found</html>`, false, membership.Unavailable},
		"denied":         {403, deniedView, false, membership.Denied},
		"broken":         {200, `[`, false, membership.Unavailable},
	} {
		f := newFake(t, func(r *http.Request) *http.Response {
			if strings.HasSuffix(r.URL.Path, "/dynamicsettings") {
				return reply(c.status, c.body)
			}
			return reply(200, `{"id":"1","type":"official","visibility":"public"}`)
		})
		got, err := genesys.NewReader(f.conn()).Details(t.Context(), "1")
		if err != nil || got.Type != "official" || got.Conditions != c.conditions || (got.ConditionsErr == nil) != (c.cause == "") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
		if c.cause != "" && membership.CauseOf(got.ConditionsErr) != c.cause {
			t.Errorf("%s: %v", name, got.ConditionsErr)
		}
	}
}

// The permission of SCIM is of no use outside it.
func TestDetailsDenied(t *testing.T) {
	f := newFake(t, func(*http.Request) *http.Response { return reply(403, deniedView) })
	_, err := genesys.NewReader(f.conn()).Details(t.Context(), "1")
	wantCause(t, err, membership.Denied, "directory:group:view")
	if strings.Contains(membership.HintOf(err), "group:edit") {
		t.Errorf("the hint %q is about SCIM", membership.HintOf(err))
	}
}
