package membership

import (
	"sync"
)

// Registry keeps persons, each once however many groups he is in, and numbers them from 0. It is safe for concurrent use.
type Registry struct {
	mu   sync.Mutex
	byID ByID[registered]
	all  []*Person // by number; nil of whom nothing but the id is known
}

// registered is a person's number, and a hash of all that is known of him: to look whether he is still the same is not to look
// at him.
type registered struct {
	hash   uint64
	number int32
}

// RegistryOf returns a registry of people, each of whom stands there once.
func RegistryOf(people []Person) *Registry {
	r := &Registry{}
	for i := range people {
		r.Keep([]byte(people[i].ID), 0, func() *Person { return &people[i] })
	}
	return r
}

// Number returns the number of an id, which may be of somebody of whom nothing is known.
func (r *Registry) Number(id []byte) int32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, again := r.byID.Get(id)
	if !again {
		known = r.add(id)
	}
	return known.number
}

// Keep returns the number of an id, and sees that its person is what made returns: hash sums up everything about him, and made
// is only called where it is another one than before. What was read of somebody last counts for every group that he is in.
func (r *Registry) Keep(id []byte, hash uint64, made func() *Person) int32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	known, again := r.byID.Get(id)
	if !again {
		known = r.add(id)
	}
	if r.all[known.number] == nil || known.hash != hash {
		known.hash, r.all[known.number] = hash, made()
		r.byID.Set(id, known)
	}
	return known.number
}

func (r *Registry) add(id []byte) registered {
	added := registered{number: int32(len(r.all))} //nolint:gosec // far fewer than two billion
	r.all = append(r.all, nil)
	r.byID.Set(id, added)
	return added
}

// People are persons of a registry, each once and in no order. A person takes four bytes. The zero value is nobody.
type People struct {
	registry *Registry
	numbers  []int32
}

// People returns the persons with some numbers, each of whom must have been kept. The numbers are the result's own from then on.
func (r *Registry) People(numbers []int32) People { return People{r, numbers} }

// Named returns the persons with some ids, each of whom must have been kept.
func (r *Registry) Named(ids []string) People {
	numbers := make([]int32, 0, len(ids))
	for _, id := range ids {
		numbers = append(numbers, r.Number([]byte(id)))
	}
	return People{r, numbers}
}

// Len is how many they are.
func (p People) Len() int { return len(p.numbers) }

// List returns them, none of whom is to be changed.
func (p People) List() []*Person {
	if p.registry == nil {
		return nil
	}
	p.registry.mu.Lock()
	defer p.registry.mu.Unlock()
	list := make([]*Person, len(p.numbers))
	for i, n := range p.numbers {
		list[i] = p.registry.all[n]
	}
	return list
}

// Join returns the people of several groups of one registry, each once, without those whom leave names. It panics where the
// registries differ, because a number means another person in each.
func Join(groups []People, leave func(*Person) bool) People {
	var joined People
	seen := map[int32]bool{}
	for _, g := range groups {
		if len(g.numbers) == 0 {
			continue
		}
		if joined.registry == nil {
			joined.registry = g.registry
		}
		if joined.registry != g.registry {
			panic("people of two registries are joined")
		}
		for i, p := range g.List() {
			if n := g.numbers[i]; !seen[n] && !leave(p) {
				joined.numbers = append(joined.numbers, n)
				seen[n] = true
			}
		}
	}
	return joined
}
