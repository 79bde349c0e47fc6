package probe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
)

// State is what is needed to put a group back: how it was before the probe, and what the probe may have made of it.
type State struct {
	Host        string   `json:"host"`
	ClientID    string   `json:"clientId"`
	Group       string   `json:"group"`
	DisplayName string   `json:"displayName"`
	ExternalID  *string  `json:"externalId,omitempty"`
	Members     []string `json:"members"` // before the probe, sorted
	// Version and Previous are the version and the members, sorted, that were read before the last write.
	Version  string   `json:"version"`
	Previous []string `json:"previous"`
	// Written are the members that the group may have because of the last write. Each is sorted. If it was not known how the
	// write before it ended, it has the members of that one too.
	Written [][]string `json:"written"`
	// Large is the largest set that the probe writes. A group that shows only a part of it is as the probe wrote it if all of it are
	// individual members.
	Large []string `json:"large,omitempty"`
	// Open is set if the last write may still take effect. Sent is when it was sent.
	Open bool      `json:"open"`
	Sent time.Time `json:"sent"`
}

func newState(g membership.Group, conn *genesys.Conn) State {
	return State{
		Host: conn.Host(), ClientID: conn.ClientID(), Group: g.ID, DisplayName: g.DisplayName, ExternalID: g.ExternalID,
		Members: g.Members,
	}
}

// IsOf reports whether the state is of this org and OAuth client.
func (s State) IsOf(conn *genesys.Conn) bool {
	return s.Host == conn.Host() && strings.EqualFold(s.ClientID, conn.ClientID())
}

// Is reports whether the state is of a group, by the id or the name of the group.
func (s State) Is(ref string) bool {
	return membership.Group{ID: s.Group, DisplayName: s.DisplayName}.Is(ref)
}

// next returns the state for a write that may give the group one of the sets. g is the group as it was read just before.
func (s State) next(g membership.Group, sets [][]string) State {
	if s.Open {
		sets = slices.Concat(s.Written, sets)
	}
	s.Version, s.Previous, s.Written = g.Version, g.Members, sets
	s.Open, s.Sent = true, time.Now().UTC()
	return s
}

// has reports whether a group has the members from before the probe or those of its last write. It may also have those that were
// read before this write, if nothing was written since: the version is the same.
func (s State) has(g membership.Group) bool {
	same := func(set []string) bool { return slices.Equal(set, g.Members) }
	return same(s.Members) || slices.ContainsFunc(s.Written, same) || g.Version == s.Version && same(s.Previous)
}

// isBefore reports whether a group is as it was before the probe.
func (s State) isBefore(g membership.Group) bool {
	return slices.Equal(g.Members, s.Members) && sameText(g.ExternalID, s.ExternalID)
}

// isOurs reports whether a group is as it was before the probe, or as its last write may have made it. A PUT of the probe may remove
// externalId, and never changes it.
func (s State) isOurs(g membership.Group) bool {
	return s.has(g) && (g.ExternalID == nil || sameText(g.ExternalID, s.ExternalID))
}

// showsPart reports whether a group shows some of the largest set that was written, and not all of it.
func (s State) showsPart(g membership.Group) bool {
	large := list.Set(s.Large)
	isOther := func(id string) bool { return !large[id] }
	return len(s.Large) > 0 && !s.has(g) && !slices.ContainsFunc(g.Members, isOther)
}

func sameText(a, b *string) bool { return a == nil && b == nil || a != nil && b != nil && *a == *b }

// IsConfigured reports whether one of the references of the configuration means the group.
func (s State) IsConfigured(refs []string) bool {
	return isConfigured(refs, membership.Group{ID: s.Group, DisplayName: s.DisplayName})
}

func isConfigured(refs []string, g membership.Group) bool {
	return slices.ContainsFunc(refs, func(ref string) bool { return means(ref, g) })
}

// means reports whether a reference of the configuration means a group. Unlike [membership.Group.Is] it takes names that look the
// same for the same name, so that no group is probed that somebody may have meant.
func means(ref string, g membership.Group) bool {
	return strings.EqualFold(ref, g.ID) || membership.LookTheSame(ref, g.DisplayName)
}

// IsOld reports whether the last write was sent so long ago that people may have changed the group since. A time that is far in
// the future says nothing about that.
func (s State) IsOld() bool { return time.Since(s.Sent).Abs() > settledAfter }

// ForeignError says that somebody else has changed the group since the probe began. Nothing was put over it.
type ForeignError struct {
	Before State
	Now    membership.Group
}

func (e *ForeignError) Error() string {
	return fmt.Sprintf("Genesys group %q (%s) is not as the probe has written it: somebody else has changed it to %d members, and "+
		"nothing was put over that; before the probe it had %d", e.Before.DisplayName, e.Before.Group, len(e.Now.Members),
		len(e.Before.Members))
}

// LeftError says that the group could not be put back. It may not be as it was before the probe.
type LeftError struct {
	Before State
	Err    error
}

func (e *LeftError) Error() string {
	return fmt.Sprintf("Genesys group %q (%s) could not be put back to the %d members that it had before the probe: %v",
		e.Before.DisplayName, e.Before.Group, len(e.Before.Members), e.Err)
}

func (e *LeftError) Unwrap() error { return e.Err }
