package simulation

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
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
	clientKind = 10
)

// id returns an id in the form of both services. The same kind and number give the same id.
func id(kind, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, n) }

// number returns the part of an id that a person and their account have in common.
func number(id string) string { return id[len(id)-12:] }

func compare(a, b string) int { return strings.Compare(a, b) }

// worldSpec is the world and the configuration of a seed.
type worldSpec struct {
	mappings   []oracle.Mapping
	config     oracle.Config
	entra      sandbox.Entra
	org        sandbox.Genesys
	groupIDs   map[string]string // id of the group of each mapping, by the name of the mapping
	noRemovals bool              // no run removes anybody
	expires    time.Duration     // of files; 0: a day
	twins      bool              // two mappings may mean one group
	cron       bool              // a scheduler runs sync, with --quiet
	always     Feature
	atOnce     bool // a run has several requests in parallel
}

// name returns the userPrincipalName of a person. Some names have letters that look like others.
func name(n int) string {
	return fmt.Sprintf("%s%d@contoso.com", []string{"p", "kim", "iris", "Nikki"}[n%4], n)
}

func newSpec(r *rand.Rand, always Feature) *worldSpec {
	w := &worldSpec{
		config: oracle.Config{Keys: []string{"userPrincipalName", "mail"}},
		entra: sandbox.Entra{
			TenantID: id(tenantKind, 1), Domain: domain, ClientID: id(clientKind, 1), ClientSecret: entraSecret,
			Roles: []string{"GroupMember.Read.All", "User.Read.All"}, PageSize: 2 + r.IntN(9), Seed: r.Uint64(),
		},
		org: sandbox.Genesys{
			Region: region, ClientID: id(clientKind, 2), ClientSecret: genesysSecret, Permissions: []string{"directory:group:edit"},
			MaxPage: 3 + r.IntN(23), Seed: r.Uint64(),
		},
		groupIDs: map[string]string{}, always: always,
	}
	w.cron = always == Mails || oneIn(r, 3) || always == Clocks && oneIn(r, 2)
	switch r.IntN(8) {
	case 0:
		w.config.Keys = []string{"employeeId", "userPrincipalName"}
	case 1:
		w.config.Keys = pick(r, []string{"userPrincipalName"}, []string{"objectId", "mail"}, []string{"mail", "userPrincipalName"})
	}
	if oneIn(r, 8) {
		w.entra.Roles, w.config.SeesHidden = append(w.entra.Roles, "Member.Read.Hidden"), true
	}
	people := 8 + r.IntN(20)
	for n := range people {
		w.addPerson(r, n)
	}
	for n := range 4 { // accounts without a person: emergency access, services, former employees
		w.addAccount(people+n, fmt.Sprintf("svc-%d@contoso.com", n), true)
	}
	w.assignDivisions(r)
	w.addTeams(r)
	w.chooseLimits(r)
	for g := range 2 + r.IntN(3) {
		w.addMapping(r, g)
	}
	if oneIn(r, 10) {
		w.addTwin()
	}
	w.addOtherGroups(r)
	w.chooseSwitches(r)
	if oneIn(r, 12) {
		w.renameDomain(r)
	}
	return w
}

// renameDomain gives several people new names, as when a company changes its domain. The accounts keep their names.
func (w *worldSpec) renameDomain(r *rand.Rand) {
	aliases := oneIn(r, 2)
	for i := range min(len(w.entra.Users), 4+r.IntN(8)) {
		u := &w.entra.Users[i]
		if aliases {
			u.ProxyAddresses = append(u.ProxyAddresses, "smtp:"+u.UserPrincipalName)
		}
		u.UserPrincipalName = "moved-" + strings.TrimSpace(u.UserPrincipalName)
		u.Mail, u.EmployeeID = u.UserPrincipalName, "M"+u.EmployeeID
	}
}

