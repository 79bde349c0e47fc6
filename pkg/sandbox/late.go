package sandbox

import (
	"slices"
	"time"
)

// GenesysPending is a PUT that was answered and has not come true yet. If the group is at another version when its time
// comes, nothing ever comes of it.
type GenesysPending struct {
	Due       time.Time       `json:"due"`
	Group     string          `json:"group"`
	Version   int             `json:"version"` // the one that was written upon
	Members   []GenesysMember `json:"members"`
	RequestID string          `json:"request_id"`
}

// GenesysPast is a group as it was until some moment, for lists that lag.
type GenesysPast struct {
	Until time.Time    `json:"until"`
	Group GenesysGroup `json:"group"`
}

// replace gives a group the members of a PUT, now or later, and returns the group as the answer shows it.
func (w *World) replace(c *call, group *GenesysGroup, members []GenesysMember) GenesysGroup {
	before := *group
	after := before
	after.Members = members
	after.Version++
	if late := time.Duration(w.genesys.Switches.LateApplication); late > 0 {
		w.genesys.Pending = append(w.genesys.Pending, GenesysPending{
			Due: time.Now().Add(late).UTC(), Group: group.ID, Version: before.Version, Members: members, RequestID: c.id,
		})
		w.changed = true
		return after
	}
	*group = after
	w.note(time.Now(), "put", c.id, before, group)
	return after
}

// settle lets come true what is due, at its own time and not when somebody looks, and forgets what no list shows any more.
func (w *World) settle() {
	now := time.Now()
	for i := 0; i < len(w.genesys.Pending); {
		p := w.genesys.Pending[i]
		if p.Due.After(now) {
			i++
			continue
		}
		w.genesys.Pending = slices.Delete(w.genesys.Pending, i, i+1)
		w.changed = true
		at, ok := w.index.groups[p.Group]
		if !ok || w.genesys.Groups[at].Version != p.Version {
			continue
		}
		group := &w.genesys.Groups[at]
		before := *group
		group.Members = p.Members
		group.Version++
		w.note(p.Due, "late", p.RequestID, before, group)
	}
	if w.shownFrom().IsZero() {
		return
	}
	w.genesys.Past = slices.DeleteFunc(w.genesys.Past, func(p GenesysPast) bool {
		gone := !p.Until.After(w.shownFrom())
		w.changed = w.changed || gone
		return gone
	})
}

// shownFrom is the moment that lists show; zero if it is the present.
func (w *World) shownFrom() time.Time {
	lag := time.Duration(w.genesys.Switches.ListLag)
	if lag <= 0 && len(w.genesys.Past) == 0 {
		return time.Time{}
	}
	return time.Now().Add(-lag)
}

// listedGroups are the groups that a list shows: those of the present, or of the moment that it lags behind.
func (w *World) listedGroups() []GenesysGroup {
	groups := slices.Clone(w.genesys.Groups)
	done := map[string]bool{}
	for _, p := range w.genesys.Past { // the oldest of a group comes first
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

// shown are the members that a GET of a group shows: its own, and those whom its rules add.
func (w *World) shown(g GenesysGroup) []GenesysMember {
	members := slices.Clone(g.Members)
	for _, id := range w.genesys.Switches.RuleMembers[g.ID] {
		if !slices.ContainsFunc(members, func(m GenesysMember) bool { return m.Value == id }) {
			members = append(members, GenesysMember{Value: id, Type: "User"})
		}
	}
	return members
}
