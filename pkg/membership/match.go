package membership

import (
	"cmp"
	"slices"
)

// Unmatched says why a person has no account of his own.
type Unmatched string

// The reasons.
const (
	NoAccount Unmatched = "none"      // no key finds an account
	Ambiguous Unmatched = "ambiguous" // his keys find more than one account
	Shared    Unmatched = "shared"    // the account that he finds is somebody else's, or claimed by others too
)

// Match is what became of one person: an account of his own, or the reason why not with the accounts that he points at.
type Match struct {
	Person   Person
	Account  Account   // his account, where Reason is empty
	Reason   Unmatched // empty for a person who has an account
	PointsAt []string  // ids of the accounts an unmatched person finds, sorted
}

// Directory finds accounts by id and by key. It does not change once it is made.
type Directory struct {
	byID    map[string]Account
	byValue map[Key]map[string][]string // ids of the accounts under a folded value
}

// NewDirectory indexes accounts. An account that is given twice counts once.
func NewDirectory(accounts []Account) *Directory {
	d := &Directory{byID: make(map[string]Account, len(accounts)), byValue: map[Key]map[string][]string{}}
	for _, key := range Keys() {
		d.byValue[key] = map[string][]string{}
	}
	for _, a := range accounts {
		if _, known := d.byID[a.ID]; known {
			continue
		}
		d.byID[a.ID] = a
		for _, key := range Keys() {
			if value := key.ofAccount(a); value != "" {
				d.byValue[key][value] = append(d.byValue[key][value], a.ID)
			}
		}
	}
	return d
}

// Account returns the account with an id, active or not; false if no listing of users has it.
func (d *Directory) Account(id string) (Account, bool) {
	a, ok := d.byID[id]
	return a, ok
}

// Match gives each of the people of one mapping at most one account, and no account to two people. Whoever
// finds two by his several keys has none. Of two people for one account the one with the earlier key has it; with the same
// key neither has. An account that an ambiguous person points at is nobody's. The result is sorted by person.
func (d *Directory) Match(people []Person, keys []Key) []Match {
	claims := make([]claim, 0, len(people))
	for _, p := range people {
		claims = append(claims, d.claim(p, keys))
	}
	owner := owners(claims)
	matches := make([]Match, 0, len(claims))
	for i, c := range claims {
		m := Match{Person: c.person}
		switch {
		case len(c.accounts) == 0:
			m.Reason = NoAccount
		case len(c.accounts) > 1:
			m.Reason, m.PointsAt = Ambiguous, c.accounts
		case owner[c.accounts[0]] != i:
			m.Reason, m.PointsAt = Shared, c.accounts
		default:
			m.Account = d.byID[c.accounts[0]]
		}
		matches = append(matches, m)
	}
	slices.SortFunc(matches, func(a, b Match) int { return ComparePeople(a.Person, b.Person) })
	return matches
}

// claim is what one person's keys find.
type claim struct {
	person   Person
	accounts []string // distinct ids, sorted
	rank     int      // place of the first key that found one
}

func (d *Directory) claim(p Person, keys []Key) claim {
	c := claim{person: p, rank: len(keys)}
	for rank, key := range keys {
		value := key.ofPerson(p)
		if value == "" {
			continue
		}
		if found := d.byValue[key][value]; len(found) > 0 {
			c.accounts = append(c.accounts, found...)
			c.rank = min(c.rank, rank)
		}
	}
	c.accounts = Distinct(c.accounts)
	return c
}

// nobody is the owner of an account that an ambiguous person claims, or two people by the same key.
const nobody = -1

// owners says which claim, by its index, has each claimed account.
func owners(claims []claim) map[string]int {
	rank, owner := map[string]int{}, map[string]int{}
	for i, c := range claims {
		if len(c.accounts) != 1 {
			continue
		}
		id := c.accounts[0]
		best, taken := rank[id]
		switch {
		case !taken || c.rank < best:
			rank[id], owner[id] = c.rank, i
		case c.rank == best:
			owner[id] = nobody
		}
	}
	for _, c := range claims {
		if len(c.accounts) > 1 {
			for _, id := range c.accounts {
				owner[id] = nobody
			}
		}
	}
	return owner
}

// ComparePeople orders people as people read them: by userPrincipalName without case, then by id.
func ComparePeople(a, b Person) int {
	return cmp.Or(cmp.Compare(fold(a.UserPrincipalName), fold(b.UserPrincipalName)), cmp.Compare(a.ID, b.ID))
}
