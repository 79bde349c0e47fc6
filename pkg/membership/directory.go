package membership

import (
	"slices"
	"strings"
	"sync"
)

// Directory finds accounts by id, and accounts of people by the keys it was created with. Create one with [NewDirectory].
// It is safe for concurrent use, and its contents do not change. Do not change a [Person] that was matched.
type Directory struct {
	accounts []Account      // sorted by id; the maps have their indices
	byID     map[string]int // by id
	keys     []Key
	byValue  map[Key]map[string][]int // by Key.index and the folded value

	mu             sync.Mutex
	claims         map[*Person]claim              // results of claimOf: most people are in many groups
	lookAlikeIndex map[bool]map[string][]*Account // index of LookAlike; built by the first call
}

// NewDirectory returns a directory of accounts for people who are matched by keys, in this order. If two accounts have the
// same id, the first one is used.
func NewDirectory(accounts []Account, keys []Key) *Directory {
	d := &Directory{
		accounts: slices.Clone(accounts), byID: make(map[string]int, len(accounts)),
		keys: keys, byValue: map[Key]map[string][]int{}, claims: map[*Person]claim{},
		lookAlikeIndex: map[bool]map[string][]*Account{},
	}
	slices.SortStableFunc(d.accounts, func(a, b Account) int { return strings.Compare(a.ID, b.ID) })
	for _, key := range keys {
		d.byValue[key.index()] = map[string][]int{}
	}
	for i := range d.accounts {
		a := &d.accounts[i]
		if _, again := d.byID[a.ID]; again {
			continue
		}
		d.byID[a.ID] = i
		for key, values := range d.byValue {
			if value := key.ofAccount(a); value != "" {
				values[value] = append(values[value], i)
			}
		}
	}
	return d
}

// Accounts returns all accounts, sorted by id. Do not change the result.
func (d *Directory) Accounts() []Account { return d.accounts }

// Account returns the account with an id, active or not. It returns false if the directory has no such account.
func (d *Directory) Account(id string) (Account, bool) {
	if i, found := d.byID[id]; found {
		return d.accounts[i], true
	}
	return Account{}, false
}

// find returns the accounts with a value, as indices. If at least one of them is active, inactive ones are left out: people
// who left and came back have both.
func (d *Directory) find(key Key, value string) []int {
	all := d.byValue[key.index()][value]
	active := func(i int) bool { return d.accounts[i].Active }
	if len(all) < 2 || !slices.ContainsFunc(all, active) {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(i int) bool { return !active(i) })
}

// Lookup lists the values that find the accounts of some people and members, without duplicates.
type Lookup struct {
	UserNames       []string
	EmployeeNumbers []string
	ExternalIDs     []string
	IDs             []string // ids of members
}

// Values returns how many values are looked up, without those of members.
func (l Lookup) Values() int {
	return len(l.UserNames) + len(l.EmployeeNumbers) + len(l.ExternalIDs)
}

// LookupOf returns the values that find the accounts of people, matched by keys, and of members.
func LookupOf(people []*Person, keys []Key, members []string) Lookup {
	values := map[Key][]string{}
	for _, key := range keys {
		for _, p := range people {
			if value := key.ofPerson(p); value != "" {
				values[key.index()] = append(values[key.index()], value)
			}
		}
	}
	return Lookup{
		UserNames: Distinct(values[UserPrincipalName]), EmployeeNumbers: Distinct(values[EmployeeID]),
		ExternalIDs: Distinct(values[ObjectID]), IDs: Distinct(members),
	}
}
