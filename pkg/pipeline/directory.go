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
	turn  *semaphore.Weighted // of 1; a run that is stopped does not wait for it
	dir   *membership.Directory
	whole bool // dir has every visible account, not only those that were looked up
}

func newDirectory(dir *membership.Directory, whole bool) directory {
	return directory{turn: semaphore.NewWeighted(1), dir: dir, whole: whole}
}

// with returns the directory for a group that was read just now. If the group has a new member whose account was not
// looked up before, with lists all accounts. Without that, the member would count as an account that is in no list of
// users, and would be kept.
func (d *directory) with(
	ctx context.Context, org *genesys.Reader, keys []membership.Key, members []string,
) (*membership.Directory, error) {
	if err := wait(ctx, d.turn); err != nil {
		return nil, err
	}
	defer d.turn.Release(1)
	unknown := func(id string) bool { _, known := d.dir.Account(id); return !known }
	if d.whole || !slices.ContainsFunc(members, unknown) {
		return d.dir, nil
	}
	if err := d.list(ctx, org, keys); err != nil {
		return nil, err
	}
	return d.dir, nil
}

// listForLookAlikes lists all accounts if one of the people has no account and a name that may look like another one. A
// look-up is not enough for that, because it finds only names with exactly the same spelling.
func (d *directory) listForLookAlikes(
	ctx context.Context, org *genesys.Reader, keys []membership.Key, wanted *memberships,
) error {
	if err := wait(ctx, d.turn); err != nil {
		return err
	}
	defer d.turn.Release(1)
	if d.whole {
		return nil
	}
	without := func(m membership.Match) bool { return m.Reason == membership.NoAccount }
	if !slices.ContainsFunc(d.dir.Match(wanted.mayLookAlike()), without) {
		return nil
	}
	return d.list(ctx, org, keys)
}

// list lists all accounts and keeps them in d. The caller holds d.turn.
func (d *directory) list(ctx context.Context, org *genesys.Reader, keys []membership.Key) error {
	accounts, err := org.Accounts(ctx, genesys.AccountsOptions{Keys: keys, Hint: math.MaxInt})
	if err == nil {
		d.dir, d.whole = membership.NewDirectory(accounts.List, keys), true
	}
	return err
}
