package pipeline

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// refuseRuleMembers refuses the groups with changes in which SCIM shows users who are no individual members, but members by a
// rule or as owners. A PUT names all members, and would make them individual members, who stay when the rule changes (Genesys
// Cloud Resource Center, "Add members to a group"). It asks only about groups that no run in the journal has written, in one
// request each. dir has the names of accounts. It returns the groups that it has asked about, by id, with the error if their
// individual members could not be read.
func (s Settings) refuseRuleMembers(
	ctx context.Context, org *genesys.Reader, groups []plan.Group, dir *membership.Directory,
) map[string]error {
	asked := map[string]error{}
	var mu sync.Mutex
	var requests errgroup.Group
	requests.SetLimit(s.Concurrency.genesys())
	for i := range groups {
		if !s.mayHaveRuleMembers(groups[i]) {
			continue
		}
		requests.Go(func() error {
			who, err := ruleMembers(ctx, org, groups[i], dir)
			mu.Lock()
			asked[groups[i].ID] = err
			mu.Unlock()
			switch {
			case errors.As(err, new(*individualsError)):
				groups[i].Notes = append(groups[i].Notes, err.Error())
			case err != nil: // somebody may be a member by a rule
				groups[i] = plan.Incomplete(groups[i], membership.ReasonOf(err))
			case len(who) > 0:
				groups[i].Refuse(plan.Refusal{Rule: plan.RuleMembers, Members: groups[i].Found(), Who: who})
			}
			return nil
		})
	}
	_ = requests.Wait() // each group says what could not be read
	return asked
}

// individualsError says that the individual members of a group could not be read. This does not stop a run: the end point is not
// part of SCIM, and may not be available to the client.
type individualsError struct{ err error }

func (e *individualsError) Unwrap() error { return e.err }

func (e *individualsError) Error() string {
	return fmt.Sprintf("it is not known whether a membership rule or an owner gives it members: %v", e.err)
}

// mayHaveRuleMembers reports whether a group is about to be written for the first time, or again after a write that did not
// show, and its entry does not accept members by a rule.
func (s Settings) mayHaveRuleMembers(g plan.Group) bool {
	if g.State != plan.Changes || g.Found() == 0 || s.mapping(g.Name).Rules {
		return false
	}
	return s.Past == nil || !s.Past.History.Written(s.Past.Host, s.Past.ClientID, g.ID)
}

// ruleMembers returns the names of members of a group who are users and no individual members: all of them, or enough of them
// to refuse the group. If there are any, it reads the group once more: the plan may be based on an older list. A member whose
// account does not exist any more is no individual member, and no member by a rule.
func ruleMembers(
	ctx context.Context, org *genesys.Reader, g plan.Group, dir *membership.Directory,
) (names []string, err error) {
	defer bug.Catch("reading the individual members of Genesys group "+g.ID, &err)
	individuals, err := org.Individuals(ctx, g.ID)
	if err != nil {
		return nil, &individualsError{err}
	}
	individual := list.Set(individuals)
	others := slices.DeleteFunc(g.FoundIDs(), func(id string) bool { return individual[id] })
	if len(others) == 0 {
		return nil, nil
	}
	now, err := org.Group(ctx, g.ID)
	if err != nil {
		return nil, err
	}
	for _, id := range others {
		if !now.Has(id) || !now.IsUser(id) || len(names) == enoughNames {
			continue
		}
		account, known := dir.Account(id)
		if !known { // in no list of users
			account, err = org.User(ctx, id)
			switch {
			case err != nil && membership.CauseOf(err) == membership.Missing:
				continue
			case err != nil:
				return nil, err
			}
		}
		names = append(names, cmp.Or(account.UserName, id))
	}
	slices.Sort(names)
	return names, nil
}

// enoughNames is how many members by a rule are named, so that a group with a thousand of them needs no thousand look-ups.
const enoughNames = 20
