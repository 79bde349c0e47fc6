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

// mostLookedUp bounds how many accounts are asked for one by one.
const mostLookedUp = 100

// explain finds out whether a clear refusal, with the version unmoved, is about members. It looks up the members whom no
// listing has shown as active users, to say who is to blame. Nobody leaves the group because of what it finds: the group is
// refused until a person decides, incomplete where the look-up contradicts the listing, or rejected with the service's words.
func (c *groupRun) explain(ctx context.Context, refusal error) Outcome {
	if !c.aboutMembers(membership.SaidOf(refusal)) {
		return c.rejection(refusal)
	}
	var missing, inactive []plan.Kept
	for _, k := range c.suspects() {
		listed := k.UserName != "" // every listing has that of everybody in it
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
	out := c.end(Refused, membership.Rejected, "")
	if last := &out.Group.Refusals[len(out.Group.Refusals)-1]; c.opts.Replan == nil && last.Allow != nil {
		// A plan is carried out exactly, so that a release has to be in it.
		last.Allow, out.Hint = nil, "make a new plan with callroll diff, and release there whom Genesys does not know"
	}
	return out
}

// rejection is the outcome of a refusal for which no member is to blame.
func (c *groupRun) rejection(refusal error) Outcome {
	out := c.end(Rejected, membership.Rejected, refusal.Error())
	out.Hint = cmp.Or(membership.HintOf(refusal), "open the group in Genesys, and look whether it can be changed there by hand; "+
		"if it can, ask the support of Genesys about the request")
	return out
}

// aboutMembers says whether the service's own words are about members: they name the id of one, or speak of members or users and
// not of a pending evaluation, a lock or a quota. The name of the group is none of these words.
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

// withoutRun returns words without every place where the words of run follow each other.
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

// contradicted is the outcome where the list of users and the look-up of one of them disagree.
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
	return c.end(Incomplete, membership.Incomplete, fmt.Sprintf("the lists of users %s, and its look-up %s; Genesys had refused the change: %v", lists, says, refusal))
}

// suspects are the members whom no listing has shown as active users. Those who are no users are not ours to look up.
func (c *groupRun) suspects() []plan.Kept {
	var out []plan.Kept
	for _, k := range c.group.Keep {
		_, isMember := slices.BinarySearch(c.current.Members, k.ID)
		if isMember && c.current.IsUser(k.ID) && !k.Active && len(out) < mostLookedUp {
			out = append(out, k)
		}
	}
	return out
}
