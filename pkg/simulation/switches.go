package simulation

import (
	"math/rand/v2"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

func (w *worldSpec) chooseLimits(r *rand.Rand) {
	c := &w.config
	share := func(n, floor int) oracle.Limit { return oracle.Limit{Share: true, N: n, Floor: floor} }
	c.Remove = pick(r, oracle.Limit{N: 1 + r.IntN(4)}, share(30, 1), share(50, 2))
	c.Total = pick(r, oracle.Limit{N: 3 + r.IntN(8)}, oracle.Limit{N: 1 + r.IntN(3)}, share(10, 2), share(25, 0))
	if oneIn(r, 12) {
		c.Remove = pick(r, oracle.Limit{}, share(0, 3), share(100, 5))
	}
	c.Add, c.AddEmpty = share(100, 50), 1000
	if oneIn(r, 4) {
		c.Add = pick(r, oracle.Limit{N: 1 + r.IntN(5)}, share(40, 2), share(0, 3))
		c.AddEmpty = 3 + r.IntN(8)
	}
	c.DropDisabled, w.noRemovals = oneIn(r, 5), oneIn(r, 12)
}

// chooseSwitches chooses the behaviour of the services where it is not documented.
func (w *worldSpec) chooseSwitches(r *rand.Rand) {
	w.entra.Switches.HiddenCount = pick(r, sandbox.Choice("missing"), "counted")
	w.expires = pick(r, time.Hour, 0)
	s := &w.org.Switches
	s.VersionConflict = pick(r, sandbox.Choice("409"), "400", "400-plain", "412")
	s.UnknownMember = pick(r, sandbox.Choice("400"), "404", "dropped")
	s.InactiveMembers = pick(r, sandbox.Choice("taken"), "taken", "refused")
	s.UnseenMembers = pick(r, sandbox.Choice("taken"), "taken", "refused")
	s.UnlistedUsers = pick(r, sandbox.Choice("found"), "missing")
	s.Individuals = pick(r, sandbox.Choice("whole"), "whole", "cut")
	s.LargePage = pick(r, sandbox.Choice("cut"), "429", "400", "honoured")
	s.MembersAbsentWhenEmpty, s.PutWithoutBody, s.IDFilterFindsInactive = oneIn(r, 2), oneIn(r, 4), oneIn(r, 2)
	if oneIn(r, 5) {
		s.LateApplication = sandbox.Duration(time.Duration(pick(r, 1, 5, 20, 35, 100)) * time.Second)
	}
	if oneIn(r, 5) {
		s.ListLag = sandbox.Duration(time.Duration(pick(r, 1, 30)) * time.Second)
	}
	if oneIn(r, 15) {
		s.RuleMembers = map[string][]string{w.groupIDs[w.mappings[0].Name]: {w.org.Users[0].ID}}
	}
}

// acceptsMembers says whether Genesys accepts a PUT of these members, and whether it keeps all of them.
func (s *sim) acceptsMembers(ids []string, group oracle.Group) (taken, whole bool) {
	org, sw := s.world.Genesys(), s.spec.org.Switches
	taken, whole = true, true
	for _, id := range ids {
		at, known := -1, false
		for i, u := range org.Users {
			listed := len(org.Divisions) == 0 || u.Division == "" || u.Division == "Home"
			if u.ID == id && (listed || sw.UnlistedUsers != "missing") {
				at, known = i, true
			}
		}
		isMember, other := false, false
		for _, m := range group.Members {
			isMember, other = isMember || m.ID == id, other || m.ID == id && m.Other
		}
		switch {
		case other, !known && isMember && sw.UnseenMembers != "refused":
		case known && (org.Users[at].Active || sw.InactiveMembers != "refused"):
		case !known && sw.UnknownMember == "dropped":
			whole = false
		default:
			taken = false
		}
	}
	return taken, whole
}
