package membership

import (
	"cmp"
	"slices"

	"github.com/callroll/callroll/pkg/internal/list"
)

// Unmatched says why a person has no account.
type Unmatched string

// The reasons.
const (
	NoAccount Unmatched = "none"      // the keys find no account
	Ambiguous Unmatched = "ambiguous" // the keys find more than one account
	Shared    Unmatched = "shared"    // the account belongs to somebody else, or others find it too
)

// Match is the result for one person: their account, or the reason why they have none.
type Match struct {
	Person   *Person
	Account  *Account  // the person's account; an empty Account if Reason is set
	Reason   Unmatched // empty if the person has an account
	PointsAt []string  // ids of the accounts that the keys of an unmatched person find, sorted
}

// Match gives each of the people of one mapping at most one account, and no account to two people. A person whose keys
// find two accounts has none. If two people find the same account, the one with the earlier key has it; with the same key,
// neither has it. An account that an ambiguous person finds is given to nobody. The result is in the order of people.
func (d *Directory) Match(people []*Person) []Match {
	d.mu.Lock()
	defer d.mu.Unlock()
	claims := list.Map(people, d.claimOf)
	owners, none := ownersOf(claims), &Account{}
	matches := make([]Match, 0, len(claims))
	for i, c := range claims {
		m := Match{Person: people[i], Account: none}
		switch {
		case len(c.accounts) == 0:
			m.Reason = NoAccount
		case len(c.accounts) > 1:
			m.Reason, m.PointsAt = Ambiguous, d.ids(c.accounts)
		case owners[c.accounts[0]].claim != i:
			m.Reason, m.PointsAt = Shared, d.ids(c.accounts)
		default:
			m.Account = &d.accounts[c.accounts[0]]
		}
		matches = append(matches, m)
	}
	return matches
}

// Same says whether people have exactly the accounts with these ids, all of them active. ids must be sorted, without
// duplicates. If Same returns true, Match gives the same result. This is the case for nearly every group in nearly every
// run. For 500 groups with 1,000 people it saves 0.4 s of CPU and 60 MB of garbage.
func (d *Directory) Same(people []*Person, ids []string) bool {
	if len(people) != len(ids) {
		return false
	}
	accounts := make([]int, 0, len(people))
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range people {
		c := d.claimOf(p)
		if len(c.accounts) != 1 || !d.accounts[c.accounts[0]].Active {
			return false
		}
		accounts = append(accounts, c.accounts[0])
	}
	slices.Sort(accounts) // their order is that of the ids
	if len(slices.Compact(accounts)) != len(ids) {
		return false // two people with one account
	}
	for i, id := range ids {
		if d.accounts[accounts[i]].ID != id {
			return false
		}
	}
	return true
}

// claim is the accounts that the keys of one person find.
type claim struct {
	accounts []int // indices in Directory.accounts, without duplicates
	rank     int   // index of the first key that found an account
}

// claimOf returns the claim of a person. It is computed once for each person, which saves 0.7 s of CPU for 500 groups with
// 1,000 of 20,000 people. d.mu must be held.
func (d *Directory) claimOf(p *Person) claim {
	c, known := d.claims[p]
	if known {
		return c
	}
	for rank, key := range d.keys {
		value := key.ofPerson(p)
		if value == "" {
			continue
		}
		for _, i := range d.find(key, value) {
			if len(c.accounts) == 0 {
				c.rank = rank
			}
			if !slices.Contains(c.accounts, i) {
				c.accounts = append(c.accounts, i)
			}
		}
	}
	d.claims[p] = c
	return c
}

// ids returns the ids of accounts, sorted.
func (d *Directory) ids(accounts []int) []string {
	return Distinct(list.Map(accounts, func(i int) string { return d.accounts[i].ID }))
}

// owner is the claim that owns an account, by its index, or nobody. rank is that of the best claim to it.
type owner struct{ claim, rank int }

// nobody means that no claim owns an account.
const nobody = -1

// ownersOf returns the owner of each claimed account, by its index. A claim owns an account if no other claim found it with
// the same key or an earlier one, and if no ambiguous person finds it.
func ownersOf(claims []claim) map[int]owner {
	owners := make(map[int]owner, len(claims))
	for i, c := range claims {
		if len(c.accounts) != 1 {
			continue
		}
		a := c.accounts[0]
		best, claimed := owners[a]
		switch {
		case !claimed || c.rank < best.rank:
			owners[a] = owner{i, c.rank}
		case c.rank == best.rank:
			owners[a] = owner{nobody, c.rank}
		}
	}
	for _, c := range claims {
		if len(c.accounts) > 1 {
			for _, a := range c.accounts {
				owners[a] = owner{claim: nobody}
			}
		}
	}
	return owners
}

// ComparePeople orders people by userPrincipalName, ignoring case, then by id.
func ComparePeople(a, b *Person) int {
	return cmp.Or(cmp.Compare(Fold(a.UserPrincipalName), Fold(b.UserPrincipalName)), cmp.Compare(a.ID, b.ID))
}
