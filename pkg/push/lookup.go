package push

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// mostLookedUp is the largest number of accounts that are looked up one by one.
const mostLookedUp = 100

// explain finds out whether a clear refusal is about members, if the version of the group has not changed. It looks up
// the members that no list of users has shown as active. It removes nobody. The group is refused until a person decides,
// incomplete if a look-up contradicts the list, or rejected with the message of the service.
func (c *groupRun) explain(ctx context.Context, refusal error) Outcome {
	if !c.aboutMembers(membership.FailureOf(refusal).Said) {
		return c.rejection(refusal)
	}
	var missing, inactive []plan.Kept
	for _, k := range c.suspects() {
		listed := k.UserName != "" // every list has the userName of each account in it
		account, err := c.opts.Reader.User(ctx, k.ID)
		gone := err != nil && membership.CauseOf(err) == membership.Missing
		switch {
		case gone && !listed:
			missing = append(missing, k)
		case gone, err == nil && !listed, err == nil && account.Active:
			return c.contradicted(k, err, refusal)
		case err != nil:
			return c.unread(ctx, fmt.Errorf("%w (after %w)", err, refusal))
		default:
			inactive = append(inactive, k)
		}
	}
	if len(missing)+len(inactive) == 0 {
		return c.rejection(refusal)
	}
	plan.RefuseMembers(&c.group, missing, inactive, refusal.Error())
	out := c.end(Outcome{Status: Refused, Cause: membership.Rejected})
	if last := &out.Group.Refusals[len(out.Group.Refusals)-1]; c.opts.Replan == nil && last.Allow != nil {
		// A plan is carried out exactly. A release has to be in the plan, and a flag of this run cannot add it.
		last.Allow, out.Hint = nil, "make a new plan with callroll diff, and release there whom Genesys does not know"
	}
	return out
}

// rejection is the outcome of a refusal that is not about a member.
func (c *groupRun) rejection(refusal error) Outcome {
	out := c.fail(membership.Rejected, refusal.Error())
	out.Hint = cmp.Or(membership.HintOf(refusal), "open the group in Genesys, and look whether it can be changed there by hand; "+
		"if it can, ask the support of Genesys about the request")
	return out
}

// aboutMembers reports whether the message of the service is about members. It is if it has the id of a member, or if it
// has the words member or user and no word for a pending evaluation, a lock or a quota. The name of the group in the
// message does not count.
func (c *groupRun) aboutMembers(said string) bool {
	all := wordsOf(said)
	if slices.ContainsFunc(c.group.Members, func(id string) bool {
		return slices.ContainsFunc(all, func(w string) bool { return strings.EqualFold(w, id) })
	}) {
		return true
	}
	words := withoutRun(all, wordsOf(c.current.DisplayName))
	says := func(stems ...string) bool {
		return slices.ContainsFunc(words, func(word string) bool {
			return slices.ContainsFunc(stems, func(stem string) bool { return strings.HasPrefix(strings.ToLower(word), stem) })
		})
	}
	return says("member", "user") && !says("pending", "evaluat", "lock", "quota", "limit", "progress", "busy")
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '-' && r != '_' })
}

// withoutRun returns words without each sequence of words that equals run.
func withoutRun(words, run []string) []string {
	left := slices.Clone(words)
	for i := 0; len(run) > 0 && i+len(run) <= len(left); {
		if slices.Equal(left[i:i+len(run)], run) {
			left = slices.Delete(left, i, i+len(run))
		} else {
			i++
		}
	}
	return left
}

// contradicted is the outcome if the list of users and the look-up of one of them disagree.
func (c *groupRun) contradicted(k plan.Kept, lookUp, refusal error) Outcome {
	says := "shows it as an active one"
	switch {
	case lookUp != nil:
		says = "says that it does not exist"
	case k.UserName == "":
		says = "shows it"
	}
	lists := "do not have account " + k.ID
	if k.UserName != "" {
		lists = fmt.Sprintf("have account %s (%s) as an inactive one", k.UserName, k.ID)
	}
	return c.fail(membership.Incomplete,
		fmt.Sprintf("the lists of users %s, and its look-up %s; Genesys had refused the change: %v", lists, says, refusal))
}

// suspects returns the members that no list of users has shown as active, mostLookedUp of them at most. Members that are
// not users are left out, because they cannot be looked up as users.
func (c *groupRun) suspects() []plan.Kept {
	var out []plan.Kept
	for _, k := range c.group.Keep {
		if c.current.Has(k.ID) && c.current.IsUser(k.ID) && !k.Active && len(out) < mostLookedUp {
			out = append(out, k)
		}
	}
	return out
}
