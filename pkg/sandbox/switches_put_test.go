package sandbox_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

func TestSwitchVersionConflictAccepted(t *testing.T) {
	w := switched(sandbox.Switches{VersionConflict: "accepted"})
	a := putGroup(t, w, genesysToken(t, w), "g2", `"6"`, `{"value":"a1"}`)
	if g := w.Genesys().Groups[1]; a.status != 200 || g.Version != 2 || len(g.Members) != 1 {
		t.Errorf("%d %s: %+v", a.status, a.text, g)
	}
	if a := putGroup(t, w, genesysToken(t, w), "g2", `6`, ""); a.status != 400 {
		t.Errorf("without quotes: %d", a.status)
	}
}

// TestSwitchesOfAbsentAttributes writes g1, which has the members a1 and g2 and the externalId x-1, without one of them.
func TestSwitchesOfAbsentAttributes(t *testing.T) {
	const external, members = `"externalId":"x-1",`, `,"members":[{"value":"a1"},{"value":"g2"}]`
	for _, c := range []struct {
		switches       sandbox.Switches
		without        string
		status         int
		external, then string
	}{
		{sandbox.Switches{}, external, 400, "x-1", "a1 g2"},
		{sandbox.Switches{PutWithoutExternalID: "refused"}, external, 400, "x-1", "a1 g2"},
		{sandbox.Switches{PutWithoutExternalID: "kept"}, external, 200, "x-1", "a1 g2"},
		{sandbox.Switches{PutWithoutExternalID: "removed"}, external, 200, "", "a1 g2"},
		{sandbox.Switches{PutWithoutExternalID: "removed"}, members, 400, "x-1", "a1 g2"},
		{sandbox.Switches{}, members, 400, "x-1", "a1 g2"},
		{sandbox.Switches{PutWithoutMembers: "refused"}, members, 400, "x-1", "a1 g2"},
		{sandbox.Switches{PutWithoutMembers: "kept"}, members, 200, "x-1", "a1 g2"},
		{sandbox.Switches{PutWithoutMembers: "emptied"}, members, 200, "x-1", ""},
		{sandbox.Switches{PutWithoutMembers: "emptied"}, external, 400, "x-1", "a1 g2"},
	} {
		for _, late := range []sandbox.Duration{0, sandbox.Duration(5 * time.Second)} {
			synctest.Test(t, func(t *testing.T) {
				c.switches.LateApplication = late
				w := switched(c.switches)
				auth := genesysToken(t, w)
				body := `{"schemas":["` + groupURN + `"],"id":"g1",` + external + `"displayName":"Desk"` + members + `}`
				a := ask(t, w, "PUT", apiHost+"/api/v2/scim/v2/groups/g1", strings.Replace(body, c.without, "", 1), auth,
					"Content-Type: "+scimMedia, `If-Match: "7"`)
				time.Sleep(time.Duration(late))
				g := w.Genesys().Groups[0]
				if got := membersOf(t, w, auth, "g1"); a.status != c.status || g.ExternalID != c.external || got != c.then {
					t.Errorf("%+v without %s: %d, then %q and %q", c.switches, c.without, a.status, g.ExternalID, got)
				}
			})
		}
	}
}

// TestExternalIDIsWritable checks that an externalId that was removed can be written again, and cannot be set to nothing.
func TestExternalIDIsWritable(t *testing.T) {
	w := switched(sandbox.Switches{PutWithoutExternalID: "removed"})
	auth := genesysToken(t, w)
	put := func(version, external string) int {
		body := strings.Replace(putBody(""), `"id"`, external+`"id"`, 1)
		return ask(t, w, "PUT", apiHost+"/api/v2/scim/v2/groups/g2", body, auth, "Content-Type: "+scimMedia, "If-Match: "+version).status
	}
	for _, wrong := range []string{`"externalId":null,`, `"externalId":"",`, `"externalId":7,`} {
		if status := put(`"1"`, wrong); status != 400 {
			t.Errorf("%s: %d", wrong, status)
		}
	}
	if status := put(`"1"`, `"externalId":"y",`); status != 200 || w.Genesys().Groups[1].ExternalID != "y" {
		t.Errorf("%d: %q", status, w.Genesys().Groups[1].ExternalID)
	}
}

func TestSwitchLargestCount(t *testing.T) {
	for _, c := range []struct {
		large   sandbox.Choice
		largest int
		query   string
		status  int
		size    int
	}{
		{"", 0, "count=60&attributes=userName", 200, 25},
		{"", 40, "count=60&attributes=userName", 200, 40},
		{"", 40, "count=60", 200, 25},
		{"400", 40, "count=40&attributes=userName", 200, 40},
		{"400", 40, "count=41&attributes=userName", 400, 0},
		{"honoured", 40, "count=60&attributes=userName", 200, 60},
	} {
		w := manyAccounts(60, 0)
		edit(t, w, func(g *sandbox.Genesys) { g.Switches.LargePage, g.Switches.LargestCount = c.large, c.largest })
		a := get(t, w, apiHost+"/api/v2/scim/v2/users?"+c.query, genesysToken(t, w))
		if a.status != c.status || len(a.list("id")) != c.size {
			t.Errorf("%q, %d, %s: %d with %d, want %d with %d", c.large, c.largest, c.query, a.status, len(a.list("id")), c.status, c.size)
		}
	}
}

func TestSwitchMembersShown(t *testing.T) {
	for shown, want := range map[int]int{0: 3, 2: 2, 5: 3} {
		w := switched(sandbox.Switches{MembersShown: shown})
		auth := genesysToken(t, w)
		putGroup(t, w, auth, "g2", `"1"`, `{"value":"a1"},{"value":"a2"},{"value":"a3"}`)
		if got := len(strings.Fields(membersOf(t, w, auth, "g2"))); got != want || len(w.Genesys().Groups[1].Members) != 3 {
			t.Errorf("%d: %d are shown, want %d of %d", shown, got, want, len(w.Genesys().Groups[1].Members))
		}
	}
}
