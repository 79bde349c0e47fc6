package sandbox_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// switched returns a small world with switches.
func switched(switches sandbox.Switches) *sandbox.World {
	g := smallGenesys()
	g.Switches = switches
	return sandbox.New(smallEntra(), g)
}

// membersOf returns the ids that a GET of a group shows, sorted, or "absent".
func membersOf(t *testing.T, w *sandbox.World, auth, group string) string {
	t.Helper()
	a := get(t, w, apiHost+"/api/v2/scim/v2/groups/"+group, auth)
	list, ok := a.at("members").([]any)
	if !ok {
		return "absent"
	}
	found := []string{}
	for _, m := range list {
		found = append(found, m.(map[string]any)["value"].(string))
	}
	slices.Sort(found)
	return strings.Join(found, " ")
}

func TestSwitchVersionConflict(t *testing.T) {
	for _, c := range []struct {
		choice sandbox.Choice
		status int
		want   string
	}{
		{"", 409, `"detail":"Version \"6\" does not match`},
		{"409", 409, `"status":"409"`},
		{"400", 400, `"scimType":"invalidVers"`},
		{"400-plain", 400, `does not match the current version`},
		{"400-plain", 400, `"code":"bad.request"`},
		{"412", 412, `"status":"412"`},
	} {
		w := switched(sandbox.Switches{VersionConflict: c.choice})
		a := putGroup(t, w, genesysToken(t, w), "g2", `"6"`, "")
		if a.status != c.status || !strings.Contains(a.text, c.want) || strings.Contains(a.text, "scimType") != (c.choice == "400") {
			t.Errorf("%q: %d %s, want %s", c.choice, a.status, a.text, c.want)
		}
		if w.Genesys().Groups[1].Version != 1 {
			t.Errorf("%q: the group was changed", c.choice)
		}
	}
}

