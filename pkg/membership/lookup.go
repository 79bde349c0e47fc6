package membership

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
