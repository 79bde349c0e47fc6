package push

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// mostLookedUp bounds how many accounts are asked for one by one.
const mostLookedUp = 100

// lookUp finds out whether a clear refusal, with the version unmoved, is about members: those who do not exist are dropped
// for one more PUT; where only inactive ones are left to blame, a person has to decide. A second refusal stands.
func (c *carrying) lookUp(ctx context.Context, refusal error) (Outcome, bool) {
	rejected := func() (Outcome, bool) { return c.end(Rejected, membership.Rejected, refusal.Error()), true }
	if c.looked {
		return rejected()
	}
	c.looked = true
	var gone, inactive []string
	for _, id := range c.suspects() {
		account, err := c.opts.Reader.User(ctx, id)
		switch {
		case err != nil && membership.CauseOf(err) == membership.Missing:
			gone = append(gone, id)
		case err != nil:
			return c.unread(ctx, fmt.Errorf("%w (after %w)", err, refusal)), true
		case !account.Active:
			inactive = append(inactive, account.UserName)
		}
	}
	switch {
	case len(gone) > 0:
		c.group.Drop(gone)
		return Outcome{}, false
	case len(inactive) > 0:
		return c.end(Refused, membership.Rejected, fmt.Sprintf("Genesys refuses the members, of whom these are inactive: %s; "+
			"take them out of the group in Genesys, or make them active: %v", strings.Join(inactive, ", "), refusal)), true
	}
	return rejected()
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
