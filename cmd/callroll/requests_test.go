package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// asked counts the requests of one run, by what they were for.
type asked struct {
	graphSignIn, graph              int
	signIn, groups, users, one, put int
	individuals                     int
}

func (a asked) genesys() int { return a.signIn + a.groups + a.users + a.one + a.put + a.individuals }

// counting makes a company, lets change alter its files, and returns what a call asked for and how it ended.
func counting(t *testing.T, s scale, change func(*sandbox.Entra, *sandbox.Genesys), args ...string) (asked, ran) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "company")
	if err := s.write(dir); err != nil {
		t.Fatal(err)
	}
	entra, org := s.company()
	if change != nil {
		change(&entra, &org)
	}
	for name, side := range map[string]any{"entra.json": entra, "genesys.json": org} {
		data, err := json.Marshal(side)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got := timed(t.Context(), t, dir, args...)
	var a asked
	for line := range strings.Lines(file(t, dir, "requests.jsonl")) {
		var r sandbox.Request
		if err := json.Unmarshal([]byte(line), &r); err != nil {
			t.Fatal(err)
		}
		switch {
		case strings.Contains(r.Host, "microsoftonline"):
			a.graphSignIn++
		case strings.HasPrefix(r.Path, "/v1.0/"):
			a.graph++
		case strings.HasPrefix(r.Path, "/oauth/"):
			a.signIn++
		case r.Path == "/api/v2/scim/groups":
			a.groups++
		case strings.HasPrefix(r.Path, "/api/v2/scim/v2/users"):
			a.users++
		case r.Method == "PUT":
			a.put++
		case strings.HasSuffix(r.Path, "/individuals"):
			a.individuals++
		default:
			a.one++
		}
	}
	return a, got
}

// The requests of a run follow from its sizes. Groups come a hundred at a time and users five hundred, where the service gives as
// many; where it does not, that is learnt once.
func TestRequestsOfARun(t *testing.T) {
	t.Parallel()
	company := scale{groups: 50, members: 40, people: 1200, orgGroups: 250, inactive: 10}
	switches := func(page int, large sandbox.Choice) func(*sandbox.Entra, *sandbox.Genesys) {
		return func(_ *sandbox.Entra, org *sandbox.Genesys) { org.MaxPage, org.Switches.LargePage = page, large }
	}
	plain := asked{graphSignIn: 2, graph: 50, signIn: 1, groups: 3, users: 3 + 1}
	with := func(change func(*asked)) asked {
		a := plain
		change(&a)
		return a
	}
	for _, test := range []struct {
		name   string
		scale  scale
		change func(*sandbox.Entra, *sandbox.Genesys)
		want   asked
	}{
		{"nothing changed", company, nil, plain},
		{"members on two pages", scale{groups: 3, members: 1000, people: 1200, orgGroups: 250, inactive: 10}, nil,
			with(func(a *asked) { a.graph, a.groups, a.one = 3*2, 1, 2 })},
		{"large pages are cut without a word", company, switches(25, "cut"), with(func(a *asked) { a.groups, a.users = 10, 48+1 })},
		{"large pages are cut to a hundred", company, switches(100, "cut"), with(func(a *asked) { a.groups, a.users = 3, 12+1 })},
		{"large pages are bad requests", company, switches(25, "400"), with(func(a *asked) { a.groups, a.users = 2+10, 4+48+1 })},
		{"dear attributes are throttled on large pages", company, switches(25, "429"), plain},
		{"hidden groups are looked for", company, func(e *sandbox.Entra, _ *sandbox.Genesys) { e.Roles = e.Roles[:2] },
			with(func(a *asked) { a.graph += 4 })},
		{"the end of the client secret is read", company, func(e *sandbox.Entra, _ *sandbox.Genesys) {
			e.Roles = append(e.Roles, "Application.Read.All")
		}, with(func(a *asked) { a.graph++ })},
		{"three groups changed: they are looked at again one by one", scaled(company, 3), nil, with(func(a *asked) { a.one, a.put, a.individuals = 3+3, 3, 3 })},
		{"five groups changed: a list is less", scaled(company, 5), nil, with(func(a *asked) { a.one, a.put, a.groups, a.individuals = 5, 5, 3+3, 5 })},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ended := counting(t, test.scale, test.change, "sync")
			if ended.status != report.OK || got != test.want {
				t.Errorf("%+v\nwant %+v; %.500s", got, test.want, ended.stderr)
			}
		})
	}
}

func scaled(s scale, changed int) scale {
	s.changed = changed
	return s
}