// TestSwitchesOfMembers writes an account, the inactive a4, an unknown id, and a8, a member of g2 without an account.
func TestSwitchesOfMembers(t *testing.T) {
	for _, c := range []struct {
		switches sandbox.Switches
		put      string
		status   int
		then     string
	}{
		{sandbox.Switches{}, "a1 a9", 400, "a8"},
		{sandbox.Switches{UnknownMember: "400"}, "a1 a9", 400, "a8"},
		{sandbox.Switches{UnknownMember: "404"}, "a1 a9", 404, "a8"},
		{sandbox.Switches{UnknownMember: "dropped"}, "a1 a9", 200, "a1"},
		{sandbox.Switches{}, "a1 a4", 200, "a1 a4"},
		{sandbox.Switches{InactiveMembers: "taken"}, "a4", 200, "a4"},
		{sandbox.Switches{InactiveMembers: "refused"}, "a1 a4", 400, "a8"},
		{sandbox.Switches{InactiveMembers: "refused"}, "a1", 200, "a1"},
		{sandbox.Switches{}, "a1 a8", 200, "a1 a8"},
		{sandbox.Switches{UnseenMembers: "taken"}, "a8", 200, "a8"},
		{sandbox.Switches{UnseenMembers: "refused"}, "a1 a8", 400, "a8"},
		{sandbox.Switches{UnseenMembers: "refused", UnknownMember: "404"}, "a1 a8", 404, "a8"},
		{sandbox.Switches{UnseenMembers: "refused", UnknownMember: "dropped"}, "a1 a8", 200, "a1"},
	} {
		g := smallGenesys()
		g.Switches, g.Groups[1].Members = c.switches, []sandbox.GenesysMember{{Value: "a8"}}
		w := sandbox.New(smallEntra(), g)
		auth := genesysToken(t, w)
		a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"`+strings.ReplaceAll(c.put, " ", `"},{"value":"`)+`"}`)
		if got := membersOf(t, w, auth, "g2"); a.status != c.status || got != c.then {
			t.Errorf("%+v, PUT of %s: %d %s, then %s, want %d and %s", c.switches, c.put, a.status, a.text, got, c.status, c.then)
		}
	}
}

func TestSwitchLargePage(t *testing.T) {
	for _, c := range []struct {
		choice       sandbox.Choice
		query        string
		status, size int
	}{
		{"", "count=60&attributes=userName", 200, 25},
		{"cut", "count=60&attributes=externalId", 200, 25},
		{"429", "count=60&attributes=externalId", 429, 0},
		{"429", "count=60&excludedAttributes=groups", 429, 0},
		{"429", "count=60&excludedAttributes=externalId&excludedAttributes=roles&excludedAttributes=urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User", 200, 60},
		{"429", "count=25&attributes=externalId", 200, 25},
		{"429", "count=60&attributes=userName", 200, 60},
		{"429", "count=60", 200, 25},
		{"400", "count=60&attributes=userName", 400, 0},
		{"400", "count=60", 200, 25},
		{"honoured", "count=60&excludedAttributes=groups", 200, 60},
		{"honoured", "count=60", 200, 25},
	} {
		w := manyAccounts(60, 0)
		if err := w.Edit(func(_ *sandbox.Entra, g *sandbox.Genesys) { g.Switches.LargePage = c.choice }); err != nil {
			t.Fatal(err)
		}
		a := get(t, w, apiHost+"/api/v2/scim/v2/users?"+c.query, genesysToken(t, w))
		if a.status != c.status || len(a.list("id")) != c.size {
			t.Errorf("%q, %s: %d with %d, want %d with %d", c.choice, c.query, a.status, len(a.list("id")), c.status, c.size)
		}
		if a.status == 429 && (a.header.Get("Retry-After") == "" || a.at("code") != "too.many.requests.retry.after") {
			t.Errorf("429: %v %s", a.header, a.text)
		}
	}
}

func TestSwitchMembersAbsentWhenEmpty(t *testing.T) {
	for _, absent := range []bool{false, true} {
		w := switched(sandbox.Switches{MembersAbsentWhenEmpty: absent})
		auth := genesysToken(t, w)
		want := map[bool]string{false: "", true: "absent"}[absent]
		if got := membersOf(t, w, auth, "g2"); got != want {
			t.Errorf("%v: one group shows %q", absent, got)
		}
		list := get(t, w, apiHost+"/api/v2/scim/groups", auth)
		if got := strings.Count(list.text, `"members"`); got != map[bool]int{false: 2, true: 1}[absent] {
			t.Errorf("%v: the list has members %d times", absent, got)
		}
		if got := membersOf(t, w, auth, "g1"); got != "a1 g2" {
			t.Errorf("%v: a group with members shows %q", absent, got)
		}
	}
}

func TestSwitchRuleMembers(t *testing.T) {
	w := switched(sandbox.Switches{RuleMembers: map[string][]string{"g2": {"a2", "a8"}}, MembersAbsentWhenEmpty: true})
	auth := genesysToken(t, w)
	if got := membersOf(t, w, auth, "g2"); got != "a2 a8" {
		t.Errorf("at first: %s", got)
	}
	a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"a1"}`)
	if a.status != 200 || strings.Contains(a.text, "a8") {
		t.Errorf("the PUT: %d %s", a.status, a.text)
	}
	if got := membersOf(t, w, auth, "g2"); got != "a1 a2 a8" {
		t.Errorf("after a PUT without them: %s", got)
	}
	if a := putGroup(t, w, auth, "g2", `"2"`, `{"value":"a8"}`); a.status != 200 {
		t.Errorf("PUT with one of them, who is unseen: %d %s", a.status, a.text)
	}
	list := get(t, w, apiHost+"/api/v2/scim/groups", auth)
	if got := fmt.Sprint(list.list("members")); strings.Count(got, "users/a8") != 1 || strings.Count(got, "users/a2") != 1 {
		t.Errorf("the list: %s", got)
	}
	if got := w.Genesys().Groups[1].Members; len(got) != 1 || got[0].Value != "a8" {
		t.Errorf("the group's own members: %v", got)
	}
}

func TestSwitchPutWithoutBody(t *testing.T) {
	w := switched(sandbox.Switches{PutWithoutBody: true})
	a := putGroup(t, w, genesysToken(t, w), "g2", `"1"`, `{"value":"a1"}`)
	if a.status != 200 || a.text != "" || a.header.Get("ETag") != `"2"` || w.Genesys().Groups[1].Version != 2 {
		t.Errorf("%d %v %q", a.status, a.header, a.text)
	}
}

