package pipeline

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// resolver finds the Genesys groups that mappings name, by id or by exact and unique displayName.
type resolver struct {
	org     *genesys.Reader
	listing *genesys.Listing
	single  map[string]resolved // by reference: groups that were read one by one
}

type resolved struct {
	group membership.Group
	err   error
}

// newResolver lists all groups, or reads the groups of refs one by one if that is cheaper.
func newResolver(ctx context.Context, org *genesys.Reader, refs []string) (*resolver, error) {
	listing, err := org.Groups(ctx, refs)
	if err != nil {
		return nil, err
	}
	r := &resolver{org: org, listing: listing, single: map[string]resolved{}}
	if !listing.Whole {
		for _, ref := range refs {
			g, err := r.look(ctx, ref)
			r.single[ref] = resolved{g, err}
		}
	}
	return r, nil
}

// group returns the group with its members. The error says which group was searched for, and what to do.
func (r *resolver) group(ctx context.Context, ref string) (membership.Group, error) {
	if known, ok := r.single[ref]; ok {
		return known.group, known.err
	}
	return r.look(ctx, ref)
}

func (r *resolver) look(ctx context.Context, ref string) (membership.Group, error) {
	ids := r.listing.Find(ref)
	isID := membership.IsID(ref)
	if isID {
		ref = strings.ToLower(ref)
	}
	switch {
	case len(ids) > 1:
		return membership.Group{}, membership.FailFor(membership.Missing,
			fmt.Errorf("%d Genesys groups are called %q: %s", len(ids), ref, strings.Join(ids, ", ")), "name the right one by its id")
	case len(ids) == 1 && r.listing.Broken > 0 && !isID && ids[0] != ref:
		return r.named(ctx, ref) // one of the groups that cannot be read may have the same name
	case len(ids) == 1 && (r.listing.Whole || ids[0] == ref):
		if g, _ := r.listing.Group(ids[0]); !g.MembersAbsent {
			return g, nil
		}
		return r.alone(ctx, ids[0], ref)
	case isID:
		g, err := r.org.Group(ctx, ref)
		if err != nil && membership.CauseOf(err) == membership.Missing {
			err = membership.FailFor(membership.Missing, fmt.Errorf("%w: it is gone, %s", err, unseen), visible)
		}
		return g, err
	case !r.listing.Whole:
		return r.named(ctx, ref)
	}
	return membership.Group{}, membership.FailFor(membership.Missing,
		fmt.Errorf("no Genesys group is called %q%s: it is gone or renamed, %s", ref, r.nearly(ref), unseen), visible)
}

// alone reads a group that a list has shown without its members. It fails if the group was renamed since the list was
// read, because then the mapping does not mean this group.
func (r *resolver) alone(ctx context.Context, id, ref string) (membership.Group, error) {
	g, err := r.org.Group(ctx, id)
	if err == nil && id != ref && g.DisplayName != ref {
		return membership.Group{}, membership.Fail(membership.Missing,
			fmt.Errorf("group %s was renamed from %q to %q while it was read", id, ref, g.DisplayName))
	}
	return g, err
}

// Parts of messages about a group that was not found: another possible reason, and the hint.
const (
	unseen  = "or a private group that needs Directory > PrivateGroup > View"
	visible = "callroll groups genesys lists what can be seen"
)

// named searches for a group by its name. If it does not find exactly one, it reads the whole list to find the reason.
func (r *resolver) named(ctx context.Context, name string) (membership.Group, error) {
	found, err := r.org.Named(ctx, name)
	switch {
	case err == nil && len(found) == 1 && found[0].MembersAbsent:
		return r.alone(ctx, found[0].ID, name)
	case err == nil && len(found) == 1:
		return found[0], nil
	case err != nil && membership.CauseOf(err) != membership.Rejected:
		return membership.Group{}, err
	}
	listing, err := r.org.Groups(ctx, nil)
	if err != nil {
		return membership.Group{}, err
	}
	r.listing = listing
	if len(listing.Find(name)) == 1 && listing.Broken > 0 {
		err := fmt.Errorf("the list has one Genesys group called %q and %d that cannot be read, and no answer to a filter shows "+
			"whether that name is unique; name the group by its id", name, listing.Broken)
		return membership.Group{}, membership.Fail(membership.Incomplete, err)
	}
	return r.look(ctx, name)
}

// nearly names a group whose name differs from ref only in case or in white space at its ends. If there is none, it
// names a group whose name looks the same.
func (r *resolver) nearly(ref string) string {
	for _, g := range r.listing.Groups() {
		if strings.EqualFold(strings.TrimSpace(g.DisplayName), strings.TrimSpace(ref)) {
			return fmt.Sprintf(" (%s is called %q)", g.ID, g.DisplayName)
		}
	}
	for _, g := range r.listing.Groups() {
		if membership.LookTheSame(g.DisplayName, ref) {
			return fmt.Sprintf(" (%s is called %q, which looks the same: %+q is not %+q)", g.ID, g.DisplayName, g.DisplayName, ref)
		}
	}
	return ""
}

// members returns the ids of the present members of the groups of refs, each once. It leaves out groups that could not
// be read.
func (r *resolver) members(refs []string) []string {
	var ids []string
	for _, ref := range refs {
		g := r.single[ref].group
		if r.listing.Whole {
			if found := r.listing.Find(ref); len(found) == 1 {
				g, _ = r.listing.Group(found[0])
			}
		}
		ids = append(ids, g.Members...)
	}
	return membership.Distinct(ids)
}

// count returns how many members the groups of refs have now, or a smaller number that is enough for a hint.
func (r *resolver) count(refs []string) int {
	const enough = 10_000 // no list of users has that many pages; counting all takes 3 % of the CPU of a large run
	if r.listing.Whole {
		return r.listing.Members(refs, enough)
	}
	return len(r.members(refs))
}

// showsMembers reports whether any group that was read has a member.
func (r *resolver) showsMembers(refs []string) bool {
	return r.listing.ShowsMembers() || !r.listing.Whole && len(r.members(refs)) > 0
}

// id returns the id of the group that a rule leads to if it can be told without reading the group, and otherwise an
// empty string.
func (r *resolver) id(ctx context.Context, rule plan.Rule) string {
	if membership.IsID(rule.Genesys) {
		return strings.ToLower(rule.Genesys)
	}
	return r.leftAlone(ctx, rule).ID
}

// leftAlone returns the plan for a mapping that this run does not work on. Only the id of its group matters, because
// another mapping may lead to the same group.
func (r *resolver) leftAlone(ctx context.Context, rule plan.Rule) plan.Group {
	if r.listing.Whole {
		if found := r.listing.Find(rule.Genesys); len(found) == 1 {
			return plan.Skip(rule, found[0])
		}
		return plan.Skip(rule, "")
	}
	for _, ref := range slices.Sorted(maps.Keys(r.single)) {
		g := r.single[ref].group
		if g.ID == "" || !g.Is(rule.Genesys) {
			continue
		}
		if membership.IsID(rule.Genesys) {
			return plan.Skip(rule, g.ID)
		}
		// A name that several groups have leads to none of them. If the request fails, the rule may lead to this group.
		if found, err := r.org.Named(ctx, rule.Genesys); err != nil || len(found) == 1 {
			return plan.Skip(rule, g.ID)
		}
	}
	return plan.Skip(rule, "")
}
