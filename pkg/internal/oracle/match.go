package oracle

import "slices"

// matching says which person has which account, for the people of one mapping.
type matching struct {
	owner             map[string]Person // owner of each account
	byOtherKey        map[string]bool   // accounts whose owner was found by another key than userPrincipalName
	contested         idSet             // accounts that unresolved people match
	unresolved        idSet             // people without an account
	inactiveNamesakes idSet             // inactive accounts with the name of an active one
	matchedPeople     int               // number of people whose keys find an account
}

// claim is the accounts that the keys of one person find.
type claim struct {
	accounts []string
	rank     int // index of the first key that found an account
	byName   bool
}

// match gives each account to at most one person, and each person at most one account.
func (o *Org) match(people []Person, keys []string) matching {
	m := matching{
		owner: map[string]Person{}, byOtherKey: map[string]bool{}, contested: idSet{}, unresolved: idSet{}, inactiveNamesakes: idSet{},
	}
	claims := make([]claim, len(people))
	best := map[string][]int{} // people with the best claim to each account
	ambiguous := idSet{}
	for i, p := range people {
		claims[i] = o.claim(p, keys, m.inactiveNamesakes)
		if len(claims[i].accounts) > 0 {
			m.matchedPeople++
		}
		switch c := claims[i]; {
		case len(c.accounts) > 1:
			for _, id := range c.accounts {
				ambiguous[id] = true
			}
		case len(c.accounts) == 1:
			id := c.accounts[0]
			switch others := best[id]; {
			case len(others) == 0 || claims[others[0]].rank > c.rank:
				best[id] = []int{i}
			case claims[others[0]].rank == c.rank:
				best[id] = append(others, i)
			}
		}
	}
	for id := range ambiguous {
		m.contested[id] = true
	}
	for i, p := range people {
		c := claims[i]
		if len(c.accounts) == 1 && !ambiguous[c.accounts[0]] && slices.Equal(best[c.accounts[0]], []int{i}) {
			m.owner[c.accounts[0]], m.byOtherKey[c.accounts[0]] = p, !c.byName
			continue
		}
		m.unresolved[p.ID] = true
		// A claim by a later key does not affect the owner.
		if len(c.accounts) == 1 && len(best[c.accounts[0]]) > 1 {
			m.contested[c.accounts[0]] = true
		}
	}
	return m
}

// claim looks up a person by each key. If there are several accounts with one name, only the active ones count, if there
// are any.
func (o *Org) claim(p Person, keys []string, inactiveNamesakes idSet) claim {
	c := claim{rank: len(keys)}
	for rank, key := range keys {
		value := map[string]string{"userPrincipalName": p.Name, "mail": p.Mail, "employeeId": p.Employee, "objectId": p.ID}[key]
		if fold(value) == "" {
			continue
		}
		var active, inactive []string
		for _, a := range o.Accounts {
			theirs := map[string]string{"employeeId": a.Employee, "objectId": a.External}
			have, other := theirs[key]
			if !other {
				have = a.Name
			}
			switch {
			case !a.Listed || fold(have) != fold(value):
			case a.Active:
				active = append(active, a.ID)
			default:
				inactive = append(inactive, a.ID)
			}
		}
		found := active
		if len(active) == 0 {
			found = inactive
		} else {
			for _, id := range inactive {
				inactiveNamesakes[id] = true
			}
		}
		for _, id := range found {
			c.rank = min(c.rank, rank)
			c.byName = c.byName || key == "userPrincipalName"
			if !slices.Contains(c.accounts, id) {
				c.accounts = append(c.accounts, id)
			}
		}
	}
	return c
}
