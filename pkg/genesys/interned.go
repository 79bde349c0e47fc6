package genesys

import (
	"sync"

	"github.com/callroll/callroll/pkg/membership"
)

// interned keeps each id once and numbers it. It is safe for concurrent use.
type interned struct {
	mu      sync.Mutex
	ids     []string
	numbers membership.ByID[uint32]
}

// number returns the number of an id.
func (i *interned) number(id []byte) uint32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.of(id)
}

// text returns the string of an id.
func (i *interned) text(id []byte) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.ids[i.of(id)]
}

func (i *interned) of(id []byte) uint32 {
	if n, known := i.numbers.Get(id); known {
		return n
	}
	n := uint32(len(i.ids)) //nolint:gosec // mostListed and the size of an answer keep it far below
	i.ids = append(i.ids, string(id))
	i.numbers.Set(id, n)
	return n
}

// members returns users as members.
func (i *interned) members(users []uint32) []membership.Member {
	i.mu.Lock()
	defer i.mu.Unlock()
	members := make([]membership.Member, len(users))
	for at, n := range users {
		members[at] = membership.Member{ID: i.ids[n], Type: "User"}
	}
	return members
}
