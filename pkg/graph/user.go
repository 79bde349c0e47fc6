package graph

import (
	"bytes"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// user is a member of a group, as Graph writes him, and what he was not readable by. Graph answers null, with status 200,
// for what the application may not read.
type user struct {
	*membership.Person
	*oddity // nil for nearly everybody
}

// oddity is what keeps a user from being taken.
type oddity struct {
	kind       string // "@odata.type" where it is not that of a user
	unreadable string // the attribute that came back empty and never is
}

func (u user) key() string { return u.ID }

// people keeps each person once, however many groups he is in. It is safe for concurrent use.
type people struct {
	mu   sync.Mutex
	byID map[string]*kept
}

// kept is a person whose texts are parts of one, so that to look whether he is still the same is to look at one place.
type kept struct {
	membership.Person
	all string
}

// fields are the bytes of one user.
type fields struct {
	kind, id, userPrincipalName, mail, displayName, employeeID []byte
	enabled, enabledGiven                                      bool
	all                                                        []byte // the texts, one after the other
}

// usersOf returns what reads users of a selection. It is not safe for concurrent use: it keeps the bytes of the last one.
func (p *people) usersOf(sel Selection) func(*jsontext.Decoder) (user, error) {
	var f fields
	return func(dec *jsontext.Decoder) (user, error) {
		if err := f.read(dec); err != nil {
			return user{}, err
		}
		if !sel.EmployeeID {
			f.employeeID = f.employeeID[:0]
		}
		if !sel.Enabled {
			f.enabled, f.enabledGiven = false, false
		}
		u := user{Person: p.person(&f)}
		var odd oddity
		switch {
		case len(f.userPrincipalName) == 0:
			odd.unreadable = "userPrincipalName"
		case sel.Enabled && !f.enabledGiven:
			odd.unreadable = "accountEnabled"
		}
		if len(f.kind) > 0 && string(f.kind) != "#microsoft.graph.user" {
			odd.kind = string(f.kind)
		}
		if odd != (oddity{}) {
			found := odd
			u.oddity = &found
		}
		return u, nil
	}
}

// read takes one user from the wire.
func (f *fields) read(dec *jsontext.Decoder) error {
	*f = fields{
		kind: f.kind[:0], id: f.id[:0], userPrincipalName: f.userPrincipalName[:0], mail: f.mail[:0],
		displayName: f.displayName[:0], employeeID: f.employeeID[:0], all: f.all[:0],
	}
	if ok, err := membership.StartObject(dec); !ok {
		return err
	}
	for {
		name, err := membership.NextName(dec)
		if err != nil || name == nil {
			return err
		}
		into := f.field(name)
		switch {
		case into != nil:
			value, err := membership.TakeString(dec)
			if err != nil {
				return err
			}
			*into = append(*into, value...)
		case string(name) == "accountEnabled":
			if f.enabled, f.enabledGiven, err = membership.TakeBool(dec); err != nil {
				return err
			}
		default:
			if err := dec.SkipValue(); err != nil {
				return err
			}
		}
	}
}

// field returns where the value of a name goes, if it is a text.
func (f *fields) field(name []byte) *[]byte {
	switch string(name) {
	case "@odata.type":
		return &f.kind
	case "id":
		return &f.id
	case "userPrincipalName":
		return &f.userPrincipalName
	case "mail":
		return &f.mail
	case "displayName":
		return &f.displayName
	case "employeeId":
		return &f.employeeID
	}
	return nil
}

// person returns the person that the bytes are about: the one at hand if he is still the same.
func (p *people) person(f *fields) *membership.Person {
	if hasUpper(f.id) {
		f.id = bytes.ToLower(f.id)
	}
	f.all = f.all[:0]
	for _, text := range [][]byte{f.id, f.userPrincipalName, f.mail, f.displayName, f.employeeID} {
		f.all = append(f.all, text...)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	known := p.byID[string(f.id)]
	if known != nil && f.same(known) {
		return &known.Person
	}
	known = &kept{all: string(f.all)}
	rest := known.all
	for _, part := range []struct {
		into *string
		len  int
	}{
		{&known.ID, len(f.id)}, {&known.UserPrincipalName, len(f.userPrincipalName)}, {&known.Mail, len(f.mail)},
		{&known.DisplayName, len(f.displayName)}, {&known.EmployeeID, len(f.employeeID)},
	} {
		*part.into, rest = rest[:part.len], rest[part.len:]
	}
	if f.enabledGiven {
		enabled := f.enabled
		known.Enabled = &enabled
	}
	p.byID[known.ID] = known
	return &known.Person
}

func (f *fields) same(p *kept) bool {
	if (p.Enabled != nil) != f.enabledGiven || f.enabledGiven && *p.Enabled != f.enabled {
		return false
	}
	return len(p.ID) == len(f.id) && len(p.UserPrincipalName) == len(f.userPrincipalName) && len(p.Mail) == len(f.mail) &&
		len(p.DisplayName) == len(f.displayName) && p.all == string(f.all)
}

func hasUpper(id []byte) bool {
	for _, c := range id {
		if 'A' <= c && c <= 'Z' {
			return true
		}
	}
	return false
}
