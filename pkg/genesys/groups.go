package genesys

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/scim"
)

// Listing is the list of an org's groups. It serves to find groups and to compare, never to write from.
type Listing struct {
	// Whole says that every group that can be seen is in it. It has the beginning of the list otherwise: the rest is dearer
	// than the few groups that are wanted.
	Whole bool
	// Broken is how many groups came whose records cannot be read: any of them may have the name of another one.
	Broken int
	groups []membership.Group // sorted by id
	named  map[string][]int
}

func newListing(groups []membership.Group, whole bool) *Listing {
	l := &Listing{Whole: whole, groups: groups, named: map[string][]int{}}
	for i, g := range groups {
		l.named[g.DisplayName] = append(l.named[g.DisplayName], i)
	}
	return l
}

// Find returns the ids of the listed groups that a reference means, sorted: see membership.Group.Is. If it is the id of one
// group and the name of another, it means the id.
func (l *Listing) Find(ref string) []string {
	isID := membership.IsID(ref)
	if isID {
		ref = strings.ToLower(ref)
	}
	if _, ok := l.find(ref); ok {
		return []string{ref}
	}
	if isID {
		return nil
	}
	var ids []string
	for _, i := range l.named[ref] {
		ids = append(ids, l.groups[i].ID)
	}
	return ids
}

func (l *Listing) find(id string) (int, bool) {
	return slices.BinarySearchFunc(l.groups, id, func(g membership.Group, id string) int { return strings.Compare(g.ID, id) })
}

// Groups returns the groups, sorted by id.
func (l *Listing) Groups() []membership.Group { return l.groups }

// Group returns a group with its members. One whose members the list leaves out has MembersAbsent.
func (l *Listing) Group(id string) (membership.Group, bool) {
	if i, ok := l.find(id); ok {
		return l.groups[i], true
	}
	return membership.Group{}, false
}

// ShowsMembers says whether the list shows a member of any group.
func (l *Listing) ShowsMembers() bool {
	return slices.ContainsFunc(l.groups, func(g membership.Group) bool { return len(g.Members) > 0 })
}

// Members counts the distinct users in the groups of refs, which are ids or names.
func (l *Listing) Members(refs []string) int {
	seen := map[string]bool{}
	for _, ref := range refs {
		for _, id := range l.Find(ref) {
			at, _ := l.find(id)
			for _, member := range l.groups[at].Members {
				if l.groups[at].IsUser(member) {
					seen[member] = true
				}
			}
		}
	}
	return len(seen)
}

// Groups lists the groups of the org, so far as that is the cheaper way to find refs, which are ids or names. One that is
// wanted costs a request, and so does a page of a hundred: the first page says how many are left, and the list is walked to its
// end if more groups are still wanted than that. A single one is never worth a list. Without refs the list is whole.
func (r *Reader) Groups(ctx context.Context, refs []string) (*Listing, error) {
	if pages := r.pagesOfGroups(); len(refs) == 1 || len(refs) > 0 && len(refs) <= pages {
		return newListing(nil, false), nil
	}
	w := r.groupList().walk(r.conn.api)
	defer func() { r.remember(w.total) }()
	if len(refs) > 0 {
		if w.next(ctx); w.err == nil && !w.done {
			// A name has to be asked for all the same: another group may have it too.
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

// Listed returns those of some groups that the list shows, if reading the list costs less than reading each of them.
func (r *Reader) Listed(ctx context.Context, ids []string) map[string]membership.Group {
	if len(ids) == 0 {
		return nil
	}
	listing, err := r.Groups(ctx, ids)
	if err != nil {
		return nil // reading them one by one says what is the matter
	}
	groups := map[string]membership.Group{}
	for _, id := range ids {
		if g, ok := listing.Group(id); ok {
			groups[id] = g
		}
	}
	return groups
}

// pagesOfGroups is how many pages the list of groups has; 0 if that is not known yet.
func (r *Reader) pagesOfGroups() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	size := r.conn.groupPages.get()
	return (r.groups + size - 1) / size
}

func (r *Reader) remember(groups int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if groups > 0 {
		r.groups = groups
	}
}

// Named returns the groups that have exactly this displayName, with their members.
func (r *Reader) Named(ctx context.Context, name string) ([]membership.Group, error) {
	l := r.groupList()
	l.name, l.filter = "Genesys groups by name", "displayName eq "+quote(name)
	l.size = newPageSize(smallest) // a refusal is about the filter
	w := l.walk(r.conn.api)
	found, err := w.finish(ctx)
	if err != nil {
		return nil, err
	}
	if w.broken > 0 {
		return nil, membership.Fail(membership.Incomplete, fmt.Errorf("looking for Genesys groups called %q: %d of %d cannot be read, so that the name is not shown to be unique",
			name, w.broken, len(w.all)))
	}
	listing := newListing(found, false)
	var groups []membership.Group
	for _, one := range found {
		if one.DisplayName == name { // the vendor compares without case, and a filter may be ignored
			g, _ := listing.Group(one.ID)
			groups = append(groups, g)
		}
	}
	return groups, nil
}

func (r *Reader) groupList() list[membership.Group] {
	return list[membership.Group]{
		name: "Genesys groups", path: groupListPath, size: r.conn.groupPages, atOnce: r.conn.atOnce,
		only: url.Values{"excludedAttributes": {"externalId"}}, // for which alone a large page of groups is turned down
		id:   func(g membership.Group) string { return g.ID },
		read: r.readGroup,
	}
}

func (r *Reader) readGroup(dec *jsontext.Decoder) (membership.Group, error) {
	g, err := scim.ReadGroup(dec)
	r.ids.share(g.Members)
	return g, err
}

// sharedIDs keeps the id of a member once, however many groups they are in: in an org of 600 groups with 1,000 of 20,000 users each
// that takes 1 MiB in place of 28. It is safe for concurrent use.
type sharedIDs struct {
	mu    sync.Mutex
	known map[string]string
}

// share replaces ids by equal ones that are kept already.
func (s *sharedIDs) share(ids []string) {
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
