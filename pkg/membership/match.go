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
// finds two by his several keys has none. Of two people for one account the one with the earlier key has it; with the same
// key neither has. An account that an ambiguous person points at is nobody's. The result is in the order of people.
func (d *Directory) Match(people []*Person) []Match {
	claims := make([]claim, 0, len(people))
	for _, p := range people {
		claims = append(claims, d.claim(p))
	}
	owns := owners(claims)
	matches := make([]Match, 0, len(claims))
	for i, c := range claims {
		m := Match{Person: people[i], Account: &d.none}
		switch {
		case c.count() == 0:
			m.Reason = NoAccount
		case c.count() > 1:
			m.Reason, m.PointsAt = Ambiguous, d.ids(c)
		case !owns[i]:
			m.Reason, m.PointsAt = Shared, d.ids(c)
		default:
			m.Account = &d.accounts[c.account]
		}
		matches = append(matches, m)
	}
	return matches
}

// claim is what one person's keys find.
type claim struct {
	account place   // the first that was found
	others  []place // that were found besides
	rank    int     // place of the first key that found one; len(keys) if none has
	none    bool
}

func (c claim) count() int {
	if c.none {
		return 0
	}
	return 1 + len(c.others)
}

func (d *Directory) claim(p *Person) claim {
	c := claim{rank: len(d.keys), none: true}
	for rank, key := range d.keys {
		value := key.ofPerson(p)
		if value == "" {
			continue
		}
		for at := range d.found(key.attribute(), value) {
			c.rank = min(c.rank, rank)
			if c.none {
				c.account, c.none = at, false
			} else if at != c.account && !slices.Contains(c.others, at) {
				c.others = append(c.others, at)
			}
		}
	}
	return c
}

// ids returns what a claim points at.
func (d *Directory) ids(c claim) []string {
	ids := []string{d.accounts[c.account].ID}
	for _, at := range c.others {
		ids = append(ids, d.accounts[at].ID)
	}
	return Distinct(ids)
}

// owners says of each claim whether the account that it has found is its own: no other claim, or none by as early a key, has
// found it, and nobody ambiguous points at it.
func owners(claims []claim) []bool {
	order := make([]int32, 0, len(claims)) // places of the claims to one account, by account and rank
	contested := map[place]bool{}
	for i, c := range claims {
		switch {
		case c.count() == 1:
			order = append(order, int32(i)) //nolint:gosec // far fewer than two billion
		case c.count() > 1:
			contested[c.account] = true
			for _, at := range c.others {
				contested[at] = true
			}
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(claims[a].account, claims[b].account), cmp.Compare(claims[a].rank, claims[b].rank))
	})
	owns := make([]bool, len(claims))
	for k, i := range order {
		first := k == 0 || claims[order[k-1]].account != claims[i].account
		tied := k+1 < len(order) && claims[order[k+1]].account == claims[i].account && claims[order[k+1]].rank == claims[i].rank
		owns[i] = first && !tied && !contested[claims[i].account]
	}
	return owns
}

// ComparePeople orders people as people read them: by userPrincipalName without case, then by id.
func ComparePeople(a, b *Person) int {
	return cmp.Or(cmp.Compare(Fold(a.UserPrincipalName), Fold(b.UserPrincipalName)), cmp.Compare(a.ID, b.ID))
}
