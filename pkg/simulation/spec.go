package simulation

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

const (
	entraSecret   = "entra-secret-of-the-simulation"
	genesysSecret = "genesys-secret-of-the-simulation"
	region        = "mypurecloud.ie"
	domain        = "contoso.onmicrosoft.com"
)

// The kinds of ids.
const (
	personKind = iota + 1
	teamKind
	accountKind
	groupKind
	tenantKind = 9
)

// id makes an id of the form that both services use; the same kind and number give the same id.
func id(kind, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, n) }

// number makes the id of a person and that of their account comparable.
func number(id string) string { return id[len(id)-12:] }

func compare(a, b string) int { return strings.Compare(a, b) }

// spec is a world as a seed decides it, with the configuration to work on it.
type spec struct {
	mappings   []oracle.Mapping
	config     oracle.Config
	entra      sandbox.Entra
	org        sandbox.Genesys
	meant      map[string]string // the id of the group that a mapping was made for, by its name
	noRemovals bool              // no run removes anybody
	expires    time.Duration     // of files; 0: a day
	twins      bool              // two mappings may mean one group
	cron       bool              // it is a scheduler that runs sync, with --quiet
	always     Feature
	atOnce     bool // a run has several requests under way
}

// name is the userPrincipalName of a person. Some have letters that others look like.
func name(n int) string {
	return fmt.Sprintf("%s%d@contoso.com", []string{"p", "kim", "iris", "Nikki"}[n%4], n)
}

func newSpec(r *rand.Rand, always Feature) *spec {
	w := &spec{
		config: oracle.Config{Keys: []string{"userPrincipalName", "mail"}},
		entra: sandbox.Entra{
			TenantID: id(tenantKind, 1), Domain: domain, ClientID: "app", ClientSecret: entraSecret,
			Roles: []string{"GroupMember.Read.All", "User.Read.All"}, PageSize: 2 + r.IntN(9), Seed: r.Uint64(),
		},
		org: sandbox.Genesys{
			Region: region, ClientID: "client", ClientSecret: genesysSecret, Permissions: []string{"directory:group:edit"},
			MaxPage: 3 + r.IntN(23), Seed: r.Uint64(),
		},
		meant: map[string]string{}, always: always,
	}
	w.cron = always == Mails || one(r, 3) || always == Clocks && one(r, 2)
	switch r.IntN(8) {
	case 0:
		w.config.Keys = []string{"employeeId", "userPrincipalName"}
	case 1:
		w.config.Keys = pick(r, []string{"userPrincipalName"}, []string{"objectId", "mail"}, []string{"mail", "userPrincipalName"})
	}
	if one(r, 8) {
		w.entra.Roles, w.config.SeesHidden = append(w.entra.Roles, "Member.Read.Hidden"), true
	}
	people := 8 + r.IntN(20)
	for n := range people {
		w.person(r, n)
	}
	for n := range 4 { // accounts of nobody: breakglass, robots, people of long ago
		w.account(people+n, fmt.Sprintf("svc-%d@contoso.com", n), true)
	}
	w.divide(r)
	w.teams(r)
	w.limits(r)
	for g := range 2 + r.IntN(3) {
		w.mapping(r, g)
	}
	if one(r, 10) {
		w.twin()
	}
	w.others(r)
	w.switches(r)
	if one(r, 12) {
		w.moves(r)
	}
	return w
}

// moves gives several people new names at once, as a company does that changes its domain. The accounts keep theirs.
func (w *spec) moves(r *rand.Rand) {
	aliases := one(r, 2)
	for i := range min(len(w.entra.Users), 4+r.IntN(8)) {
		u := &w.entra.Users[i]
		if aliases {
			u.ProxyAddresses = append(u.ProxyAddresses, "smtp:"+u.UserPrincipalName)
		}
		u.UserPrincipalName = "moved-" + strings.TrimSpace(u.UserPrincipalName)
		u.Mail, u.EmployeeID = u.UserPrincipalName, "M"+u.EmployeeID
	}
}

