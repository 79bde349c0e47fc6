// Package sandbox is an Entra tenant and a Genesys Cloud organisation in memory, with plain files behind them, that answer
// sign-in, Microsoft Graph and SCIM over real HTTP; it refuses everything that the services do not promise to take, and never
// opens a connection itself.
//
// It is a [net/http.RoundTripper], to be put in place of the network, and a [net/http.Handler], to be put on sockets.
package sandbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// A World is one tenant and one organisation. It is safe for use by many goroutines, and the folder of one that was opened
// by many processes.
type World struct {
	folder *folder // nil: there are no files, the state lives in memory alone

	mu           sync.Mutex
	entra        Entra
	genesys      Genesys
	index        index
	changed      bool  // the Genesys side is not yet in its file
	entraChanged bool  // nor is the Entra side
	wrong        error // a World that was made of what makes no sense fails every request

	history []Change
	written int // how much of the history is in its file

	faults faultList
	tokens map[string]grant  // by access token
	pages  map[string]cursor // by $skiptoken
	rate   rateWindow
	log    []Request

	packers sync.Pool // of *gzip.Writer, which takes a megabyte
}

// index finds users and groups by id. It is made anew whenever the state is replaced.
type index struct {
	people   map[string]int // into entra.Users
	teams    map[string]int // into entra.Groups
	accounts map[string]int // into genesys.Users
	groups   map[string]int // into genesys.Groups
}

// New returns a World without a folder. It works on a copy of what it is given; a switch with a value that it does not know
// fails every request.
func New(entra Entra, genesys Genesys) *World {
	w := &World{tokens: map[string]grant{}, pages: map[string]cursor{}}
	w.entra, w.genesys = entra.clone(), genesys.clone()
	if err := errors.Join(w.entra.check(), w.genesys.check()); err != nil {
		w.wrong = fmt.Errorf("sandbox: %w", err)
	}
	w.reindex()
	return w
}

// Open returns the World whose files are in dir. A dir that does not exist is made from the demo tenant first.
func Open(dir string) (*World, error) {
	if err := makeDemo(dir); err != nil {
		return nil, err
	}
	w := New(Entra{}, Genesys{})
	w.folder = newFolder(dir)
	leave, err := w.enter(context.Background())
	if err != nil {
		return nil, err
	}
	leave()
	return w, nil
}

// Close lets go of the folder. What was answered is in the files already.
func (w *World) Close() error {
	if w.folder == nil {
		return nil
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.folder.flock.Close()
}

// enter begins a turn: nobody else, in this process or in another, reads or changes the World until leave is called. What
// was edited in the files since the last turn is taken in, and what is due comes true.
func (w *World) enter(ctx context.Context) (leave func(), err error) {
	w.mu.Lock()
	if w.folder == nil {
		if w.wrong != nil {
			w.mu.Unlock()
			return nil, w.wrong
		}
		w.settle()
		return w.mu.Unlock, nil
	}
	if err := w.folder.lock(ctx); err != nil {
		w.mu.Unlock()
		return nil, err
	}
	leave = func() {
		w.folder.unlock()
		w.mu.Unlock()
	}
	err = w.reload()
	if err == nil {
		w.settle()
		err = w.save()
	}
	if err != nil {
		leave()
		return nil, err
	}
	return leave, nil
}

// look is enter for whoever makes do with the last state that could be read.
func (w *World) look() (leave func()) {
	leave, err := w.enter(context.Background())
	if err != nil {
		w.mu.Lock()
		return w.mu.Unlock
	}
	return leave
}

// Entra returns a copy of the tenant as it is now.
func (w *World) Entra() Entra {
	defer w.look()()
	return w.entra.clone()
}

// Genesys returns a copy of the organisation as it is now.
func (w *World) Genesys() Genesys {
	defer w.look()()
	return w.genesys.clone()
}

// Edit lets an administrator of either side change things. The versions of the Genesys groups that change are raised.
func (w *World) Edit(change func(*Entra, *Genesys)) error {
	leave, err := w.enter(context.Background())
	if err != nil {
		return err
	}
	defer leave()
	entra, genesys := w.entra.clone(), w.genesys.clone()
	change(&entra, &genesys)
	if err := errors.Join(entra.check(), genesys.check()); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	before := w.genesys
	w.entra, w.genesys = entra, genesys
	w.reindex()
	w.noteEdits(before)
	w.changed, w.entraChanged = true, true
	return w.save()
}

// noteEdits gives every group that differs from before, but for its version, a new one, and a line of history.
func (w *World) noteEdits(before Genesys) {
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
			w.note(time.Now(), "edit", "", was, g)
		}
	}
	for _, was := range before.Groups {
		if _, gone := old[was.ID]; gone {
			w.note(time.Now(), "edit", "", was, nil)
		}
	}
}

func (w *World) reindex() {
	w.index = index{people: map[string]int{}, teams: map[string]int{}, accounts: map[string]int{}, groups: map[string]int{}}
	for i, u := range w.entra.Users {
		w.index.people[strings.ToLower(u.ID)] = i
	}
	for i, g := range w.entra.Groups {
		w.index.teams[strings.ToLower(g.ID)] = i
	}
	for i, u := range w.genesys.Users {
		w.index.accounts[u.ID] = i
	}
	for i, g := range w.genesys.Groups {
		w.index.groups[g.ID] = i
	}
}

// grant is what an access token stands for.
type grant struct {
	side    side
	host    string // the only host that takes it; empty: any of its side
	roles   []string
	expires time.Time
}

// remember keeps a token until it has expired, and forgets those that have.
func (w *World) remember(token string, g grant) {
	now := time.Now()
	maps.DeleteFunc(w.tokens, func(_ string, old grant) bool { return now.Sub(old.expires) > time.Hour })
	w.tokens[token] = g
}

// shuffle puts items in an order that looks like none and yet is the same for the same seed and name.
func shuffle[T any](items []T, seed uint64, name string) {
	seededRand(seed, name).Shuffle(len(items), func(i, j int) { items[i], items[j] = items[j], items[i] })
}

// seededRand returns a source of numbers that depends on the seed and the name alone.
func seededRand(seed uint64, name string) *rand.Rand {
	const prime, offset = 1099511628211, 14695981039346656037 // FNV-1a
	sum := uint64(offset)
	for _, b := range []byte(name) {
		sum = (sum ^ uint64(b)) * prime
	}
	return rand.New(rand.NewPCG(seed, sum))
}
