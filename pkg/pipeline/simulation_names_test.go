package pipeline_test

import (
	"fmt"
	"slices"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/sandbox"
)

// An entry of the configuration names its Genesys group by id or by exact name, and names move.

// target is the group that an entry means: the one with the id, or the only one of the name; empty if there is none.
func (o *oracle) target(rule simRule) string {
	var named []string
	for _, g := range o.org.Groups {
		if g.ID == rule.ref {
			return g.ID
		}
		if g.DisplayName == rule.ref {
			named = append(named, g.ID)
		}
	}
	if len(named) != 1 {
		return ""
	}
	return named[0]
}

// leads says whether an entry has meant a group at some moment of a run.
func (s *sim) leads(run *simRun, rule simRule, group string) bool {
	return slices.ContainsFunc(s.momentsOf(run), func(m moment) bool {
		return newOracle(s.spec, &m.entra, &m.org).target(rule) == group
	})
}

// ruleOf is the one entry that a run may have written a group for: at some moment no other one meant it, and where it is
// named by its name, it had that name when it was written.
//
// An undo knows by its journal which group it is about, so that two of one name do not matter to it.
func (s *sim) ruleOf(run *simRun, c sandbox.Change) (simRule, bool) {
	if run.verb == undoes {
		at := slices.IndexFunc(run.rules, func(rule simRule) bool { return rule.ref == c.Group || rule.ref == c.Name })
		return run.rules[max(at, 0)], at >= 0
	}
	for _, m := range s.momentsOf(run) {
		o := newOracle(s.spec, &m.entra, &m.org)
		var leading []simRule
		for _, rule := range run.rules {
			if o.target(rule) == c.Group {
				leading = append(leading, rule)
			}
		}
		if len(leading) == 1 && (leading[0].ref == c.Group || leading[0].ref == c.Name) {
			return leading[0], leading[0].mode != plan.Paused
		}
	}
	return simRule{}, false
}

const twinName = "Twin"

// twins says whether two entries may mean one group.
func (s *sim) twins(run *simRun) bool {
	return slices.ContainsFunc(run.rules, func(rule simRule) bool { return rule.name == twinName })
}

// twin makes a second entry that means the group of the first one, by its id where that names it by its name.
func (w *simWorld) twin() {
	first := w.rules[0]
	second := simRule{name: twinName, ref: first.group, group: first.group, entra: []string{w.entra.Groups[len(w.entra.Groups)-1].ID}, mode: plan.Mirror}
	if first.ref == first.group {
		second.ref = first.name
	}
	w.rules = append(w.rules, second)
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
	rule := pick(s.r, s.spec.rules...)
	if one(s.r, 2) {
		for i := range org.Groups {
			if org.Groups[i].ID == rule.group {
				g = &org.Groups[i]
			}
		}
	}
	if g.DisplayName == rule.name {
		return ""
	}
	old := g.DisplayName
	g.DisplayName = rule.name
	return "an admin renames " + old + " (" + g.ID + ") to " + g.DisplayName
}

// makesNamesake makes a second group of a name.
func makesNamesake(s *sim, _ *sandbox.Entra, org *sandbox.Genesys) string {
	n := 0x100 + len(s.lines)
	g := sandbox.GenesysGroup{ID: id(genesysGroupKind, n), DisplayName: pick(s.r, org.Groups...).DisplayName, ExternalID: fmt.Sprintf("x%d", n), Version: 1}
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