// person makes a person and, mostly, an account that is found by one of their names.
func (w *spec) person(r *rand.Rand, n int) {
	u := sandbox.EntraUser{
		ID: id(personKind, n), UserPrincipalName: name(n), Mail: name(n), DisplayName: fmt.Sprint("Person ", n),
		EmployeeID: fmt.Sprintf("E%d", n), AccountEnabled: !one(r, 12),
	}
	switch r.IntN(22) {
	case 0, 1: // without an account
	case 2, 3: // by mail only
		u.UserPrincipalName = fmt.Sprintf("upn%d@contoso.com", n)
		w.account(n, name(n), true)
	case 4, 5: // two accounts
		u.Mail = fmt.Sprintf("mail%d@contoso.com", n)
		w.account(n, name(n), true)
		w.account(200+n, u.Mail, true)
	case 6, 7: // the mail of somebody else
		u.Mail = name(max(0, n-1))
		w.account(n, name(n), true)
	case 8, 9:
		w.account(n, name(n), false)
	case 10: // an account that only looks like theirs
		w.account(n, lookalike(r, name(n)), true)
	case 11: // and one more that does
		w.account(n, name(n), true)
		w.account(300+n, lookalike(r, name(n)), true)
	case 12: // case and white space mean nothing
		u.Mail = pick(r, name(n), " "+name(n), name(n)+"\t")
		w.account(n, pick(r, name(n), strings.ToUpper(name(n))), true)
	case 13: // an old account of the same name
		w.account(n, name(n), true)
		w.account(400+n, name(n), false)
	case 14: // a mail that is the userPrincipalName of a stranger
		u.UserPrincipalName = fmt.Sprintf("upn%d@contoso.com", n)
		w.account(n, name(n), true)
		w.entra.Users = append(w.entra.Users, sandbox.EntraUser{
			ID: id(personKind, 500+n), UserPrincipalName: name(n), DisplayName: "Stranger", EmployeeID: fmt.Sprintf("E5%d", n),
			AccountEnabled: true,
		})
	default:
		w.account(n, name(n), true)
	}
	w.entra.Users = append(w.entra.Users, u)
}

// lookalike writes a name with one character that is another one.
func lookalike(r *rand.Rand, name string) string {
	letters := pick(r, [2]string{"k", "\u212a"}, [2]string{"i", "\u0130"}, [2]string{"i", "\u0131"}, [2]string{"p", "\uff50"})
	replaced := strings.ReplaceAll(name, letters[0], letters[1])
	if replaced == name {
		return pick(r, "\u00a0", "\u3000") + name
	}
	return replaced
}

func (w *spec) account(n int, name string, active bool) {
	w.org.Users = append(w.org.Users, sandbox.GenesysUser{
		ID: id(accountKind, n), UserName: name, DisplayName: fmt.Sprint("Account ", n), Active: active,
		ExternalID: id(personKind, n), EmployeeNumber: fmt.Sprintf("E%d", n),
	})
}

// divide puts some accounts where the client does not see them.
func (w *spec) divide(r *rand.Rand) {
	if !one(r, 4) {
		return
	}
	w.org.Divisions = []string{"Home"}
	for i := range w.org.Users {
		w.org.Users[i].Division = pick(r, "", "Home", "Home", "Berlin")
	}
}

// teams makes Entra groups, some of them in others.
func (w *spec) teams(r *rand.Rand) {
	for g := range 5 {
		team := sandbox.EntraGroup{ID: id(teamKind, g), DisplayName: fmt.Sprintf("E%d", g)}
		for _, u := range some(r, pick(r, 2, 5, 7), w.entra.Users) {
			if u.DisplayName != "Stranger" {
				team.Members = append(team.Members, u.ID)
			}
		}
		if g > 0 && one(r, 3) {
			team.Members = append(team.Members, id(teamKind, g-1))
		}
		w.entra.Groups = append(w.entra.Groups, team)
	}
}

