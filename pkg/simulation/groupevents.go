package simulation

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/sandbox"
)

func deleteTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	if len(entra.Groups) < 4 {
		return ""
	}
	at := s.r.IntN(len(entra.Groups))
	name := entra.Groups[at].DisplayName
	entra.Groups = slices.Delete(entra.Groups, at, at+1)
	return "Entra group " + name + " is deleted"
}

// hideTeam hides the members of a group. Entra does not allow this for an existing group; the event stands for a group
// that was deleted and created again.
func hideTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g := &entra.Groups[s.r.IntN(len(entra.Groups))]
	if g.Visibility != "" {
		return ""
	}
	g.Visibility = "HiddenMembership"
	return g.DisplayName + " is hidden"
}

// nestTeam adds a group to another one. This is an event of all its members, so none of them may have had one.
func nestTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	inner, outer := s.r.IntN(len(entra.Groups)), s.r.IntN(len(entra.Groups))
	g := &entra.Groups[outer]
	if inner == outer || slices.Contains(g.Members, entra.Groups[inner].ID) {
		return ""
	}
	for _, who := range entra.Groups[inner].Members {
		if s.touched[number(who)] {
			return ""
		}
	}
	for _, who := range entra.Groups[inner].Members {
		s.touched[number(who)] = true
	}
	g.Members = append(g.Members, entra.Groups[inner].ID)
	return entra.Groups[inner].DisplayName + " is nested in " + g.DisplayName
}

// toggleHiddenMembers hides the members of a group, or shows them again.
func toggleHiddenMembers(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	g.HidesMembers = !g.HidesMembers
	g.Version++
	return fmt.Sprintf("%s hides its members: %v", g.DisplayName, g.HidesMembers)
}

func renameGroup(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	old := g.DisplayName
	g.DisplayName = fmt.Sprintf("%s-%d", old, len(s.lines))
	return "an admin renames " + old + " to " + g.DisplayName
}

// takeGroupName gives a group a name that an entry uses for a group, possibly its own former name.
func takeGroupName(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	m := pick(s.r, s.spec.mappings...)
	if oneIn(s.r, 2) {
		for i := range org.Groups {
			if org.Groups[i].ID == s.spec.groupIDs[m.Name] {
				g = &org.Groups[i]
			}
		}
	}
	if g.DisplayName == m.Name {
		return ""
	}
	old := g.DisplayName
	g.DisplayName = m.Name
	return "an admin renames " + old + " (" + g.ID + ") to " + g.DisplayName
}

// takeGroupID gives a group as its name the id that an entry uses for a deleted group.
func takeGroupID(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	for _, m := range s.spec.mappings {
		there := slices.ContainsFunc(org.Groups, func(g sandbox.GenesysGroup) bool { return g.ID == m.Ref })
		g := &org.Groups[s.r.IntN(len(org.Groups))]
		if m.Ref != s.spec.groupIDs[m.Name] || there || g.DisplayName == m.Ref {
			continue
		}
		old := g.DisplayName
		g.DisplayName = m.Ref
		s.met["an id taken for a name"]++
		return "an admin renames " + old + " (" + g.ID + ") to " + g.DisplayName
	}
	return ""
}

// createNamesake creates a second group with the same name.
func createNamesake(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	n := 0x100 + len(s.lines)
	g := sandbox.GenesysGroup{ID: id(groupKind, n), ExternalID: fmt.Sprintf("x%d", n), Version: 1}
	g.DisplayName = pick(s.r, org.Groups...).DisplayName
	for _, u := range sample(s.r, 2, org.Users) {
		g.Members = append(g.Members, sandbox.GenesysMember{Value: u.ID})
	}
	if slices.ContainsFunc(org.Groups, func(old sandbox.GenesysGroup) bool { return old.ID == g.ID }) {
		return ""
	}
	org.Groups = append(org.Groups, g)
	return "an admin makes a second " + g.DisplayName
}

func deleteGroup(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	if len(org.Groups) < 3 {
		return ""
	}
	at := s.r.IntN(len(org.Groups))
	g := org.Groups[at]
	org.Groups = slices.Delete(org.Groups, at, at+1)
	return "an admin deletes " + g.DisplayName + " (" + g.ID + ")"
}