// One group of a large org: its people are looked up, because they are fewer than the pages of the list.
func TestRequestsOfOneGroup(t *testing.T) {
	company := scale{groups: 3, members: 20, people: 12_000, orgGroups: 30, inactive: 10}
	for _, test := range []struct {
		name   string
		change func(*sandbox.Entra, *sandbox.Genesys)
		want   asked
	}{
		{"everybody is found", nil, asked{graphSignIn: 2, graph: 1, signIn: 1, one: 1, users: 1 + 20}},
		{"one has an account by another name", func(e *sandbox.Entra, _ *sandbox.Genesys) {
			rename(e, e.Groups[0].Members[0], "somebody.else@contoso.com")
		}, asked{graphSignIn: 2, graph: 1, signIn: 1, one: 1, users: 1 + 21 + 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ended := counting(t, company, test.change, "diff", "--group", "Team 0000")
			if ended.status != report.OK || got != test.want || !strings.Contains(ended.stdout, "1 group: 1 in step") || got.genesys() > 25 {
				t.Errorf("%+v\nwant %+v; %.500s", got, test.want, ended.stdout+ended.stderr)
			}
		})
	}
}

// The members of two hundred groups are counted, a request for each. Those of more are not, and stderr says what to do.
func TestRequestsOfAListing(t *testing.T) {
	company := scale{groups: mostCounted, members: 2, people: 10, orgGroups: 250}
	got, ended := counting(t, company, nil, "groups", "entra")
	if ended.status != report.OK || got.graph != 1+mostCounted || !strings.Contains(ended.stdout, "  2        GC Team 0199") {
		t.Errorf("%+v; %.500s", got, ended.stdout+ended.stderr)
	}
	company.groups++
	said := "the members of these 201 groups are not counted: each group is a request, and 200 are counted at most; give a PATTERN\n"
	got, ended = counting(t, company, nil, "groups", "entra")
	if ended.status != report.OK || got.graph != 1 || !strings.Contains(ended.stderr, said) ||
		strings.Count(ended.stdout, "  security  ?        GC Team ") != 201 {
		t.Errorf("%+v; %.500s", got, ended.stdout+ended.stderr)
	}
	got, ended = counting(t, company, nil, "groups", "entra", "team 000")
	if ended.status != report.OK || got.graph != 1+10 || strings.Contains(ended.stderr, "counted") {
		t.Errorf("%+v; %.500s", got, ended.stdout+ended.stderr)
	}
	// Three pages of SCIM's list, and three of the other one
	got, ended = counting(t, company, nil, "groups", "genesys")
	if ended.status != report.OK || got.groups != 3 || got.one != 3 || strings.Count(ended.stdout, "  official, public  2        Team ") != 250 {
		t.Errorf("%+v; %.500s", got, ended.stdout+ended.stderr)
	}
}

func rename(e *sandbox.Entra, id, name string) {
	for i := range e.Users {
		if e.Users[i].ID == id {
			e.Users[i].UserPrincipalName = name
		}
	}
}

// Whichever way the accounts are found, the plan is the same.
func TestLookUpsAndListsPlanTheSame(t *testing.T) {
	company := scale{groups: 2, members: 8, people: 3_000, orgGroups: 10, inactive: 20}
	oddities := func(e *sandbox.Entra, org *sandbox.Genesys) {
		account := map[string]*sandbox.GenesysUser{}
		for i := range org.Users {
			account[org.Users[i].UserName] = &org.Users[i]
		}
		members := e.Groups[0].Members
		person := func(n int) *sandbox.EntraUser {
			for i := range e.Users {
				if e.Users[i].ID == members[n] {
					return &e.Users[i]
				}
			}
			panic("nobody")
		}
		account[person(0).UserPrincipalName].Active = false                           // inactive, and a member
		person(1).UserPrincipalName = "renamed@contoso.com"                           // found by mail
		person(2).UserPrincipalName, person(2).Mail = "nobody@contoso.com", "n@x.org" // found by nothing
		person(3).Mail = e.Users[0].UserPrincipalName                                 // ambiguous
		inactive := org.Users[len(org.Users)-1]
		person(4).Mail = inactive.UserName // ambiguous with an inactive account
		org.Groups[0].Members = append(org.Groups[0].Members, sandbox.GenesysMember{Value: inactive.ID}, sandbox.GenesysMember{Value: companyID(9, 9)})
	}
	plan := func(page int) string {
		a, got := counting(t, company, func(e *sandbox.Entra, org *sandbox.Genesys) {
			oddities(e, org)
			org.MaxPage, org.Switches.LargePage = page, "cut"
		}, "diff", "--group", "Team 0000", "-v")
		if listed := a.users < 10; listed != (page > 1000) {
			t.Errorf("pages of %d: %d requests for users", page, a.users)
		}
		return got.stdout
	}
	if lookups, lists := plan(25), plan(2000); lookups != lists {
		t.Errorf("looked up:\n%s\nlisted:\n%s", lookups, lists)
	}
}
