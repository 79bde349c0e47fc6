package pipeline

import (
	"context"
	"math"
	"slices"

	"golang.org/x/sync/semaphore"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

// directory has the Genesys accounts that a run knows. It is safe for concurrent use.
type directory struct {
	org   *genesys.Reader
	keys  []membership.Key
	turn  *semaphore.Weighted // of 1; a run that is stopped does not wait for it
	dir   *membership.Directory
	whole bool // dir has every visible account, not only those that were looked up
}

func newDirectory(org *genesys.Reader, keys []membership.Key, known genesys.Accounts) directory {
	dir := membership.NewDirectory(known.List, keys)
	return directory{org: org, keys: keys, turn: semaphore.NewWeighted(1), dir: dir, whole: known.Whole}
}

// with returns the directory for a group that was read just now. If the group has a new member whose account was not
// looked up before, with lists all accounts. Without that, the member would count as an account that is in no list of
// users, and would be kept.
func (d *directory) with(ctx context.Context, members []string) (*membership.Directory, error) {
	if err := wait(ctx, d.turn); err != nil {
		return nil, err
	}
	defer d.turn.Release(1)
	unknown := func(id string) bool { _, known := d.dir.Account(id); return !known }
	if !d.whole && slices.ContainsFunc(members, unknown) {
		if err := d.list(ctx); err != nil {
			return nil, err
		}
	}
	return d.dir, nil
}

// listForLookAlikes lists all accounts if one of the people has no account and a name that may look like another one. A
// look-up is not enough for that, because it finds only names with exactly the same spelling.
func (d *directory) listForLookAlikes(ctx context.Context, wanted *memberships) error {
	if err := wait(ctx, d.turn); err != nil {
		return err
	}
	defer d.turn.Release(1)
	without := func(m membership.Match) bool { return m.Reason == membership.NoAccount }
	if d.whole || !slices.ContainsFunc(d.dir.Match(wanted.mayLookAlike()), without) {
		return nil
	}
	return d.list(ctx)
}

// list lists all accounts and keeps them in d. The caller holds d.turn.
func (d *directory) list(ctx context.Context) error {
	accounts, err := d.org.Accounts(ctx, genesys.AccountsOptions{Keys: d.keys, Hint: math.MaxInt})
	if err == nil {
		d.dir, d.whole = membership.NewDirectory(accounts.List, d.keys), true
	}
	return err
}
