package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Explain says where a person stands in each group that s works on, and what the next run would do about them. ref is a
// userPrincipalName, a mail address or an object id in Entra, or a userName or an id in Genesys. It plans all groups like [Diff],
// and writes nothing. The plan is returned too, because its groups say what could not be read. The error is
// [UnknownPersonError] if neither service has anybody with this name.
func Explain(
	ctx context.Context, entra *graph.Client, org *genesys.Reader, ref string, s Settings,
) (plan.Explanation, plan.Plan, error) {
	x := explanation{work: newWork(entra, org, s), belongs: map[string]bool{}}
	x.out.Searches, x.out.Near, x.out.Notes = []membership.Search{}, []plan.NearAccount{}, []string{}
	x.out.Named = len(s.Only) > 0
	if entra == nil {
		return x.out, x.work.plan, errNoSource
	}
	sel := graph.Selection{EmployeeID: slices.Contains(s.Match, membership.EmployeeID)}
	if err := x.findPerson(ctx, ref, sel); err != nil {
		return x.out, x.work.plan, err
	}
	x.work.watch = x.note
	if err := x.work.prepare(ctx, nil); err != nil {
		return x.out, x.work.plan, err
	}
	if err := x.findAccounts(ctx, ref); err != nil {
		return x.out, x.work.plan, err
	}
	if x.out.Person == nil && len(x.accounts) == 0 {
		return x.out, x.work.plan, &UnknownPersonError{ref}
	}
	x.places(ctx)
	return x.out, x.work.plan, nil
}

// UnknownPersonError says that neither service has anybody with a name.
type UnknownPersonError struct{ Ref string }

func (e *UnknownPersonError) Error() string {
	return fmt.Sprintf("nobody in Entra and no account in Genesys is called %q", e.Ref)
}

// explanation collects what is known of one person.
type explanation struct {
	work     *work
	out      plan.Explanation
	accounts []string        // ids of the accounts that may be theirs
	belongs  map[string]bool // by name of the mapping: the person belongs to the group
}

// findPerson finds the person in Entra. It is no error if nobody has the name.
func (x *explanation) findPerson(ctx context.Context, ref string, sel graph.Selection) error {
	p, err := x.work.present.entra.Person(ctx, ref, sel)
	if err != nil && membership.CauseOf(err) != membership.Missing {
		return err
	}
	x.out.Person = p
	return nil
}

// note notes whether the person belongs to the group of a mapping.
func (x *explanation) note(m Mapping, people []*membership.Person) {
	x.belongs[m.Name] = x.out.Person != nil &&
		slices.ContainsFunc(people, func(p *membership.Person) bool { return p.ID == x.out.Person.ID })
}

// findAccounts finds the accounts that the keys of the person find, or else the account with the name or id ref. It needs all
// accounts: a plan may have looked up only those of other people.
func (x *explanation) findAccounts(ctx context.Context, ref string) error {
	known := &x.work.known
	if !known.whole {
		if err := known.list(ctx); err != nil {
			return err
		}
	}
	var found []membership.Account
	if x.out.Person != nil {
		x.out.Searches = known.dir.Searches(x.out.Person)
		for _, search := range x.out.Searches {
			found = append(found, search.Accounts...)
		}
	}
	if len(found) == 0 {
		for _, a := range known.dir.Accounts() {
			if strings.EqualFold(a.ID, ref) || membership.SameName(a.UserName, ref) {
				found = append(found, a)
			}
		}
	}
	for _, a := range found {
		x.accounts = append(x.accounts, a.ID)
	}
	x.accounts = membership.Distinct(x.accounts)
	switch {
	case len(x.accounts) == 1:
		x.out.Account = &found[0]
	case len(x.accounts) == 0 && x.out.Person != nil:
		x.out.Near = plan.Near(x.out.Person, known.dir.Accounts())
	}
	return nil
}

// places fills in the place of the person in each group of the plan.
func (x *explanation) places(ctx context.Context) {
	paths, last := x.paths(ctx), x.work.settings.Past.lastChanges(x.accounts)
	id := ""
	if x.out.Person != nil {
		id = x.out.Person.ID
	}
	for _, g := range x.work.plan.Groups {
		place := plan.PlaceOf(g, id, x.accounts)
		place.Wanted = x.belongs[g.Name]
		m, direct, untold := x.work.settings.mapping(g.Name), false, false
		for _, source := range m.Entra {
			path, told := paths[source]
			untold = untold || !told && id != ""
			if path.In {
				place.Sources = append(place.Sources, plan.Source{ID: source, Through: labels(path.Through), Unread: path.Unread})
				direct = direct || len(path.Through) == 0 && !path.Unread
			}
		}
		switch {
		case place.Wanted || !g.WasCompared() || len(place.Sources) == 0 && !untold:
		case len(place.Sources) == 0:
			place.LeftOut = plan.LeftOutUnknown
		case !direct && !m.Nested:
			place.LeftOut = plan.LeftOutNested
		case x.work.settings.DropDisabled && len(m.Exclude) == 0:
			place.LeftOut = plan.LeftOutDisabled
		case len(m.Exclude) > 0:
			place.LeftOut = plan.LeftOutExcluded
		default:
			place.LeftOut = plan.LeftOutUnknown
		}
		place.Last = last[g.ID]
		x.out.Places = append(x.out.Places, place)
	}
}

// paths returns how the person is in the Entra groups of the mappings. If that cannot be read, a note says so.
func (x *explanation) paths(ctx context.Context) map[string]graph.Path {
	if x.out.Person == nil {
		return nil
	}
	var sources []string
	for _, m := range x.work.settings.workedOn() {
		sources = append(sources, m.Entra...)
	}
	paths, err := x.work.present.entra.Paths(ctx, x.out.Person.ID, sources)
	if err != nil {
		x.out.Notes = append(x.out.Notes, fmt.Sprintf("by which Entra groups they belong could not be read completely: %v", err))
	}
	return paths
}

// labels returns the names and ids of groups.
func labels(groups []graph.GroupName) []string {
	return list.Map(groups, func(g graph.GroupName) string { return fmt.Sprintf("%s (%s)", g.DisplayName, g.ID) })
}

// lastChanges returns the last addition or removal of one of some accounts in each group, by the id of the group, as far as the
// journal has it.
func (p *Past) lastChanges(accounts []string) map[string]*plan.Change {
	last := map[string]*plan.Change{}
	if p == nil {
		return last
	}
	theirs := func(e plan.Entry) bool { return slices.Contains(accounts, e.ID) }
	for _, run := range p.History.Runs() { // the latest first
		if run.Info.Host != p.Host || run.Info.ClientID != p.ClientID {
			continue
		}
		for _, inverse := range run.Inverse() {
			added, removed := slices.ContainsFunc(inverse.Remove, theirs), slices.ContainsFunc(inverse.Add, theirs)
			if last[inverse.GroupID] == nil && (added || removed) {
				last[inverse.GroupID] = &plan.Change{Run: run.Info.ID, Time: run.Began, Added: added}
			}
		}
	}
	return last
}
