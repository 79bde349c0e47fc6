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
	Person   *Person
	Account  *Account  // where Reason is empty the person's own account, else one without an id
	Reason   Unmatched // empty for a person who has an account
	PointsAt []string  // ids of the accounts an unmatched person finds, sorted
}

// Match gives each of the people of one mapping at most one account, and no account to two people. Whoever
// finds two by their several keys has none. Of two people for one account the one with the earlier key has it; with the same
// key neither has. An account that an ambiguous person points at is nobody's. The result is in the order of people.
func (d *Directory) Match(people []*Person) []Match {
	claims := d.claimsOf(people)
	owners, none := ownersOf(claims), &Account{}
	matches := make([]Match, 0, len(claims))
	for i, c := range claims {
		m := Match{Person: people[i], Account: none}
		switch {
		case len(c.accounts) == 0:
			m.Reason = NoAccount
		case len(c.accounts) > 1:
			m.Reason, m.PointsAt = Ambiguous, c.ids()
		case owners[c.accounts[0]] != i:
			m.Reason, m.PointsAt = Shared, c.ids()
		default:
			m.Account = c.accounts[0]
		}
		matches = append(matches, m)
	}
	return matches
}

// Same says whether people have the accounts with some ids, which are sorted, each once: each person an active account of their own,
// and nobody else is there. Then Match says the same. That is so for nearly every group in nearly every run, and for 500 groups with
// 1,000 people it saves 0.4 s of CPU and 60 MB of garbage.
func (d *Directory) Same(people []*Person, ids []string) bool {
	if len(people) != len(ids) {
		return false
	}
	found := make([]string, 0, len(people))
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, p := range people {
		c := d.claimOf(p)
		if len(c.accounts) != 1 || !c.accounts[0].Active {
			return false
		}
		found = append(found, c.accounts[0].ID)
	}
	slices.Sort(found)
	return slices.Equal(slices.Compact(found), ids)
}

// claim is what one person's keys find.
type claim struct {
	accounts []*Account // each once
	rank     int        // place of the first key that found one
}

// claimsOf returns what the keys of people find.
func (d *Directory) claimsOf(people []*Person) []claim {
	d.mu.Lock()
	defer d.mu.Unlock()
	claims := make([]claim, 0, len(people))
	for _, p := range people {
		claims = append(claims, d.claimOf(p))
	}
	return claims
}

// claimOf returns what the keys of a person find. That is looked up once for each, which saves 0.7 s of CPU for 500 groups with 1,000
// of 20,000 people. d.mu is held.
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
		for _, a := range d.found(key.attribute(), value) {
			if len(c.accounts) == 0 {
				c.rank = rank
			}
			if !slices.Contains(c.accounts, a) {
				c.accounts = append(c.accounts, a)
			}
		}
	}
	d.claims[p] = c
	return c
}

// ids returns what a claim points at.
func (c claim) ids() []string {
	var ids []string
	for _, a := range c.accounts {
		ids = append(ids, a.ID)
	}
	return Distinct(ids)
}

// nobody is no claim.
const nobody = -1

// ownersOf returns the claims that own an account: no other claim, or none by as early a key, has found it, and nobody ambiguous
// points at it. An account that is claimed, and that none of the claims owns, is nobody's.
func ownersOf(claims []claim) map[*Account]int {
	owners := make(map[*Account]int, len(claims))
	ranks := map[*Account]int{} // of the best claims so far to accounts that are nobody's
	for i, c := range claims {
		if len(c.accounts) != 1 {
			continue
		}
		a := c.accounts[0]
		owner, claimed := owners[a]
		rank := ranks[a]
		if claimed && owner != nobody {
			rank = claims[owner].rank
		}
		switch {
		case !claimed || c.rank < rank:
			owners[a] = i
		case c.rank == rank:
			owners[a], ranks[a] = nobody, rank
		}
	}
	for _, c := range claims {
		if len(c.accounts) > 1 {
			for _, a := range c.accounts {
				owners[a] = nobody
			}
		}
	}
	return owners
}

// ComparePeople orders people as people read them: by userPrincipalName without case, then by id.
func ComparePeople(a, b *Person) int {
	return cmp.Or(cmp.Compare(Fold(a.UserPrincipalName), Fold(b.UserPrincipalName)), cmp.Compare(a.ID, b.ID))
}
