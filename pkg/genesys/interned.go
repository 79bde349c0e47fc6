package genesys

import (
	"sync"

	"github.com/callroll/callroll/pkg/membership"
)

// interned keeps each id once and numbers it. It is safe for concurrent use.
type interned struct {
	mu      sync.Mutex
	ids     []string
	numbers map[string]uint32
}

func newInterned() *interned { return &interned{numbers: map[string]uint32{}} }

// intern returns the string of an id.
func (i *interned) intern(id []byte) string {
	i.mu.Lock()
	defer i.mu.Unlock()
	n, known := i.numbers[string(id)]
	if !known {
		n = i.add(string(id))
	}
	return i.ids[n]
}

func (i *interned) number(id string) uint32 {
	i.mu.Lock()
	defer i.mu.Unlock()
	n, known := i.numbers[id]
	if !known {
		n = i.add(id)
	}
	return n
}

func (i *interned) add(id string) uint32 {
	n := uint32(len(i.ids)) //nolint:gosec // mostListed and the size of an answer keep it far below
	i.ids = append(i.ids, id)
	i.numbers[id] = n
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