// mapping makes a Genesys group that is somewhat like what feeds it.
func (w *spec) mapping(r *rand.Rand, g int) {
	m := oracle.Mapping{
		Name: w.nameOf(r, g), Ref: id(groupKind, g), Sources: []string{id(teamKind, r.IntN(5))},
		Nested: one(r, 3), AllowEmpty: one(r, 3), Unmatched: !one(r, 4),
		Mode: pick(r, oracle.Mirror, oracle.Mirror, oracle.Mirror, oracle.Mirror, oracle.Mirror, oracle.AddOnly, oracle.Paused),
	}
	w.meant[m.Name] = m.Ref
	if other := id(teamKind, r.IntN(5)); one(r, 3) && other != m.Sources[0] {
		m.Sources = append(m.Sources, other)
	}
	if one(r, 3) {
		who := pick(r, w.entra.Users...)
		m.Exclude = append(m.Exclude, pick(r, id(teamKind, r.IntN(5)), id(teamKind, r.IntN(5)), who.ID, who.UserPrincipalName))
	}
	if one(r, 3) {
		m.Protect = append(m.Protect, w.somebody(r))
	}
	if one(r, 3) {
		m.Ref = m.Name
	}
	group := sandbox.GenesysGroup{ID: w.meant[m.Name], DisplayName: m.Name, ExternalID: fmt.Sprintf("x%d", g)}
	group.Version = 1 + r.IntN(5)
	view := oracle.See(m, w.config, tenantOf(w.entra), orgOf(w.org))
	for _, u := range w.org.Users {
		wanted := view.Wanted(u.ID)
		if wanted && !one(r, 5) || !wanted && one(r, 8) {
			group.Members = append(group.Members, sandbox.GenesysMember{Value: u.ID})
		}
	}
	group.HidesMembers = one(r, 12)
	if one(r, 6) {
		group.Members = append(group.Members, sandbox.GenesysMember{Value: id(groupKind, 90), Type: "Group"})
	}
	if one(r, 6) {
		group.Members = append(group.Members, sandbox.GenesysMember{Value: id(accountKind, 0xf00+g)}) // nobody's
	}
	if one(r, 20) {
		group.Members = nil
	}
	w.org.Groups, w.mappings = append(w.org.Groups, group), append(w.mappings, m)
}

// somebody is an account as protect may name it.
func (w *spec) somebody(r *rand.Rand) string {
	u := pick(r, w.org.Users...)
	return pick(r, strings.TrimSpace(u.UserName), u.ID, "svc-*@contoso.com", strings.TrimSpace(u.UserName))
}

// twin makes a second entry that means the group of the first one, by its id where that names it by its name.
func (w *spec) twin() {
	first := w.mappings[0]
	last := w.entra.Groups[len(w.entra.Groups)-1].ID
	second := oracle.Mapping{Name: "Twin", Ref: w.meant[first.Name], Sources: []string{last}, Mode: oracle.Mirror}
	if first.Ref == second.Ref {
		second.Ref = first.Name
	}
	w.meant[second.Name] = w.meant[first.Name]
	w.mappings, w.twins = append(w.mappings, second), true
}

// others makes a group that no entry means. Sometimes it has a name that looks like an id: that of a group which is gone.
func (w *spec) others(r *rand.Rand) {
	w.org.Groups = append(w.org.Groups, sandbox.GenesysGroup{
		ID: id(groupKind, 90), DisplayName: "Nobody's", ExternalID: "x90", Version: 1,
		Members: []sandbox.GenesysMember{{Value: id(accountKind, 0)}},
	})
	if one(r, 10) {
		gone := len(w.mappings) - 1
		m := &w.mappings[gone]
		if w.twins || m.Ref != w.meant[m.Name] {
			return
		}
		w.org.Groups = append(w.org.Groups[:gone], w.org.Groups[gone+1:]...)
		w.org.Groups[len(w.org.Groups)-1].DisplayName = m.Ref
	}
}

// nameOf makes the name of a group. Some are hard to type.
func (w *spec) nameOf(r *rand.Rand, g int) string {
	name, before := fmt.Sprintf("G%d", g), ""
	if g > 0 {
		before = w.mappings[g-1].Name
	}
	if w.always == Flags || one(r, 4) {
		return hard(r, name, before)
	}
	return name
}
