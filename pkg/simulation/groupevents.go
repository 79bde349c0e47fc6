package simulation

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/sandbox"
)

func deletesTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	if len(entra.Groups) < 4 {
		return ""
	}
	at := s.r.IntN(len(entra.Groups))
	name := entra.Groups[at].DisplayName
	entra.Groups = slices.Delete(entra.Groups, at, at+1)
	return "Entra group " + name + " is deleted"
}

// hidesTeam makes a group one whose members are hidden. Entra lets nobody do that to a group that there is, and this stands
// for one that was made anew.
func hidesTeam(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
	g := &entra.Groups[s.r.IntN(len(entra.Groups))]
	if g.Visibility != "" {
		return ""
	}
	g.Visibility = "HiddenMembership"
	return g.DisplayName + " is hidden"
}

// nests puts a group into another one. That happens to everybody within, and so it does only if nothing has happened to them.
func nests(s *sim, entra *sandbox.Entra, _ *sandbox.Genesys) string {
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

// hidesMembers lets a group show its members to nobody, or show them again.
func hidesMembers(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	g.HidesMembers = !g.HidesMembers
	g.Version++
	return fmt.Sprintf("%s hides its members: %v", g.DisplayName, g.HidesMembers)
}

func renamesGroup(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	old := g.DisplayName
	g.DisplayName = fmt.Sprintf("%s-%d", old, len(s.lines))
	return "an admin renames " + old + " to " + g.DisplayName
}

// takesName gives a group a name by which an entry means one; perhaps its own, that it had before.
func takesName(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	g := &org.Groups[s.r.IntN(len(org.Groups))]
	m := pick(s.r, s.spec.mappings...)
	if one(s.r, 2) {
		for i := range org.Groups {
			if org.Groups[i].ID == s.spec.meant[m.Name] {
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

// takesID gives a group the id as its name by which an entry means a group that is gone.
func takesID(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	for _, m := range s.spec.mappings {
		there := slices.ContainsFunc(org.Groups, func(g sandbox.GenesysGroup) bool { return g.ID == m.Ref })
		g := &org.Groups[s.r.IntN(len(org.Groups))]
		if m.Ref != s.spec.meant[m.Name] || there || g.DisplayName == m.Ref {
			continue
		}
		old := g.DisplayName
		g.DisplayName = m.Ref
		s.met["an id taken for a name"]++
		return "an admin renames " + old + " (" + g.ID + ") to " + g.DisplayName
	}
	return ""
}

// makesNamesake makes a second group of a name.
func makesNamesake(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	n := 0x100 + len(s.lines)
	g := sandbox.GenesysGroup{ID: id(groupKind, n), ExternalID: fmt.Sprintf("x%d", n), Version: 1}
	g.DisplayName = pick(s.r, org.Groups...).DisplayName
	for _, u := range some(s.r, 2, org.Users) {
		g.Members = append(g.Members, sandbox.GenesysMember{Value: u.ID})
	}
	if slices.ContainsFunc(org.Groups, func(old sandbox.GenesysGroup) bool { return old.ID == g.ID }) {
		return ""
	}
	org.Groups = append(org.Groups, g)
	return "an admin makes a second " + g.DisplayName
}

func deletesGroup(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	if len(org.Groups) < 3 {
		return ""
	}
	at := s.r.IntN(len(org.Groups))
	g := org.Groups[at]
	org.Groups = slices.Delete(org.Groups, at, at+1)
	return "an admin deletes " + g.DisplayName + " (" + g.ID + ")"
}
