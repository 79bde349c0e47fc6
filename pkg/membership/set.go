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
func (d *Directory) InStep(people []*Person, keys []Key, members []Member) (*Set, bool) {
	if len(people) != len(members) {
		return nil, false
	}
	wanted := make([]place, 0, len(people))
	for _, p := range people {
		c := d.claim(p, keys)
		if c.count() != 1 || !d.accounts[c.account].Active {
			return nil, false
		}
		wanted = append(wanted, c.account)
	}
	are := make([]place, 0, len(members))
	for _, m := range members {
		at, known := d.byID[m.ID]
		if !known || !m.IsUser() {
			return nil, false
		}
		are = append(are, at)
	}
	slices.Sort(wanted)
	slices.Sort(are)
	twice := len(slices.Compact(slices.Clone(wanted))) < len(wanted)
	return &Set{dir: d, places: are}, !twice && slices.Equal(wanted, are)
}
