package pipeline

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// AbsentError says that a file has nothing about groups that the run is to work on. The file and the configuration may
// both be right; then the call has to select the groups that are in the file.
type AbsentError struct {
	File   string      // kind of the file: "membership file" or "plan"
	Absent []plan.Rule // groups that the run is to work on and that are not in the file
	Has    []plan.Rule // groups of the configuration that are in the file
}

func (e *AbsentError) Error() string {
	names := list.Map(e.Absent, func(r plan.Rule) string { return strconv.Quote(r.Name) })
	slices.Sort(names)
	if len(names) == 1 {
		return fmt.Sprintf("group %s of the configuration is not in the %s", names[0], e.File)
	}
	return fmt.Sprintf("groups %s of the configuration are not in the %s", firstOf(names), e.File)
}

// absent returns an AbsentError if a group that the run is to work on is not in a file. file is the kind of the file.
func (s Settings) absent(file string, wanted []Mapping, has func(Mapping) bool) error {
	e := &AbsentError{File: file}
	for _, m := range s.Mappings {
		if has(m) {
			e.Has = append(e.Has, m.Rule)
		}
	}
	for _, m := range wanted {
		if !has(m) {
			e.Absent = append(e.Absent, m.Rule)
		}
	}
	if len(e.Absent) == 0 {
		return nil
	}
	return e
}

// join returns an error unless the membership file fits the configuration: the same tenant, the same Genesys groups, the
// same Entra groups for each of them, and the same way of taking the members. A difference means that the file was taken
// with another configuration.
func (w *work) join() error {
	s := w.settings
	if s.Tenant != "" && w.memberships.tenant != "" && s.Tenant != w.memberships.tenant {
		return mismatch("the membership comes from Entra tenant %s, and the configuration names %s",
			w.memberships.tenant, s.Tenant)
	}
	for _, g := range w.memberships.groups {
		known := slices.ContainsFunc(s.Mappings, func(m Mapping) bool { return m.Genesys == g.Genesys })
		if !known {
			return mismatch("group %q of the membership file leads to Genesys group %q, "+
				"to which no entry of the configuration leads", g.Name, g.Genesys)
		}
	}
	wanted := s.workedOn()
	if err := s.absent("membership file", wanted, func(m Mapping) bool { return w.wanted(m) != nil }); err != nil {
		return err
	}
	for _, m := range wanted {
		g := w.wanted(m)
		if !slices.Equal(membership.Distinct(g.Entra), membership.Distinct(m.Entra)) {
			return mismatch("group %q comes from other Entra groups in the membership file than in the configuration", m.Name)
		}
		if text := g.takenOtherwise(m, s.disabledUsers()); text != "" {
			return &fileError{mismatch("group %q: %s", m.Name, text), newMembership}
		}
	}
	return nil
}
