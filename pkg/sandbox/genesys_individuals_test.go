package sandbox_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// crowded returns a world whose group g1 has members of every kind: individual, by a rule, a group, without an account, of
// another division.
func crowded(change func(*sandbox.Genesys)) *sandbox.World {
	g := smallGenesys()
	g.Divisions = []string{"Home"}
	g.Users[1].Division, g.Users[2].Division = "Berlin", "home"
	g.Switches.RuleMembers = map[string][]string{"g1": {"a3"}}
	g.Groups[0].Members = []sandbox.GenesysMember{{Value: "a1"}, {Value: "a2"}, {Value: "a4"}, {Value: "a8"}, {Value: "g2", Type: "Group"}}
	change(&g)
	return sandbox.New(smallEntra(), g)
}

func individuals(a answer) (ids []string) {
	list, _ := a.at("entities").([]any)
	for _, item := range list {
		fields, _ := item.(map[string]any)
		id, _ := fields["id"].(string)
		ids = append(ids, id)
	}
	return sorted([][]string{ids})
}

func TestIndividuals(t *testing.T) {
	const path = apiHost + "/api/v2/groups/g1/individuals"
	for _, c := range []struct {
		name   string
		change func(*sandbox.Genesys)
		want   []string
		total  float64
	}{
		{"all", func(*sandbox.Genesys) {}, []string{"a1", "a2", "a4"}, 3},
		{"without a permission", func(g *sandbox.Genesys) { g.Permissions = nil }, []string{"a1", "a2", "a4"}, 3},
		{"of a group that hides them", func(g *sandbox.Genesys) { g.Groups[0].HidesMembers = true }, []string{"a1", "a2", "a4"}, 3},
		{"whom GET does not find", func(g *sandbox.Genesys) { g.Switches.UnlistedUsers = "missing" }, []string{"a1", "a2", "a4"}, 3},
		{"nobody", func(g *sandbox.Genesys) { g.Groups[0].Members = nil }, nil, 0},
	} {
		w := crowded(c.change)
		a := get(t, w, path, genesysToken(t, w))
		if diff := cmp.Diff(c.want, individuals(a)); a.status != 200 || diff != "" || a.at("total") != c.total || a.at("pageCount") != 1.0 {
			t.Errorf("%s: %d %s %s", c.name, a.status, a.text, diff)
		}
	}
}

