package membership

import (
	"iter"
	"slices"
	"sync"
)

// Directory finds accounts by id, and those of people by the keys that it is made for. It is safe for concurrent use, and what
// it finds does not change once it is made.
type Directory struct {
	accounts []Account // each once
	byID     map[string]place
	keys     []Key
	byValue  map[attribute]index // of the attributes that the keys compare with
	none     Account

	mu     sync.Mutex                  // of what InStep keeps, because most people are in many groups
	single map[*Person]place           // the one account that somebody finds; nowhere if he finds none or several
	marks  []int                       // by place; nobody's mark is zero
	mark   int                         // the last that was used
	likes  map[bool]map[string][]place // for LookAlike, once somebody asks
}

// place is where an account stands in the directory.
type place int32

// nowhere is no place.
const nowhere place = -1

// attribute is what accounts are found by.
type attribute string

// index finds accounts under a folded value. Nearly every value has one account alone.
type index struct {
	first map[string]place
	more  map[string][]place
}

// all returns every account under a value.
func (x index) all(value string) iter.Seq[place] {
	return func(yield func(place) bool) {
		first, ok := x.first[value]
		if !ok || !yield(first) {
			return
		}
		for _, at := range x.more[value] {
			if !yield(at) {
				return
			}
		}
	}
}

// found returns the accounts under a value. Where one of them is active, inactive ones of the same name do not count: people
// who left and came back have both.
func (d *Directory) found(by attribute, value string) iter.Seq[place] {
	values := d.byValue[by]
	active := func(at place) bool { return d.accounts[at].Active }
	if first, ok := values.first[value]; !ok || !active(first) && !slices.ContainsFunc(values.more[value], active) {
		return values.all(value)
	}
	return func(yield func(place) bool) {
		for at := range values.all(value) {
			if active(at) && !yield(at) {
				return
			}
		}
	}
}

func (x index) add(value string, at place) {
	if _, taken := x.first[value]; taken {
		x.more[value] = append(x.more[value], at)
	} else {
		x.first[value] = at
	}
}

// NewDirectory indexes accounts, for people who are found by keys, in this order. Of an account that is given twice the first
// counts.
func NewDirectory(accounts []Account, keys []Key) *Directory {
	d := &Directory{
		accounts: make([]Account, 0, len(accounts)), byID: make(map[string]place, len(accounts)),
		keys: keys, byValue: map[attribute]index{}, single: map[*Person]place{},
	}
	for _, key := range keys {
		d.byValue[key.attribute()] = index{first: map[string]place{}, more: map[string][]place{}}
	}
	for _, a := range accounts {
		if _, known := d.byID[a.ID]; known {
			continue
		}
		at := place(len(d.accounts)) //nolint:gosec // far fewer than two billion
		d.accounts = append(d.accounts, a)
		d.byID[a.ID] = at
		for attribute, values := range d.byValue {
			if value := attribute.of(a); value != "" {
				values.add(value, at)
			}
		}
	}
	return d
}

// Accounts returns all accounts that the directory has.
func (d *Directory) Accounts() iter.Seq[Account] { return slices.Values(d.accounts) }

// Account returns the account with an id, active or not; false if no listing of users has it.
func (d *Directory) Account(id string) (Account, bool) {
	at, ok := d.byID[id]
	if !ok {
		return Account{}, false
	}
	return d.accounts[at], true
}
