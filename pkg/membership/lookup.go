package membership

// Lookup is what it takes to find the accounts that matter for some people and some members: the values by which they would be
// found, each once.
type Lookup struct {
	UserNames       []string
	EmployeeNumbers []string
	ExternalIDs     []string
	IDs             []string // of members, whose accounts are wanted too
}

// Values is how many of them are looked for whoever the members turn out to be.
func (l Lookup) Values() int {
	return len(l.UserNames) + len(l.EmployeeNumbers) + len(l.ExternalIDs)
}

// LookupOf returns what matching people by keys looks for, and the members.
func LookupOf(people []*Person, keys []Key, members []string) Lookup {
	l := Lookup{IDs: Distinct(members)}
	for _, key := range keys {
		var values []string
		for _, p := range people {
			if value := key.ofPerson(p); value != "" {
				values = append(values, value)
			}
		}
		switch key {
		case UserPrincipalName, Mail:
			l.UserNames = append(l.UserNames, values...)
		case EmployeeID:
			l.EmployeeNumbers = values
		case ObjectID:
			l.ExternalIDs = values
		}
	}
	l.UserNames, l.EmployeeNumbers, l.ExternalIDs = Distinct(l.UserNames), Distinct(l.EmployeeNumbers), Distinct(l.ExternalIDs)
	return l
}
