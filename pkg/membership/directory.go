package membership

import (
	"iter"
	"slices"
	"sync"
)

// Directory finds accounts by id, and those of people by the keys that it is made for. It is safe for concurrent use, and what
// it finds does not change once it is made. A Person that was matched is not to be changed.
type Directory struct {
	accounts []Account
	byID     map[string]*Account
	keys     []Key
	byValue  map[attribute]map[string][]*Account // of the attributes that the keys compare with, by the folded value

	mu     sync.Mutex
	claims map[*Person]claim              // what Match has found of people: most of them are in many groups
	likes  map[bool]map[string][]*Account // for LookAlike, once somebody asks
}

// attribute is what accounts are found by.
type attribute string

// NewDirectory indexes accounts, for people who are found by keys, in this order. Of an account that is given twice the first
// counts.
func NewDirectory(accounts []Account, keys []Key) *Directory {
	d := &Directory{
		accounts: slices.Clone(accounts), byID: make(map[string]*Account, len(accounts)),
		keys: keys, byValue: map[attribute]map[string][]*Account{}, claims: map[*Person]claim{},
	}
	for _, key := range keys {
		d.byValue[key.attribute()] = map[string][]*Account{}
	}
	for i := range d.accounts {
		a := &d.accounts[i]
		if d.byID[a.ID] != nil {
			continue
		}
		d.byID[a.ID] = a
		for attribute, values := range d.byValue {
			if value := attribute.of(a); value != "" {
				values[value] = append(values[value], a)
			}
		}
	}
	return d
}

// Accounts returns all accounts that the directory has.
func (d *Directory) Accounts() iter.Seq[Account] { return slices.Values(d.accounts) }

// Account returns the account with an id, active or not; false if no listing of users has it.
func (d *Directory) Account(id string) (Account, bool) {
	if a := d.byID[id]; a != nil {
		return *a, true
	}
	return Account{}, false
}

// found returns the accounts under a value. Where one of them is active, inactive ones of the same name do not count: people
// who left and came back have both.
func (d *Directory) found(by attribute, value string) []*Account {
	all := d.byValue[by][value]
	active := func(a *Account) bool { return a.Active }
	if len(all) < 2 || !slices.ContainsFunc(all, active) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(a *Account) bool { return !active(a) })
}
