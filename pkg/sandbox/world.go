// Package sandbox simulates an Entra tenant and a Genesys Cloud organisation, in memory or in a folder of JSON files. It
// answers sign-in, Microsoft Graph and SCIM requests. It refuses requests that the services do not promise to accept, and it
// never opens a connection itself.
//
// Create a [World] with [New] or [Open]. It is a [net/http.RoundTripper], which replaces the network, and a
// [net/http.Handler] for sockets.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
)

// A World is one tenant and one organisation. It is safe for concurrent use. The folder of a World may be used by several
// processes.
type World struct {
	folder *folder // nil if the state is only in memory

	mu           sync.Mutex
	entra        Entra
	genesys      Genesys
	index        index
	changed      bool  // the Genesys side has changes that are not in its file
	entraChanged bool  // the Entra side has changes that are not in its file
	configErr    error // returned for every request, if the World was created with invalid data

	history []Change
	written int // number of changes in the file of the history

	faults     faultList
	tokens     map[string]grant     // by access token
	assertions map[string]time.Time // the end of each assertion that was used, by jti
	pages      map[string]cursor    // by $skiptoken
	rate       rateWindow
	log        []Request

	gzipWriters sync.Pool // of *gzip.Writer, which needs a megabyte
}

// index finds users and groups by id. It is rebuilt when the state is replaced.
type index struct {
	people      map[string]int // into entra.Users
	entraGroups map[string]int // into entra.Groups
	devices     map[string]bool
	accounts    map[string]int // into genesys.Users
	groups      map[string]int // into genesys.Groups
}

// New returns a World without a folder, with a copy of both arguments. If a switch has an unknown value, every request
// fails.
func New(entra Entra, genesys Genesys) *World {
	w := &World{tokens: map[string]grant{}, assertions: map[string]time.Time{}, pages: map[string]cursor{}}
	w.entra, w.genesys = entra.clone(), genesys.clone()
	if err := errors.Join(w.entra.check(), w.genesys.check()); err != nil {
		w.configErr = fmt.Errorf("sandbox: %w", err)
	}
	w.reindex()
	return w
}

// Open returns the World whose files are in dir. If dir does not exist, it is created from the demo tenant.
func Open(dir string) (*World, error) {
	if err := createDemo(dir); err != nil {
		return nil, err
	}
	w := New(Entra{}, Genesys{})
	w.folder = &folder{dir: dir, flock: flock.New(filepath.Join(dir, lockFile)), files: map[string]fileState{}}
	unlock, err := w.lock(context.Background())
	if err != nil {
		return nil, err
	}
	unlock()
	return w, nil
}

// Close closes the folder. All changes were written before.
func (w *World) Close() error {
	if w.folder == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.folder.flock.Close()
}

// lock gives exclusive access to the World, in this process and others, until unlock is called. It reads the files that
// were edited, and applies the changes that are due.
func (w *World) lock(ctx context.Context) (unlock func(), err error) {
	w.mu.Lock()
	unlock, err = w.mu.Unlock, w.configErr
	if w.folder != nil {
		if err = w.folder.lock(ctx); err == nil {
			unlock = func() {
				_ = w.folder.flock.Unlock() // closing the descriptor releases the lock in any case
				w.mu.Unlock()
			}
			err = w.reload()
		}
	}
	if err == nil {
		w.applyDue()
		err = w.save()
	}
	if err != nil {
		unlock()
		return nil, err
	}
	return unlock, nil
}

// lockForRead is lock for methods without an error: if the files cannot be read, it keeps the last state.
func (w *World) lockForRead() (unlock func()) {
	unlock, err := w.lock(context.Background())
	if err != nil {
		w.mu.Lock()
		return w.mu.Unlock
	}
	return unlock
}

// Entra returns a copy of the present tenant.
func (w *World) Entra() Entra {
	defer w.lockForRead()()
	return w.entra.clone()
}

// Genesys returns a copy of the present organisation.
func (w *World) Genesys() Genesys {
	defer w.lockForRead()()
	return w.genesys.clone()
}

// Edit changes both sides, as an administrator does. The versions of the changed Genesys groups are increased.
func (w *World) Edit(change func(*Entra, *Genesys)) error {
	unlock, err := w.lock(context.Background())
	if err != nil {
		return err
	}
	defer unlock()
	entra, genesys := w.entra.clone(), w.genesys.clone()
	change(&entra, &genesys)
	if err := errors.Join(entra.check(), genesys.check()); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	w.become(entra, genesys)
	w.entraChanged = true
	return w.save()
}

// become replaces both sides. It gives a new version, and a line in the history, to every group that differs from before.
func (w *World) become(entra Entra, genesys Genesys) {
	before := w.genesys
	w.entra, w.genesys, w.changed = entra, genesys, true
	w.reindex()
	old := map[string]GenesysGroup{}
	for _, g := range before.Groups {
		old[g.ID] = g
	}
	for i := range w.genesys.Groups {
		g := &w.genesys.Groups[i]
		was, ok := old[g.ID]
		delete(old, g.ID)
		same := g.DisplayName == was.DisplayName && g.ExternalID == was.ExternalID && slices.Equal(g.Members, was.Members)
		if ok && !same && g.Version == was.Version {
			g.Version++
		}
		if !same || g.Version != was.Version {
			w.recordChange(time.Now(), "edit", "", was, g)
		}
	}
	for _, was := range before.Groups {
		if _, gone := old[was.ID]; gone {
			w.recordChange(time.Now(), "edit", "", was, nil)
		}
	}
}

func (w *World) reindex() {
	w.index = index{people: map[string]int{}, entraGroups: map[string]int{}, accounts: map[string]int{}, groups: map[string]int{}}
	for i, u := range w.entra.Users {
		w.index.people[strings.ToLower(u.ID)] = i
	}
	for i, g := range w.entra.Groups {
		w.index.entraGroups[strings.ToLower(g.ID)] = i
	}
	w.index.devices = map[string]bool{}
	for _, id := range w.entra.Devices {
		w.index.devices[strings.ToLower(id)] = true
	}
	for i, u := range w.genesys.Users {
		w.index.accounts[u.ID] = i
	}
	for i, g := range w.genesys.Groups {
		w.index.groups[g.ID] = i
	}
}

// grant is the permission of an access token.
type grant struct {
	service service
	host    string // the only host that accepts it; empty for all hosts of the service
	roles   []string
	expires time.Time
}

// storeToken stores a token, and removes tokens that have expired.
func (w *World) storeToken(token string, g grant) {
	now := time.Now()
	maps.DeleteFunc(w.tokens, func(_ string, old grant) bool { return now.Sub(old.expires) > time.Hour })
	w.tokens[token] = g
}

// shuffle puts items in a pseudo-random order, which is the same for the same seed and name.
func shuffle[T any](items []T, seed uint64, name string) {
	seededRand(seed, name).Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
}

// seededRand returns a random source that depends only on the seed and the name.
func seededRand(seed uint64, name string) *rand.Rand {
	sum := fnv.New64a()
	_, _ = io.WriteString(sum, name)
	return rand.New(rand.NewPCG(seed, sum.Sum64()))
}
