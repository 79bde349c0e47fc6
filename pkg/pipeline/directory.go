package pipeline

import (
	"context"
	"math"
	"slices"
	"sync"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
)

// directory is what a run knows of accounts. It is safe for concurrent use.
type directory struct {
	mu    sync.Mutex
	dir   *membership.Directory
	whole bool // it has every account that can be seen, and not only those that were looked up
}

// with returns the directory for a group as it was read just now. If somebody has come into the group whom nobody looked up
// before, all accounts are listed: he would count as one whom no listing has, and stay.
func (d *directory) with(ctx context.Context, org *genesys.Reader, keys []membership.Key, members []string) (*membership.Directory, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	unknown := func(id string) bool { _, known := d.dir.Account(id); return !known }
	if d.whole || !slices.ContainsFunc(members, unknown) {
		return d.dir, nil
	}
	if err := d.list(ctx, org, keys); err != nil {
		return nil, err
	}
	return d.dir, nil
}

// listForLookAlikes lists all accounts if one of people has none and a name that may look like another one. A look-up finds only
// what is spelled as it was asked for.
func (d *directory) listForLookAlikes(ctx context.Context, org *genesys.Reader, keys []membership.Key, people []*membership.Person) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.whole {
		return nil
	}
	without := func(m membership.Match) bool { return m.Reason == membership.NoAccount }
	if !slices.ContainsFunc(d.dir.Match(people), without) {
		return nil
	}
	return d.list(ctx, org, keys)
}

// list makes the directory whole. d.mu is held.
func (d *directory) list(ctx context.Context, org *genesys.Reader, keys []membership.Key) error {
	accounts, err := org.Accounts(ctx, genesys.AccountsOptions{Keys: keys, Hint: math.MaxInt})
	if err == nil {
		d.dir, d.whole = membership.NewDirectory(accounts.List, keys), true
	}
	return err
}
