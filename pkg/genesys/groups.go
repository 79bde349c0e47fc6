package genesys

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
)

// Listing is the list of an org's groups. It is for finding and comparing groups. A write needs a group that was read with
// [Reader.Group].
type Listing struct {
	// Whole says that all visible groups are in the listing. Otherwise it has only the beginning of the list, because the
	// rest needs more requests than the groups that are still needed.
	Whole bool
	// Broken is how many records could not be read. Each of them may have the name of another group.
	Broken int
	groups []membership.Group  // sorted by id
	named  map[string][]string // ids by displayName
}

func newListing(groups []membership.Group, whole bool) *Listing {
	l := &Listing{Whole: whole, groups: groups, named: map[string][]string{}}
	for _, g := range groups {
		l.named[g.DisplayName] = append(l.named[g.DisplayName], g.ID)
	}
	return l
}

// Find returns the ids of the listed groups that a reference means, sorted: see [membership.Group.Is]. A reference that is
// the id of one group and the name of another means the id.
func (l *Listing) Find(ref string) []string {
	isID := membership.IsID(ref)
	if isID {
		ref = strings.ToLower(ref)
	}
	if _, ok := l.Group(ref); ok {
		return []string{ref}
	}
	if isID {
		return nil
	}
	return slices.Clone(l.named[ref])
}

// Groups returns the groups, sorted by id.
func (l *Listing) Groups() []membership.Group { return l.groups }

// Group returns a group with its members. MembersAbsent is set if the list omits the members.
func (l *Listing) Group(id string) (membership.Group, bool) {
	i, ok := slices.BinarySearchFunc(l.groups, id, func(g membership.Group, id string) int { return strings.Compare(g.ID, id) })
	if !ok {
		return membership.Group{}, false
	}
	return l.groups[i], true
}

// ShowsMembers says whether any group has members in the list.
func (l *Listing) ShowsMembers() bool {
	return slices.ContainsFunc(l.groups, func(g membership.Group) bool { return len(g.Members) > 0 })
}

// Members counts the distinct users in the groups that refs mean. refs are ids or names. It leaves out further groups when
// it has counted enough.
func (l *Listing) Members(refs []string, enough int) int {
	seen := map[string]bool{}
	for _, ref := range refs {
		if len(seen) >= enough {
			break
		}
		for _, id := range l.Find(ref) {
			group, _ := l.Group(id)
			for _, member := range group.Members {
				if group.IsUser(member) {
					seen[member] = true
				}
			}
		}
	}
	return len(seen)
}

// Groups lists the groups of the org, if that needs fewer requests than reading each of refs, which are ids or names. A
// single group needs one request, and so does a page of a hundred. After the first page it is known how many pages are
// left; the rest is read only if more groups than pages are still needed. A single ref is never worth a list. Without refs
// the listing is complete.
func (r *Reader) Groups(ctx context.Context, refs []string) (*Listing, error) {
	size := r.conn.groupPages.get()
	pages := (int(r.groups.Load()) + size - 1) / size
	if len(refs) == 1 || len(refs) > 0 && len(refs) <= pages {
		return newListing(nil, false), nil
	}
	w := r.groupList().walk(r.conn.api)
	defer func() {
		if w.total > 0 {
			r.groups.Store(int64(w.total))
		}
	}()
	if len(refs) > 0 {
		if w.next(ctx); w.err == nil && !w.done {
			// A name still has to be looked up, because another group may have the same name.
			wanted := slices.DeleteFunc(slices.Clone(refs), func(ref string) bool { _, here := w.at[ref]; return here })
			if len(wanted) <= w.pagesLeft() {
				groups, _ := w.sorted()
				return newListing(groups, false), nil
			}
		}
	}
	groups, err := w.finish(ctx)
	if err != nil {
		return nil, err
	}
	l := newListing(groups, true)
	l.Broken = w.broken
	return l, nil
}

// Listed returns those of some groups that are in the list, if the list needs fewer requests than reading each group.
func (r *Reader) Listed(ctx context.Context, ids []string) map[string]membership.Group {
	if len(ids) == 0 {
		return nil
	}
	listing, err := r.Groups(ctx, ids)
	if err != nil {
		return nil // reading the groups one by one reports the error
	}
	groups := map[string]membership.Group{}
	for _, id := range ids {
		if g, ok := listing.Group(id); ok {
			groups[id] = g
		}
	}
	return groups
}

// Named returns the groups that have exactly this displayName, with their members.
func (r *Reader) Named(ctx context.Context, name string) ([]membership.Group, error) {
	l := r.groupList()
	l.name, l.filter = "Genesys groups by name", "displayName eq "+quote(name)
	l.size = newPageSize(minPageSize) // a refusal is about the filter, not about the page size
	w := l.walk(r.conn.api)
	found, err := w.finish(ctx)
	if err != nil {
		return nil, err
	}
	if w.broken > 0 {
		return nil, membership.Fail(membership.Incomplete, fmt.Errorf("looking for Genesys groups called %q: "+
			"%d of %d cannot be read, so that the name is not shown to be unique", name, w.broken, len(w.all)))
	}
	return slices.DeleteFunc(found, func(g membership.Group) bool {
		return g.DisplayName != name // the vendor ignores case, and may ignore the filter
	}), nil
}

func (r *Reader) groupList() list[membership.Group] {
	return list[membership.Group]{
		name: "Genesys groups", path: groupListPath, size: r.conn.groupPages, atOnce: r.conn.atOnce,
		params: url.Values{"excludedAttributes": {"externalId"}}, // the vendor refuses large pages of groups only for this one
		id:     func(g membership.Group) string { return g.ID },
		read: func(dec *jsontext.Decoder) (membership.Group, error) {
			g, err := scim.ReadGroup(dec)
			r.ids.intern(g.Members)
			return g, err
		},
	}
}

// idInterner keeps one copy of each member id: for 600 groups with 1,000 of 20,000 users this takes 1 MiB instead of 28. It
// is safe for concurrent use.
type idInterner struct {
	mu    sync.Mutex
	known map[string]string
}

// intern replaces ids by equal ones that were kept before.
func (s *idInterner) intern(ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, id := range ids {
		if known, again := s.known[id]; again {
			ids[i] = known
		} else {
			s.known[id] = id
		}
	}
}
