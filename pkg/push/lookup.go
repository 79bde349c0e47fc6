package push

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// mostLookedUp bounds how many accounts are asked for one by one.
const mostLookedUp = 100

// lookUp finds out whether a clear refusal, with the version unmoved, is about members: those who do not exist are dropped
// for one more PUT, if the limits let it pass. Where only inactive ones are left to blame, a person has to decide. A second
// refusal stands.
func (c *carrying) lookUp(ctx context.Context, refusal error) (Outcome, bool) {
	if c.looked {
		return c.refusedMembers(refusal), true
	}
	c.looked = true
	var gone []string
	for _, id := range c.suspects() {
		account, err := c.opts.Reader.User(ctx, id)
		switch {
		case err != nil && membership.CauseOf(err) == membership.Missing:
			gone = append(gone, id)
		case err != nil:
			return c.unread(ctx, fmt.Errorf("%w (after %w)", err, refusal)), true
		case !account.Active:
			c.inactive = append(c.inactive, account.UserName)
		}
	}
	if len(gone) == 0 {
		return c.refusedMembers(refusal), true
	}
	c.group.Drop(gone)
	if c.opts.Rejudge != nil {
		c.group = c.opts.Rejudge(c.group)
	}
	if c.group.State != plan.Changes {
		out := Planned(c.group)
		return c.end(out.Status, out.Cause, fmt.Sprintf("%s; %d of its members do not exist any more", out.Detail, len(gone))), true
	}
	return Outcome{}, false
}

// refusedMembers is the outcome of a refusal that nothing could be done about.
func (c *carrying) refusedMembers(refusal error) Outcome {
	if len(c.inactive) == 0 {
		return c.end(Rejected, membership.Rejected, refusal.Error())
	}
	return c.end(Refused, membership.Rejected, fmt.Sprintf("Genesys refuses the members, of whom these are inactive: %s; "+
		"take them out of the group in Genesys, or make them active: %v", strings.Join(c.inactive, ", "), refusal))
}

// suspects are the members whom no listing has shown as active users. Those who are no users are not ours to look up.
func (c *carrying) suspects() []string {
	var out []string
	for _, k := range c.group.Keep {
		isUser := slices.ContainsFunc(c.current.Members, func(m membership.Member) bool { return m.ID == k.ID && m.IsUser() })
		if isUser && !k.Active && len(out) < mostLookedUp {
			out = append(out, k.ID)
		}
	}
	return out
}
