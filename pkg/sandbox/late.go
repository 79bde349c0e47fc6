package sandbox

import (
	"slices"
	"time"
)

// GenesysPending is a PUT that was answered and has not taken effect yet. If the group has another version when it is due,
// it never takes effect.
type GenesysPending struct {
	Due       time.Time       `json:"due"`
	Group     string          `json:"group"`
	Version   int             `json:"version"` // the version that the PUT replaces
	Members   []GenesysMember `json:"members"`
	RequestID string          `json:"request_id"`

	ExternalID string `json:"external_id,omitempty"` // after the PUT
}

// GenesysPast is the former state of a group, for lists that lag.
type GenesysPast struct {
	Until time.Time    `json:"until"`
	Group GenesysGroup `json:"group"`
}

// replace makes the change of a PUT, now or later, and returns the group for the answer.
func (w *World) replace(c *request, group *GenesysGroup, change putChange) GenesysGroup {
	before := *group
	after := before
	after.Members, after.ExternalID = change.members, change.externalID
	after.Version++
	if late := time.Duration(w.genesys.Switches.LateApplication); late > 0 {
		w.genesys.Pending = append(w.genesys.Pending, GenesysPending{
			Due: time.Now().Add(late).UTC(), Group: group.ID, Version: before.Version, RequestID: c.id,
			Members: change.members, ExternalID: change.externalID,
		})
		w.changed = true
		return after
	}
	*group = after
	w.recordChange(time.Now(), "put", c.id, before, group)
	return after
}

// applyDue applies the pending PUTs that are due, with the time at which they were due, and removes former states that no
// list shows any more.
func (w *World) applyDue() {
	now := time.Now()
	w.genesys.Pending = slices.DeleteFunc(w.genesys.Pending, func(p GenesysPending) bool {
		if p.Due.After(now) {
			return false
		}
		w.changed = true
		if at, ok := w.index.groups[p.Group]; ok && w.genesys.Groups[at].Version == p.Version {
			group := &w.genesys.Groups[at]
			before := *group
			group.Members, group.ExternalID = p.Members, p.ExternalID
			group.Version++
			w.recordChange(p.Due, "late", p.RequestID, before, group)
		}
		return true
	})
	if w.listTime().IsZero() {
		return
	}
	w.genesys.Past = slices.DeleteFunc(w.genesys.Past, func(p GenesysPast) bool {
		gone := !p.Until.After(w.listTime())
		w.changed = w.changed || gone
		return gone
	})
}

// listTime returns the time whose state lists show; zero for the present.
func (w *World) listTime() time.Time {
	lag := time.Duration(w.genesys.Switches.ListLag)
	if lag <= 0 && len(w.genesys.Past) == 0 {
		return time.Time{}
	}
	return time.Now().Add(-lag)
}

// listedGroups returns the groups that a list shows: the present ones, or the former ones if lists lag.
func (w *World) listedGroups() []GenesysGroup {
	groups := slices.Clone(w.genesys.Groups)
	done := map[string]bool{}
	for _, p := range w.genesys.Past { // the oldest state of a group is first
		if done[p.Group.ID] {
			continue
		}
		done[p.Group.ID] = true
		if at, ok := w.index.groups[p.Group.ID]; ok {
			groups[at] = p.Group
		} else {
			groups = append(groups, p.Group)
		}
	}
	return groups
}

// visibleMembers returns the members that a GET of a group shows: its own, and those that its rules add.
func (w *World) visibleMembers(g GenesysGroup) []GenesysMember {
	members := slices.Clone(g.Members)
	for _, id := range w.genesys.Switches.RuleMembers[g.ID] {
		if !slices.ContainsFunc(members, func(m GenesysMember) bool { return m.Value == id }) {
			members = append(members, GenesysMember{Value: id, Type: "User"})
		}
	}
	return members
}