// addPerson adds a person and, in most cases, an account that is found by one of their names.
func (w *worldSpec) addPerson(r *rand.Rand, n int) {
	u := sandbox.EntraUser{
		ID: id(personKind, n), UserPrincipalName: name(n), Mail: name(n), DisplayName: fmt.Sprint("Person ", n),
		EmployeeID: fmt.Sprintf("E%d", n), AccountEnabled: !oneIn(r, 12),
	}
	switch r.IntN(22) {
	case 0, 1: // without an account
	case 2, 3: // found by mail only
		u.UserPrincipalName = fmt.Sprintf("upn%d@contoso.com", n)
		w.addAccount(n, name(n), true)
	case 4, 5: // two accounts
		u.Mail = fmt.Sprintf("mail%d@contoso.com", n)
		w.addAccount(n, name(n), true)
		w.addAccount(200+n, u.Mail, true)
	case 6, 7: // has the mail of somebody else
		u.Mail = name(max(0, n-1))
		w.addAccount(n, name(n), true)
	case 8, 9:
		w.addAccount(n, name(n), false)
	case 10: // the account only looks like theirs
		w.addAccount(n, lookalike(r, name(n)), true)
	case 11: // a second account that looks like theirs
		w.addAccount(n, name(n), true)
		w.addAccount(300+n, lookalike(r, name(n)), true)
	case 12: // case and white space are ignored
		u.Mail = pick(r, name(n), " "+name(n), name(n)+"\t")
		w.addAccount(n, pick(r, name(n), strings.ToUpper(name(n))), true)
	case 13: // an old account with the same name
		w.addAccount(n, name(n), true)
		w.addAccount(400+n, name(n), false)
	case 14: // the mail is the userPrincipalName of somebody else
		u.UserPrincipalName = fmt.Sprintf("upn%d@contoso.com", n)
		w.addAccount(n, name(n), true)
		w.entra.Users = append(w.entra.Users, sandbox.EntraUser{
			ID: id(personKind, 500+n), UserPrincipalName: name(n), DisplayName: "Stranger", EmployeeID: fmt.Sprintf("E5%d", n),
			AccountEnabled: true,
		})
	default:
		w.addAccount(n, name(n), true)
	}
	w.entra.Users = append(w.entra.Users, u)
}

// lookalike replaces one character of a name by one that looks like it.
func lookalike(r *rand.Rand, name string) string {
	letters := pick(r, [2]string{"k", "\u212a"}, [2]string{"i", "\u0130"}, [2]string{"i", "\u0131"}, [2]string{"p", "\uff50"})
	replaced := strings.ReplaceAll(name, letters[0], letters[1])
	if replaced == name {
		return pick(r, "\u00a0", "\u3000") + name
	}
	return replaced
}

func (w *worldSpec) addAccount(n int, name string, active bool) {
	w.org.Users = append(w.org.Users, sandbox.GenesysUser{
		ID: id(accountKind, n), UserName: name, DisplayName: fmt.Sprint("Account ", n), Active: active,
		ExternalID: id(personKind, n), EmployeeNumber: fmt.Sprintf("E%d", n),
	})
}

// assignDivisions puts some accounts into a division that the client does not see.
func (w *worldSpec) assignDivisions(r *rand.Rand) {
	if !oneIn(r, 4) {
		return
	}
	w.org.Divisions = []string{"Home"}
	for i := range w.org.Users {
		w.org.Users[i].Division = pick(r, "", "Home", "Home", "Berlin")
	}
}

// addTeams adds Entra groups. Some of them are nested.
func (w *worldSpec) addTeams(r *rand.Rand) {
	for g := range 5 {
		team := sandbox.EntraGroup{ID: id(teamKind, g), DisplayName: fmt.Sprintf("E%d", g)}
		for _, u := range sample(r, pick(r, 2, 5, 7), w.entra.Users) {
			if u.DisplayName != "Stranger" {
				team.Members = append(team.Members, u.ID)
			}
		}
		if g > 0 && oneIn(r, 3) {
			team.Members = append(team.Members, id(teamKind, g-1))
		}
		w.entra.Groups = append(w.entra.Groups, team)
	}
}

