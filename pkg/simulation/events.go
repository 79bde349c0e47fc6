package simulation

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/sandbox"
)

// event is something that somebody else does. It says what it did, or nothing if there was nothing to do.
type event struct {
	weight int
	do     func(*sim, *sandbox.Entra, *sandbox.Genesys) string
}

func allEvents() []event {
	return []event{
		{3, joins}, {4, leavesTeam}, {4, joinsBoth}, {2, renames}, {2, deletes}, {1, isDisabled}, {1, deactivates}, {1, closesAccount},
		{2, renamesAccount}, {6, adminAdds}, {4, adminRemoves}, {1, renamesGroup}, {2, takesName}, {1, makesNamesake},
		{1, deletesGroup}, {1, deletesTeam}, {1, hidesTeam}, {1, nests}, {1, hidesMembers}, {1, moves}, {1, takesID},
	}
}

// event lets one thing happen. Nobody has two in one run: then a run cannot see of one person what never was.
func (s *sim) event() {
	events := allEvents()
	total := 0
	for _, e := range events {
		total += e.weight
	}
	n, i := s.r.IntN(total), 0
	for ; n >= events[i].weight; i++ {
		n -= events[i].weight
	}
	s.happen("event", events[i].do)
}

func (s *sim) happen(kind string, do func(*sim, *sandbox.Entra, *sandbox.Genesys) string) {
	said := ""
	err := s.world.Edit(func(entra *sandbox.Entra, org *sandbox.Genesys) { said = do(s, entra, org) })
	if err != nil {
		s.fail("an event: %v", err)
	}
	if said != "" {
		s.say("%s", said)
		s.met[kind]++
		s.events++
		s.snapshot()
	}
}

// edit lets an admin add somebody to one group.
func (s *sim) edit(group string) {
	s.happen("edit right before a PUT", func(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
		for i := range org.Groups {
			if org.Groups[i].ID == group {
				return adds(&org.Groups[i], pick(s.r, org.Users...))
			}
		}
		return ""
	})
}

func adds(g *sandbox.GenesysGroup, u sandbox.GenesysUser) string {
	if slices.ContainsFunc(g.Members, func(m sandbox.GenesysMember) bool { return m.Value == u.ID }) {
		return ""
	}
	g.Members = append(g.Members, sandbox.GenesysMember{Value: u.ID})
	return fmt.Sprintf("an admin adds %q (%s) to %s", u.UserName, u.ID, g.DisplayName)
}

// fresh says whether nothing has happened to somebody in this run yet, and that now it does.
func (s *sim) fresh(id string) bool {
	was := s.touched[number(id)]
	s.touched[number(id)] = true
	return !was
}

func joins(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g, u := &entra.Groups[s.r.IntN(len(entra.Groups))], pick(s.r, entra.Users...)
	if slices.Contains(g.Members, u.ID) || !s.fresh(u.ID) {
		return ""
	}
	g.Members = append(g.Members, u.ID)
	return u.UserPrincipalName + " joins " + g.DisplayName
}

// joinsBoth puts somebody into a source and into what it excludes at one moment, so that there is none at which they belong.
func joinsBoth(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	place := func(ids []string) int {
		return slices.IndexFunc(entra.Groups, func(g sandbox.EntraGroup) bool { return slices.Contains(ids, g.ID) })
	}
	u := pick(s.r, entra.Users...)
	for _, m := range s.spec.mappings {
		source, out := place(m.Sources), place(m.Exclude)
		if source < 0 || out < 0 || source == out || slices.Contains(entra.Groups[source].Members, u.ID) || !s.fresh(u.ID) {
			continue
		}
		entra.Groups[source].Members = append(entra.Groups[source].Members, u.ID)
		if !slices.Contains(entra.Groups[out].Members, u.ID) {
			entra.Groups[out].Members = append(entra.Groups[out].Members, u.ID)
		}
		s.met["joins source and exclude at once"]++
		return u.UserPrincipalName + " joins " + entra.Groups[source].DisplayName + " and the excluded " + entra.Groups[out].DisplayName
	}
	return ""
}

func leavesTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g := &entra.Groups[s.r.IntN(len(entra.Groups))]
	if len(g.Members) == 0 {
		return ""
	}
	at := s.r.IntN(len(g.Members))
	who := g.Members[at]
	if !s.fresh(who) {
		return ""
	}
	g.Members = slices.Delete(g.Members, at, at+1)
	return who + " leaves " + g.DisplayName
}

// renames gives somebody a new name; sometimes the old one stays as an alias.
func renames(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	u := &entra.Users[s.r.IntN(len(entra.Users))]
	if !s.fresh(u.ID) {
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
	if len(entra.Users) < 4 || !s.fresh(u.ID) {
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
	if !s.fresh(u.ID) {
		return ""
	}
	u.AccountEnabled = !u.AccountEnabled
	return fmt.Sprintf("%s is enabled: %v", u.UserPrincipalName, u.AccountEnabled)
}

func deactivates(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	u := &org.Users[s.r.IntN(len(org.Users))]
	if !s.fresh(u.ID) {
		return ""
	}
	u.Active = !u.Active
	return fmt.Sprintf("account %q (%s) is active: %v", u.UserName, u.ID, u.Active)
}

// closesAccount leaves the id behind in the groups.
func closesAccount(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	at := s.r.IntN(len(org.Users))
	u := org.Users[at]
	if len(org.Users) < 4 || !s.fresh(u.ID) {
		return ""
	}
	org.Users = slices.Delete(org.Users, at, at+1)
	return fmt.Sprintf("account %q (%s) is deleted", u.UserName, u.ID)
}

// moves puts an account into a division that the client does not see, or back.
func moves(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	u := &org.Users[s.r.IntN(len(org.Users))]
	if len(org.Divisions) == 0 || !s.fresh(u.ID) {
		return ""
	}
	if u.Division == "Berlin" {
		u.Division = "Home"
	} else {
		u.Division = "Berlin"
	}
	return fmt.Sprintf("account %q (%s) moves to %s", u.UserName, u.ID, u.Division)
}

// renamesAccount does in Genesys what has happened in Entra before.
func renamesAccount(s *sim, entra *sandbox.Entra, org *sandbox.Genesys) string {
	for i := range org.Users {
		for _, u := range entra.Users {
			taken := slices.ContainsFunc(org.Users, func(a sandbox.GenesysUser) bool { return a.UserName == u.UserPrincipalName })
			if number(u.ID) == number(org.Users[i].ID) && !taken && s.fresh(u.ID) {
				old := org.Users[i].UserName
				org.Users[i].UserName = u.UserPrincipalName
				return fmt.Sprintf("account %q (%s) is called %s", old, org.Users[i].ID, u.UserPrincipalName)
			}
		}
	}
	return ""
}

func adminAdds(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	return adds(&org.Groups[s.r.IntN(len(org.Groups))], pick(s.r, org.Users...))
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
