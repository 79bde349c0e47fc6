package pipeline_test

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/sandbox"
)

// simEvent is something that somebody else does. It says what it did, or nothing if there was nothing to do.
type simEvent struct {
	weight int
	do     func(*sim, *sandbox.Entra, *sandbox.Genesys) string
}

func simEvents() []simEvent {
	return []simEvent{
		{3, joins}, {4, leaves}, {2, renames}, {2, deletes}, {1, isDisabled}, {1, deactivates}, {1, closesAccount},
		{2, renamesAccount}, {6, adminAdds}, {4, adminRemoves}, {1, renamesGroup}, {2, takesName}, {1, makesNamesake}, {1, deletesGroup},
		{1, deletesEntraGroup}, {1, hides}, {1, nests},
	}
}

// event lets one thing happen. Nobody has two in one run: then a run cannot see of one person what never was.
func (s *sim) event() {
	events := simEvents()
	total := 0
	for _, e := range events {
		total += e.weight
	}
	n := s.r.IntN(total)
	i := 0
	for ; n >= events[i].weight; i++ {
		n -= events[i].weight
	}
	said := ""
	err := s.world.Edit(func(entra *sandbox.Entra, org *sandbox.Genesys) { said = events[i].do(s, entra, org) })
	if err != nil {
		s.fail("an event: %v", err)
	}
	if said != "" {
		s.say("%s", said)
		s.met["event"]++
		s.snapshot()
	}
}

// edit lets an admin add somebody to one group.
func (s *sim) edit(group string) {
	said := ""
	err := s.world.Edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
		for i := range org.Groups {
			if org.Groups[i].ID == group {
				said = s.adds(&org.Groups[i], pick(s.r, org.Users...))
			}
		}
	})
	if err != nil {
		s.fail("an edit: %v", err)
	}
	if said != "" {
		s.say("%s", said)
		s.met["edit right before a PUT"]++
		s.snapshot()
	}
}

func (s *sim) adds(g *sandbox.GenesysGroup, u sandbox.GenesysUser) string {
	if slices.ContainsFunc(g.Members, func(m sandbox.GenesysMember) bool { return m.Value == u.ID }) {
		return ""
	}
	g.Members = append(g.Members, sandbox.GenesysMember{Value: u.ID})
	return "an admin adds " + u.UserName + " to " + g.DisplayName
}

// fresh says whether nothing has happened to somebody in this run yet, and that now it does.
func (s *sim) fresh(id string) bool {
	was := s.touched[id]
	s.touched[id] = true
	return !was
}

// number makes the id of a person or of his account comparable.
func number(id string) string { return id[len(id)-12:] }

func joins(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g, u := &entra.Groups[s.r.IntN(len(entra.Groups))], pick(s.r, entra.Users...)
	if slices.Contains(g.Members, u.ID) || !s.fresh(number(u.ID)) {
		return ""
	}
	g.Members = append(g.Members, u.ID)
	return u.UserPrincipalName + " joins " + g.DisplayName
}

func leaves(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g := &entra.Groups[s.r.IntN(len(entra.Groups))]
	if len(g.Members) == 0 {
		return ""
	}
	at := s.r.IntN(len(g.Members))
	who := g.Members[at]
	if !s.fresh(number(who)) {
		return ""
	}
	g.Members = slices.Delete(g.Members, at, at+1)
	return who + " leaves " + g.DisplayName
}

// renames gives somebody a new name; sometimes the old one stays as an alias.
func renames(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	u := &entra.Users[s.r.IntN(len(entra.Users))]
	if !s.fresh(number(u.ID)) {
		return ""
	}
	old, alias := u.UserPrincipalName, !one(s.r, 3)
	name := fmt.Sprintf("new%d-%s", len(s.lines), old)
	if alias {
		u.ProxyAddresses = append(u.ProxyAddresses, "smtp:"+old)
	}
	if u.Mail == old || one(s.r, 2) {
		u.Mail = name
	}
	u.UserPrincipalName = name
	return fmt.Sprintf("%s is called %s (alias: %v)", old, name, alias)
}

