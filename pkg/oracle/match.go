package oracle

import "slices"

// match is who has which account, among the people of one mapping.
type match struct {
	owner      map[string]Person // by account
	second     map[string]bool   // accounts that their owner was found for by another key than userPrincipalName
	contested  crowd             // accounts that ambiguous and shared people point at
	unresolved crowd             // people who have no account of their own
	blurred    crowd             // accounts of which an active one has the name too
	finding    int               // people whose keys find anything
}

// claim is what the keys of one person find.
type claim struct {
	accounts []string
	rank     int // place of the first key that has found one
	byName   bool
}

// pair gives each account to at most one person, and each person at most one.
func (o *Org) pair(people []Person, keys []string) match {
	m := match{owner: map[string]Person{}, second: map[string]bool{}, contested: crowd{}, unresolved: crowd{}, blurred: crowd{}}
	claims := make([]claim, len(people))
	best := map[string][]int{} // the people with the best claim to an account
	spoiled := crowd{}
	for i, p := range people {
		claims[i] = o.claim(p, keys, m.blurred)
		if len(claims[i].accounts) > 0 {
			m.finding++
		}
		switch c := claims[i]; {
		case len(c.accounts) > 1:
			for _, id := range c.accounts {
				spoiled[id] = true
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
	for id := range spoiled {
		m.contested[id] = true
	}
	for i, p := range people {
		c := claims[i]
		if len(c.accounts) == 1 && !spoiled[c.accounts[0]] && slices.Equal(best[c.accounts[0]], []int{i}) {
			m.owner[c.accounts[0]], m.second[c.accounts[0]] = p, !c.byName
			continue
		}
		m.unresolved[p.ID] = true
		// Who has lost to an earlier key does not take anything from the winner.
		if len(c.accounts) == 1 && len(best[c.accounts[0]]) > 1 {
			m.contested[c.accounts[0]] = true
		}
	}
	return m
}

// claim looks a person up by each key. Of several accounts of one name the active ones count, if there are any.
func (o *Org) claim(p Person, keys []string, blurred crowd) claim {
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
				blurred[id] = true
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
