package pipeline_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
)

// simRule is what the oracle knows of a mapping: the configuration in its own words, so that it need not ask package plan.
type simRule struct {
	name       string
	ref        string // what the entry names: an id, or a name
	group      string // the id of the group that was meant in the beginning
	entra      []string
	exclude    []string
	nested     bool
	mode       plan.Mode
	allowEmpty bool
	protect    []string // userNames
}

// simWorld is a world as a seed decides it, with the configuration to work on it.
type simWorld struct {
	rules      []simRule
	entra      sandbox.Entra
	org        sandbox.Genesys
	remove     simLimit // removals of one group
	total      simLimit // and of a run
	add        simLimit
	addEmpty   int
	noRemovals bool          // no run removes anybody
	dropped    bool          // disabled_users: drop
	expires    time.Duration // of files
	ruled      bool          // some group shows members that nobody wrote
}

func simName(n int) string { return fmt.Sprintf("p%d@contoso.com", n) }

// one says yes in one of n cases.
func one(r *rand.Rand, n int) bool { return r.IntN(n) == 0 }

func pick[T any](r *rand.Rand, from ...T) T { return from[r.IntN(len(from))] }

// some returns the items, each with a chance of n in ten.
func some[T any](r *rand.Rand, n int, items []T) []T {
	return slices.DeleteFunc(slices.Clone(items), func(T) bool { return r.IntN(10) >= n })
}

func newSimWorld(r *rand.Rand) *simWorld {
	w := &simWorld{
		entra: sandbox.Entra{
			TenantID: id(9, 1), Domain: "contoso.onmicrosoft.com", ClientID: "app", ClientSecret: "entra-secret",
			Roles: []string{"GroupMember.Read.All", "User.Read.All"}, PageSize: 2 + r.IntN(9), Seed: r.Uint64(),
		},
		org: sandbox.Genesys{
			Region: "mypurecloud.ie", ClientID: "client", ClientSecret: "genesys-secret", Permissions: []string{"directory:group:edit"},
			MaxPage: 3 + r.IntN(23), Seed: r.Uint64(),
		},
	}
	people := 8 + r.IntN(20)
	for n := range people {
		w.person(r, n)
	}
	for n := range 4 { // accounts of nobody: breakglass, robots, people of long ago
		w.account(people+n, fmt.Sprintf("svc-%d@contoso.com", n), true)
	}
	w.sources(r)
	for g := range 2 + r.IntN(3) {
		w.mapping(r, g)
	}
	if one(r, 10) {
		w.twin()
	}
	w.org.Groups = append(w.org.Groups, sandbox.GenesysGroup{
		ID: id(genesysGroupKind, 90), DisplayName: "Nobody's", ExternalID: "x90", Version: 1, Members: []sandbox.GenesysMember{{Value: id(accountKind, 0)}},
	})
	w.limits(r)
	w.switches(r)
	return w
}

// person makes a person and, mostly, an account that is found by one of his names.
func (w *simWorld) person(r *rand.Rand, n int) {
	u := entraUser(id(personKind, n), simName(n))
	u.AccountEnabled = !one(r, 12)
	switch r.IntN(12) {
	case 0: // without an account
	case 1: // by mail only
		u.UserPrincipalName = fmt.Sprintf("upn%d@contoso.com", n)
		w.account(n, simName(n), true)
	case 2: // two accounts
		u.Mail = fmt.Sprintf("mail%d@contoso.com", n)
		w.account(n, simName(n), true)
		w.account(200+n, u.Mail, true)
	case 3: // the mail of somebody else
		u.Mail = simName(max(0, n-1))
		w.account(n, simName(n), true)
	case 4:
		w.account(n, simName(n), false)
	default:
		w.account(n, simName(n), true)
	}
	w.entra.Users = append(w.entra.Users, u)
}

func (w *simWorld) account(n int, name string, active bool) {
	w.org.Users = append(w.org.Users, sandbox.GenesysUser{ID: id(accountKind, n), UserName: name, Active: active})
}

// sources makes Entra groups, some of them in others.
func (w *simWorld) sources(r *rand.Rand) {
	for g := range 5 {
		group := sandbox.EntraGroup{ID: id(entraGroupKind, g), DisplayName: fmt.Sprintf("E%d", g)}
		for _, u := range some(r, pick(r, 2, 5, 7), w.entra.Users) {
			group.Members = append(group.Members, u.ID)
		}
		if g > 0 && one(r, 3) {
			group.Members = append(group.Members, id(entraGroupKind, g-1))
		}
		w.entra.Groups = append(w.entra.Groups, group)
	}
}

