package simulation

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/sandbox"
)

// event is a change by somebody else. do returns a description, or nothing if there was nothing to change.
type event struct {
	weight int
	do     func(*sim, *sandbox.Entra, *sandbox.Genesys) string
}

func allEvents() []event {
	return []event{
		{3, joinTeam}, {4, leaveTeam}, {4, joinSourceAndExclude},
		{2, renamePerson}, {2, deletePerson}, {1, toggleEnabled}, {1, toggleAccount}, {1, deleteAccount},
		{2, renameAccount}, {6, addMember}, {4, removeMember}, {1, renameGroup}, {2, takeGroupName}, {1, createNamesake},
		{1, deleteGroup}, {1, deleteTeam}, {1, hideTeam}, {1, nestTeam}, {1, toggleHiddenMembers}, {1, moveDivision}, {1, takeGroupID},
	}
}

// randomEvent applies one random event. A person has at most one event in a run, because a run cannot read a combination
// of two states that never existed.
func (s *sim) randomEvent() {
	events := allEvents()
	total := 0
	for _, e := range events {
		total += e.weight
	}
	n, i := s.r.IntN(total), 0
	for ; n >= events[i].weight; i++ {
		n -= events[i].weight
	}
	s.applyEvent("event", events[i].do)
}

func (s *sim) applyEvent(kind string, do func(*sim, *sandbox.Entra, *sandbox.Genesys) string) {
	said := ""
	err := s.world.Edit(func(entra *sandbox.Entra, org *sandbox.Genesys) { said = do(s, entra, org) })
	if err != nil {
		s.errorf("an event: %v", err)
	}
	if said != "" {
		s.logf("%s", said)
		s.met[kind]++
		s.events++
		s.snapshot()
	}
}

// edit adds a random account to one group, as an admin.
func (s *sim) edit(group string) {
	s.applyEvent("edit right before a PUT", func(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
		for i := range org.Groups {
			if org.Groups[i].ID == group {
				return addToGroup(&org.Groups[i], pick(s.r, org.Users...))
			}
		}
		return ""
	})
}

func addToGroup(g *sandbox.GenesysGroup, u sandbox.GenesysUser) string {
	if slices.ContainsFunc(g.Members, func(m sandbox.GenesysMember) bool { return m.Value == u.ID }) {
		return ""
	}
	g.Members = append(g.Members, sandbox.GenesysMember{Value: u.ID})
	return fmt.Sprintf("an admin adds %q (%s) to %s", u.UserName, u.ID, g.DisplayName)
}

// fresh says whether a person had no event in this run yet, and records that they have one now.
func (s *sim) fresh(id string) bool {
	was := s.touched[number(id)]
	s.touched[number(id)] = true
	return !was
}

func joinTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g, u := &entra.Groups[s.r.IntN(len(entra.Groups))], pick(s.r, entra.Users...)
	if slices.Contains(g.Members, u.ID) || !s.fresh(u.ID) {
		return ""
	}
	g.Members = append(g.Members, u.ID)
	return u.UserPrincipalName + " joins " + g.DisplayName
}

// joinSourceAndExclude adds a person to a source and to a group that it excludes at the same time, so that they are never
// wanted.
func joinSourceAndExclude(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
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

func leaveTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
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

// renamePerson gives a person a new name. In most cases the old one remains as an alias.
func renamePerson(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	u := &entra.Users[s.r.IntN(len(entra.Users))]
	if !s.fresh(u.ID) {
		return ""
	}
	old, alias := u.UserPrincipalName, !oneIn(s.r, 3)
	name := fmt.Sprintf("new%d-%s", len(s.lines), old)
	if alias {
		u.ProxyAddresses = append(u.ProxyAddresses, "smtp:"+old)
	}
	if u.Mail == old || oneIn(s.r, 2) {
		u.Mail = name
	}
	u.UserPrincipalName = name
	return fmt.Sprintf("%s is called %s (alias: %v)", old, name, alias)
}

func deletePerson(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	at := s.r.IntN(len(entra.Users))
	u := entra.Users[at]
	if len(entra.Users) < 4 || !s.fresh(u.ID) {
		return ""
	}
	entra.Users = slices.Delete(entra.Users, at, at+1)
	if oneIn(s.r, 3) {
		return u.UserPrincipalName + " is deleted for good"
	}
	entra.DeletedUsers = append(entra.DeletedUsers, sandbox.EntraDeletedUser{EntraUser: u})
	return u.UserPrincipalName + " is deleted"
}

func toggleEnabled(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	u := &entra.Users[s.r.IntN(len(entra.Users))]
	if !s.fresh(u.ID) {
		return ""
	}
	u.AccountEnabled = !u.AccountEnabled
	return fmt.Sprintf("%s is enabled: %v", u.UserPrincipalName, u.AccountEnabled)
}

func toggleAccount(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	u := &org.Users[s.r.IntN(len(org.Users))]
	if !s.fresh(u.ID) {
		return ""
	}
	u.Active = !u.Active
	return fmt.Sprintf("account %q (%s) is active: %v", u.UserName, u.ID, u.Active)
}

// deleteAccount deletes an account. Its id remains in the groups.
func deleteAccount(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	at := s.r.IntN(len(org.Users))
	u := org.Users[at]
	if len(org.Users) < 4 || !s.fresh(u.ID) {
		return ""
	}
	org.Users = slices.Delete(org.Users, at, at+1)
	return fmt.Sprintf("account %q (%s) is deleted", u.UserName, u.ID)
}

// moveDivision moves an account to a division that the client does not see, or back.
func moveDivision(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
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

// renameAccount gives an account the userPrincipalName that its person has now.
func renameAccount(s *sim, entra *sandbox.Entra, org *sandbox.Genesys) string {
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

func addMember(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	return addToGroup(&org.Groups[s.r.IntN(len(org.Groups))], pick(s.r, org.Users...))
}

func removeMember(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	if len(g.Members) == 0 {
		return ""
	}
	at := s.r.IntN(len(g.Members))
	who := g.Members[at].Value
	g.Members = slices.Delete(g.Members, at, at+1)
	return "an admin removes " + who + " from " + g.DisplayName
}