func TestIndividualsAreCut(t *testing.T) {
	w := crowded(func(g *sandbox.Genesys) { g.MaxPage, g.Switches.Individuals = 2, "cut" })
	a := get(t, w, apiHost+"/api/v2/groups/g1/individuals", genesysToken(t, w))
	if len(individuals(a)) != 2 || a.at("total") != 3.0 || a.at("pageCount") != 2.0 || a.at("pageSize") != 2.0 {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestIndividualsRefuse(t *testing.T) {
	w := small()
	auth := genesysToken(t, w)
	for _, c := range []struct {
		method, path, auth string
		status             int
	}{
		{"GET", "g9/individuals", auth, 404},
		{"GET", "g1/individuals?pageSize=100", auth, 400},
		{"POST", "g1/individuals", auth, 405},
		{"GET", "g1/nothing", auth, 404},
		{"GET", "g1/dynamicsettings", auth, 403},
		{"GET", "g1/individuals", "Authorization: Bearer none", 401},
	} {
		if a := ask(t, w, c.method, apiHost+"/api/v2/groups/"+c.path, "", c.auth); a.status != c.status {
			t.Errorf("%s %s: %d %s, want %d", c.method, c.path, a.status, a.text, c.status)
		}
	}
}

// Outside SCIM a group has its kind, its owners and its conditions, and the members whom a rule adds.
func TestGroupsOutsideSCIM(t *testing.T) {
	w := crowded(func(g *sandbox.Genesys) {
		group := &g.Groups[0]
		group.Type, group.Visibility, group.IncludeOwners, group.Owners, group.Skills = "social", "members", true, []string{"a3"}, true
		g.Switches.RuleMembers = map[string][]string{"g1": {"a3"}}
		g.Permissions = append(g.Permissions, "directory:group:view")
	})
	auth, path := genesysToken(t, w), apiHost+"/api/v2/groups/g1"
	a := get(t, w, path, auth)
	if a.at("type") != "social" || a.at("visibility") != "members" || a.at("includeOwners") != true ||
		!strings.Contains(a.text, `"owners":[{"id":"a3"`) {
		t.Errorf("the group is %s", a.text)
	}
	if got := individuals(get(t, w, path+"/members", auth)); !slices.Equal(got, []string{"a1", "a2", "a3", "a4"}) {
		t.Errorf("the members are %q", got)
	}
	if a := get(t, w, path+"/dynamicsettings", auth); a.status != 200 || !strings.Contains(a.text, "skillConditions") {
		t.Errorf("the conditions are %s", a.text)
	}
	if a := get(t, w, apiHost+"/api/v2/groups/g2/dynamicsettings", auth); a.status != 404 {
		t.Errorf("a group without conditions: %d %s", a.status, a.text)
	}
}

// The list outside SCIM comes page by page, sorted by name, and needs no permission.
func TestListOutsideSCIM(t *testing.T) {
	w := crowded(func(g *sandbox.Genesys) {
		g.Permissions = nil
		g.Groups[1].Type, g.Groups[1].Visibility = "social", "owners"
	})
	auth, path := genesysToken(t, w), apiHost+"/api/v2/groups"
	for query, want := range map[string][]string{
		"": {"g1", "g2"}, "?pageSize=1": {"g1"}, "?pageSize=1&pageNumber=2": {"g2"}, "?pageNumber=2": nil, "?pageSize=100": {"g1", "g2"},
	} {
		a := get(t, w, path+query, auth)
		if diff := cmp.Diff(want, individuals(a)); a.status != 200 || diff != "" || a.at("total") != 2.0 {
			t.Errorf("%q: %d %s %s", query, a.status, a.text, diff)
		}
	}
	if a := get(t, w, path+"?pageSize=1&pageNumber=2", auth); !strings.Contains(a.text, `"visibility":"owners"`) ||
		!strings.Contains(a.text, `"type":"social"`) || a.at("pageCount") != 2.0 {
		t.Errorf("the second group is %s", a.text)
	}
	for _, query := range []string{"?pageSize=101", "?pageSize=0", "?pageNumber=0", "?pageSize=x", "?count=1", "?pageSize=1&pageSize=2"} {
		if a := get(t, w, path+query, auth); a.status != 400 {
			t.Errorf("%s: %d %s", query, a.status, a.text)
		}
	}
	if a := ask(t, w, "POST", path, "", auth); a.status != 405 {
		t.Errorf("POST: %d %s", a.status, a.text)
	}
}

// A group that hides its members answers like an empty one, and accepts a PUT like any other.
func TestHiddenMembers(t *testing.T) {
	w := crowded(func(g *sandbox.Genesys) { g.Groups[0].HidesMembers = true })
	auth := genesysToken(t, w)
	if got := membersOf(t, w, auth, "g1"); got != "absent" {
		t.Errorf("alone: %s", got)
	}
	list, _ := get(t, w, apiHost+"/api/v2/scim/groups", auth).at("Resources").([]any)
	for _, item := range list {
		fields, _ := item.(map[string]any)
		if _, shown := fields["members"]; shown != (fields["id"] == "g2") {
			t.Errorf("in the list %v: %v", fields["id"], fields["members"])
		}
	}
	body := `{"schemas":["` + groupURN + `"],"id":"g1","externalId":"x-1","displayName":"Desk","members":[{"value":"a1"}]}`
	a := ask(t, w, "PUT", apiHost+"/api/v2/scim/v2/groups/g1", body, auth, "Content-Type: "+scimMedia, `If-Match: "7"`)
	if _, shown := a.json["members"]; a.status != 200 || shown {
		t.Errorf("PUT: %d %s", a.status, a.text)
	}
	if got := w.Genesys().Groups[0].Members; len(got) != 1 || got[0].Value != "a1" {
		t.Errorf("then %v", got)
	}
}

// Users of a division that the client's role does not cover are in no list, whatever the filter.
func TestDivisions(t *testing.T) {
	for _, c := range []struct {
		choice sandbox.Choice
		alone  int
		put    int
	}{{"", 200, 200}, {"found", 200, 200}, {"missing", 404, 400}} {
		w := crowded(func(g *sandbox.Genesys) { g.Switches.UnlistedUsers = c.choice })
		auth := genesysToken(t, w)
		for _, filter := range []string{"", "?filter=userName+eq+%22bela@fabrikam.example%22", "?filter=id+eq+a2", "?filter=active+eq+true"} {
			for _, id := range get(t, w, apiHost+"/api/v2/scim/v2/users"+filter, auth).list("id") {
				if id == "a2" {
					t.Errorf("%q: a list %s shows them", c.choice, filter)
				}
			}
		}
		if ids := get(t, w, apiHost+"/api/v2/scim/v2/users", auth).list("id"); len(ids) != 2 {
			t.Errorf("%q: the list has %v", c.choice, ids)
		}
		if a := get(t, w, apiHost+"/api/v2/scim/v2/users/a2", auth); a.status != c.alone {
			t.Errorf("%q: alone %d %s", c.choice, a.status, a.text)
		}
		if a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"a2"}`); a.status != c.put {
			t.Errorf("%q: PUT %d %s", c.choice, a.status, a.text)
		}
	}
}

// A member that no list shows is handled as the switch says.
func TestUnlistedMembers(t *testing.T) {
	for _, c := range []struct {
		choice sandbox.Choice
		status int
	}{{"taken", 200}, {"refused", 400}} {
		w := crowded(func(g *sandbox.Genesys) {
			g.Switches.UnlistedUsers, g.Switches.UnseenMembers = "missing", c.choice
			g.Groups[1].Members = []sandbox.GenesysMember{{Value: "a2"}}
		})
		if a := putGroup(t, w, genesysToken(t, w), "g2", `"1"`, `{"value":"a1"},{"value":"a2"}`); a.status != c.status {
			t.Errorf("%q: %d %s", c.choice, a.status, a.text)
		}
	}
}