// addMapping adds a mapping, and a Genesys group whose members are similar to those of the source.
func (w *worldSpec) addMapping(r *rand.Rand, g int) {
	m := oracle.Mapping{
		Name: w.groupName(r, g), Ref: id(groupKind, g), Sources: []string{id(teamKind, r.IntN(5))},
		Nested: oneIn(r, 3), AllowEmpty: oneIn(r, 3), Unmatched: !oneIn(r, 4),
		Mode: pick(r, oracle.Mirror, oracle.Mirror, oracle.Mirror, oracle.Mirror, oracle.Mirror, oracle.AddOnly, oracle.Paused),
	}
	w.groupIDs[m.Name] = m.Ref
	if other := id(teamKind, r.IntN(5)); oneIn(r, 3) && other != m.Sources[0] {
		m.Sources = append(m.Sources, other)
	}
	if oneIn(r, 3) {
		who := pick(r, w.entra.Users...)
		m.Exclude = append(m.Exclude, pick(r, id(teamKind, r.IntN(5)), id(teamKind, r.IntN(5)), who.ID, who.UserPrincipalName))
	}
	if oneIn(r, 3) {
		m.Protect = append(m.Protect, w.protectPattern(r))
	}
	if oneIn(r, 3) {
		m.Ref = m.Name
	}
	group := sandbox.GenesysGroup{ID: w.groupIDs[m.Name], DisplayName: m.Name, ExternalID: fmt.Sprintf("x%d", g)}
	group.Version = 1 + r.IntN(5)
	view := oracle.See(m, w.config, tenantOf(w.entra), orgOf(w.org))
	for _, u := range w.org.Users {
		wanted := view.Wanted(u.ID)
		if wanted && !oneIn(r, 5) || !wanted && oneIn(r, 8) {
			group.Members = append(group.Members, sandbox.GenesysMember{Value: u.ID})
		}
	}
	group.HidesMembers = oneIn(r, 12)
	if oneIn(r, 6) {
		group.Members = append(group.Members, sandbox.GenesysMember{Value: id(groupKind, 90), Type: "Group"})
	}
	if oneIn(r, 6) {
		group.Members = append(group.Members, sandbox.GenesysMember{Value: id(accountKind, 0xf00+g)}) // nobody's
	}
	if oneIn(r, 20) {
		group.Members = nil
	}
	w.org.Groups, w.mappings = append(w.org.Groups, group), append(w.mappings, m)
}

// protectPattern returns an account or a pattern for the setting protect.
func (w *worldSpec) protectPattern(r *rand.Rand) string {
	u := pick(r, w.org.Users...)
	return pick(r, strings.TrimSpace(u.UserName), u.ID, "svc-*@contoso.com", strings.TrimSpace(u.UserName))
}

// addTwin adds a second entry for the group of the first one. One of them uses its id and the other one its name.
func (w *worldSpec) addTwin() {
	first := w.mappings[0]
	last := w.entra.Groups[len(w.entra.Groups)-1].ID
	second := oracle.Mapping{Name: "Twin", Ref: w.groupIDs[first.Name], Sources: []string{last}, Mode: oracle.Mirror}
	if first.Ref == second.Ref {
		second.Ref = first.Name
	}
	w.groupIDs[second.Name] = w.groupIDs[first.Name]
	w.mappings, w.twins = append(w.mappings, second), true
}

// addOtherGroups adds a group that no entry means. Sometimes its name is the id of a deleted group.
func (w *worldSpec) addOtherGroups(r *rand.Rand) {
	w.org.Groups = append(w.org.Groups, sandbox.GenesysGroup{
		ID: id(groupKind, 90), DisplayName: "Nobody's", ExternalID: "x90", Version: 1,
		Members: []sandbox.GenesysMember{{Value: id(accountKind, 0)}},
	})
	if oneIn(r, 10) {
		gone := len(w.mappings) - 1
		m := &w.mappings[gone]
		if w.twins || m.Ref != w.groupIDs[m.Name] {
			return
		}
		w.org.Groups = append(w.org.Groups[:gone], w.org.Groups[gone+1:]...)
		w.org.Groups[len(w.org.Groups)-1].DisplayName = m.Ref
	}
}

// groupName returns the name of a group. Some names are hard to type.
func (w *worldSpec) groupName(r *rand.Rand, g int) string {
	name, before := fmt.Sprintf("G%d", g), ""
	if g > 0 {
		before = w.mappings[g-1].Name
	}
	if w.always == Flags || oneIn(r, 4) {
		return hardName(r, name, before)
	}
	return name
}