func deletes(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	at := s.r.IntN(len(entra.Users))
	u := entra.Users[at]
	if len(entra.Users) < 4 || !s.fresh(number(u.ID)) {
		return ""
	}
	entra.Users = slices.Delete(entra.Users, at, at+1)
	if one(s.r, 3) {
		return u.UserPrincipalName + " is deleted for good"
	}
	entra.DeletedUsers = append(entra.DeletedUsers, sandbox.EntraDeletedUser{EntraUser: u})
	return u.UserPrincipalName + " is deleted"
}

func isDisabled(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	u := &entra.Users[s.r.IntN(len(entra.Users))]
	if !s.fresh(number(u.ID)) {
		return ""
	}
	u.AccountEnabled = !u.AccountEnabled
	return fmt.Sprintf("%s is enabled: %v", u.UserPrincipalName, u.AccountEnabled)
}

func deactivates(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	u := &org.Users[s.r.IntN(len(org.Users))]
	if !s.fresh(number(u.ID)) {
		return ""
	}
	u.Active = !u.Active
	return fmt.Sprintf("account %s is active: %v", u.UserName, u.Active)
}

// closesAccount leaves the id behind in the groups.
func closesAccount(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	at := s.r.IntN(len(org.Users))
	u := org.Users[at]
	if len(org.Users) < 4 || !s.fresh(number(u.ID)) {
		return ""
	}
	org.Users = slices.Delete(org.Users, at, at+1)
	return "account " + u.UserName + " is deleted"
}

// renamesAccount does in Genesys what has happened in Entra before.
func renamesAccount(s *sim, entra *sandbox.Entra, org *sandbox.Genesys) string {
	for i := range org.Users {
		for _, u := range entra.Users {
			taken := slices.ContainsFunc(org.Users, func(a sandbox.GenesysUser) bool { return a.UserName == u.UserPrincipalName })
			if number(u.ID) == number(org.Users[i].ID) && !taken && s.fresh(number(u.ID)) {
				old := org.Users[i].UserName
				org.Users[i].UserName = u.UserPrincipalName
				return "account " + old + " is called " + u.UserPrincipalName
			}
		}
	}
	return ""
}

func adminAdds(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	return s.adds(&org.Groups[s.r.IntN(len(org.Groups))], pick(s.r, org.Users...))
}

func adminRemoves(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	if len(g.Members) == 0 {
		return ""
	}
	at := s.r.IntN(len(g.Members))
	who := g.Members[at].Value
	g.Members = slices.Delete(g.Members, at, at+1)
	return "an admin removes " + who + " from " + g.DisplayName
}

func deletesEntraGroup(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	if len(entra.Groups) < 4 {
		return ""
	}
	at := s.r.IntN(len(entra.Groups))
	name := entra.Groups[at].DisplayName
	entra.Groups = slices.Delete(entra.Groups, at, at+1)
	return "Entra group " + name + " is deleted"
}

// hides makes a group one whose members are hidden. Entra lets nobody do that to a group that there is, and this stands for
// one that was made anew.
func hides(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g := &entra.Groups[s.r.IntN(len(entra.Groups))]
	if g.Visibility != "" {
		return ""
	}
	g.Visibility = "HiddenMembership"
	return g.DisplayName + " is hidden"
}

// nests puts a group into another one. Whoever comes in by that counts as one to whom nothing else has happened.
func nests(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	inner, outer := s.r.IntN(len(entra.Groups)), s.r.IntN(len(entra.Groups))
	g := &entra.Groups[outer]
	if inner == outer || slices.Contains(g.Members, entra.Groups[inner].ID) {
		return ""
	}
	g.Members = append(g.Members, entra.Groups[inner].ID)
	return entra.Groups[inner].DisplayName + " is nested in " + g.DisplayName
}