func TestSwitchIDFilterFindsInactive(t *testing.T) {
	for finds, want := range map[bool][]string{false: {}, true: {"a4"}} {
		w := switched(sandbox.Switches{IDFilterFindsInactive: finds})
		auth := genesysToken(t, w)
		a := get(t, w, apiHost+"/api/v2/scim/v2/users?filter="+url.QueryEscape("id eq a4"), auth)
		if diff := cmp.Diff(want, a.list("id")); diff != "" {
			t.Errorf("%v: %s", finds, diff)
		}
		if a := get(t, w, apiHost+"/api/v2/scim/v2/users/a4", auth); a.status != 200 || a.at("active") != false {
			t.Errorf("alone he is always found: %d %s", a.status, a.text)
		}
	}
}

// TestSwitchesThatMakeNoSense checks that unknown values are refused, with the line of a file.
func TestSwitchesThatMakeNoSense(t *testing.T) {
	for switches, want := range map[string]string{
		`"version_conflict": 410`:           `genesys.json: line 2: switches.version_conflict: "410" is none of 409, 400, 400-plain, 412, accepted`,
		`"put_without_external_id": "x"`:    `switches.put_without_external_id: "x" is none of refused, kept, removed`,
		`"put_without_members": "x"`:        `switches.put_without_members: "x" is none of refused, kept, emptied`,
		`"largest_count": -1`:               `genesys.json: line 2: switches.largest_count: -1 is negative`,
		`"members_shown": -2`:               `switches.members_shown: -2 is negative`,
		`"unknown_member": "x"`:             `switches.unknown_member: "x" is none of 400, 404, dropped`,
		`"inactive_members": "x"`:           `switches.inactive_members: "x" is none of taken, refused`,
		`"unseen_members": "x"`:             `switches.unseen_members: "x" is none of taken, refused`,
		`"unlisted_users": "x"`:             `switches.unlisted_users: "x" is none of found, missing`,
		`"individuals": "x"`:                `switches.individuals: "x" is none of whole, cut`,
		`"large_page": "x"`:                 `switches.large_page: "x" is none of cut, 429, 400, honoured`,
		`"late_application": "-1s"`:         `switches.late_application: -1s is negative`,
		`"list_lag": "-1s"`:                 `switches.list_lag: -1s is negative`,
		`"late_application": "soon"`:        `genesys.json: line 2`,
		`"version_conflict": true`:          `genesys.json: line 2: switches.version_conflict: "true" is none of`,
		`"puts": true`:                      `unknown field "puts"`,
		`"rule_members": {"g1": "not one"}`: `genesys.json: line 2`,
	} {
		dir, w := folderOf(t)
		write(t, dir, "genesys.json", "{\"switches\": {\n"+switches+"}}")
		for range 2 {
			if _, err := send(w, "GET", graphHost+"/v1.0/groups", ""); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", switches, err, want)
			}
		}
	}
	dir, w := folderOf(t)
	write(t, dir, "entra.json", `{"switches":{"hidden_count":"x"}}`)
	if _, err := send(w, "GET", graphHost+"/v1.0/groups", ""); err == nil || !strings.Contains(err.Error(), "entra.json: line 1: switches.hidden_count") {
		t.Errorf("entra: %v", err)
	}
	if _, err := send(switched(sandbox.Switches{LargePage: "x"}), "GET", graphHost+"/v1.0/groups", ""); err == nil || !strings.Contains(err.Error(), "large_page") {
		t.Errorf("New: %v", err)
	}
	w = small()
	if err := w.Edit(func(_ *sandbox.Entra, g *sandbox.Genesys) { g.Region, g.Switches.LargePage = "x", "x" }); err == nil || w.Genesys().Region == "x" {
		t.Errorf("Edit: %v", err)
	}
}

func TestSwitchesInAFile(t *testing.T) {
	dir, w := folderOf(t)
	if strings.Contains(read(t, dir, "genesys.json"), "switches") {
		t.Error("switches that nobody set are written")
	}
	write(t, dir, "genesys.json", strings.Replace(read(t, dir, "genesys.json"), "{", `{"switches":{"version_conflict":412,"late_application":"5s","rule_members":{"g1":["a2"]},"large_page":null},`, 1))
	want := sandbox.Switches{VersionConflict: "412", LateApplication: 5e9, RuleMembers: map[string][]string{"g1": {"a2"}}}
	if diff := cmp.Diff(want, w.Genesys().Switches); diff != "" {
		t.Error(diff)
	}
	if err := w.Edit(func(*sandbox.Entra, *sandbox.Genesys) {}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, open(t, dir).Genesys().Switches); diff != "" {
		t.Errorf("written and read again: %s", diff)
	}
}
