package membership

import "slices"

// Set is a set of account ids that takes four bytes for each that its directory knows, in place of a string.
type Set struct {
	dir    *Directory
	places []place
	others []string // that are in no listing
}

// Set returns ids as a set.
func (d *Directory) Set(ids []string) *Set {
	s := &Set{dir: d, places: make([]place, 0, len(ids))}
	for _, id := range ids {
		if at, known := d.byID[id]; known {
			s.places = append(s.places, at)
		} else {
			s.others = append(s.others, id)
		}
	}
	return s
}

// Len is how many ids there are.
func (s *Set) Len() int { return len(s.places) + len(s.others) }

// IDs returns the ids, sorted.
func (s *Set) IDs() []string {
	ids := slices.Grow(slices.Clone(s.others), len(s.places))
	for _, at := range s.places {
		ids = append(ids, s.dir.accounts[at].ID)
	}
	return Distinct(ids)
}

// InStep says whether people and members are the same: each of the people has an active account of his own, each of the members
// is a user and one of these, and nobody else is there. Then it returns the members as a set. That is so for nearly every group
// in nearly every run, and costs a small part of what Match does.
func (d *Directory) InStep(people []*Person, members []Member) (*Set, bool) {
	if len(people) != len(members) {
		return nil, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.marks == nil {
		d.marks = make([]int, len(d.accounts))
	}
	wanted, found := d.mark+1, d.mark+2
	d.mark = found
	for _, p := range people {
		at := d.singleOf(p)
		if at == nowhere || d.marks[at] == wanted || !d.accounts[at].Active {
			return nil, false
		}
		d.marks[at] = wanted
	}
	are := make([]place, 0, len(members))
	for _, m := range members {
		at, known := d.byID[m.ID]
		if !known || d.marks[at] != wanted || !m.IsUser() {
			return nil, false
		}
		d.marks[at] = found
		are = append(are, at)
	}
	return &Set{dir: d, places: are}, true
}

// singleOf returns the one account that a person finds; nowhere if he finds none or several.
func (d *Directory) singleOf(p *Person) place {
	at, known := d.single[p]
	if !known {
		at = nowhere
		if c := d.claim(p); c.count() == 1 {
			at = c.account
		}
		d.single[p] = at
	}
	return at
}
