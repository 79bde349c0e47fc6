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
	accounts, err := org.Accounts(ctx, genesys.AccountsOptions{Keys: keys, Hint: math.MaxInt})
	if err != nil {
		return nil, err
	}
	d.dir, d.whole = membership.NewDirectory(accounts.List, keys), true
	return d.dir, nil
}
