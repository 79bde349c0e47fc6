package membership

// Search is what one key of a person was compared with, and the accounts that have the value.
type Search struct {
	Key      Key       `json:"key"`
	Value    string    `json:"value"` // empty if the person has none
	Accounts []Account `json:"accounts"`
}

// Searches returns what [Directory.Match] looks for to find the account of a person, in order of precedence. It is for
// explaining a result. Unlike Match it does not know other people, who may share an account.
func (d *Directory) Searches(p *Person) []Search {
	searches := make([]Search, 0, len(d.keys))
	for _, key := range d.keys {
		s := Search{Key: key, Value: key.ofPerson(p), Accounts: []Account{}}
		if s.Value != "" {
			for _, i := range d.find(key, s.Value) {
				s.Accounts = append(s.Accounts, d.accounts[i])
			}
		}
		searches = append(searches, s)
	}
	return searches
}