// mapping makes a Genesys group that is somewhat like what feeds it.
func (w *simWorld) mapping(r *rand.Rand, g int) {
	rule := simRule{
		name: fmt.Sprintf("G%d", g), group: id(genesysGroupKind, g), entra: []string{id(entraGroupKind, r.IntN(5))},
		nested: one(r, 3), allowEmpty: one(r, 3), mode: pick(r, plan.Mirror, plan.Mirror, plan.Mirror, plan.Mirror, plan.AddOnly, plan.Paused),
	}
	if other := id(entraGroupKind, r.IntN(5)); one(r, 3) && other != rule.entra[0] {
		rule.entra = append(rule.entra, other)
	}
	if one(r, 4) {
		rule.exclude = append(rule.exclude, pick(r, id(entraGroupKind, r.IntN(5)), pick(r, w.entra.Users...).ID, pick(r, w.entra.Users...).UserPrincipalName))
	}
	if one(r, 3) {
		rule.protect = append(rule.protect, pick(r, w.org.Users...).UserName)
	}
	if rule.ref = rule.group; one(r, 3) {
		rule.ref = rule.name
	}
	group := sandbox.GenesysGroup{ID: rule.group, DisplayName: rule.name, ExternalID: fmt.Sprintf("x%d", g), Version: 1 + r.IntN(5)}
	o := newOracle(w, &w.entra, &w.org)
	for _, u := range w.org.Users {
		wanted := o.view(rule).wanted[u.ID]
		if wanted && !one(r, 5) || !wanted && one(r, 8) {
			group.Members = append(group.Members, sandbox.GenesysMember{Value: u.ID})
		}
	}
	if one(r, 6) {
		group.Members = append(group.Members, sandbox.GenesysMember{Value: id(genesysGroupKind, 90), Type: "Group"})
	}
	if one(r, 6) {
		group.Members = append(group.Members, sandbox.GenesysMember{Value: id(accountKind, 300+g)}) // nobody's
	}
	w.org.Groups, w.rules = append(w.org.Groups, group), append(w.rules, rule)
}

// switches are what nobody knows for certain about the services.
func (w *simWorld) switches(r *rand.Rand) {
	w.entra.Switches.HiddenCount = pick(r, sandbox.Choice("missing"), "counted")
	w.expires = pick(r, time.Hour, 0)
	s := &w.org.Switches
	s.VersionConflict = pick(r, sandbox.Choice("409"), "400", "400-plain", "412")
	s.UnknownMember = pick(r, sandbox.Choice("400"), "404", "dropped")
	s.InactiveMembers = pick(r, sandbox.Choice("taken"), "taken", "refused")
	s.UnseenMembers = pick(r, sandbox.Choice("taken"), "taken", "refused")
	s.LargePage = pick(r, sandbox.Choice("cut"), "429", "400", "honoured")
	s.MembersAbsentWhenEmpty, s.PutWithoutBody, s.IDFilterFindsInactive = one(r, 2), one(r, 4), one(r, 2)
	if one(r, 5) {
		s.LateApplication = sandbox.Duration(time.Duration(pick(r, 1, 5, 20, 35, 100)) * time.Second)
	}
	if one(r, 5) {
		s.ListLag = sandbox.Duration(time.Duration(pick(r, 1, 30)) * time.Second)
	}
	if w.ruled = one(r, 15); w.ruled {
		s.RuleMembers = map[string][]string{w.rules[0].group: {w.org.Users[0].ID}}
	}
}

// settings are the configuration of the rules as they are now, with the flags of a run. All that a run has is made here.
func (s *sim) settings(run *simRun) pipeline.Settings {
	s.allowances = map[string]int{}
	maps.Copy(s.allowances, run.allow)
	settings := pipeline.Settings{
		Match: membership.DefaultKeys(),
		Policy: plan.Policy{
			Limits: s.spec.planLimits(), NoRemovals: run.noRemovals,
			AllowRemovals: s.allowances, AllowAdditions: run.allowAdd,
		},
		DropDisabled: s.spec.dropped, Expires: s.spec.expires, ReadBack: 30 * time.Second,
		Concurrency: pipeline.Concurrency{Entra: 1, Genesys: 1}, // one request at a time, so that a seed replays exactly
		Retry:       rest.Retry{Attempts: 3, Base: time.Millisecond, Max: time.Millisecond},
	}
	for _, rule := range s.spec.rules {
		settings.Mappings = append(settings.Mappings, rule.mapping())
	}
	return settings
}

func (rule simRule) mapping() pipeline.Mapping {
	m := pipeline.Mapping{Exclude: rule.exclude, Nested: rule.nested, Rule: plan.Rule{
		Name: rule.name, Entra: rule.entra, Genesys: rule.ref, Mode: rule.mode, AllowEmpty: rule.allowEmpty,
	}}
	for _, name := range rule.protect {
		p, err := plan.ParsePattern(name)
		if err != nil {
			panic(err)
		}
		m.Protect = append(m.Protect, p)
	}
	return m
}
