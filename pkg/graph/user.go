package graph

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// people keeps each person once, however many groups he is in, and numbers them. It is safe for concurrent use.
type people struct {
	seed maphash.Seed
	mu   sync.Mutex
	byID membership.ByID[kept]
}

// kept is a person, and a hash of all that is known of him: to look whether he is still the same is not to look at him. Two hashes
// that are the same by chance, one in 2⁶⁴, would have him stay as he was a moment ago.
type kept struct {
	person *membership.Person
	hash   uint64
	number int
}

func newPeople() *people { return &people{seed: maphash.MakeSeed()} }

// userReader reads users of a selection. It is not safe for concurrent use: it keeps the bytes of the last one.
type userReader struct {
	people *people
	sel    Selection
	odd    map[*membership.Person]oddity // those who are not to be taken
	fields
}

// oddity is what keeps a user from being taken. Graph answers null, with status 200, for what the application may not read.
type oddity struct {
	kind       string // "@odata.type" where it is not that of a user
	unreadable string // the attribute that came back empty and never is
}

// fields are the bytes of one user.
type fields struct {
	kind, id, userPrincipalName, mail, displayName, employeeID []byte
	enabled, enabledGiven                                      bool
	all                                                        []byte // the texts, one after the other
}

// next takes one user from the wire, and says which number he has.
func (r *userReader) next(dec *jsontext.Decoder) (*membership.Person, int, error) {
	if err := r.read(dec); err != nil {
		return nil, nameless, err
	}
	if !r.sel.EmployeeID {
		r.employeeID = r.employeeID[:0]
	}
	if !r.sel.Enabled {
		r.enabled, r.enabledGiven = false, false
	}
	var odd oddity
	switch {
	case len(r.userPrincipalName) == 0:
		odd.unreadable = "userPrincipalName"
	case r.sel.Enabled && !r.enabledGiven:
		odd.unreadable = "accountEnabled"
	}
	if len(r.kind) > 0 && string(r.kind) != "#microsoft.graph.user" {
		odd.kind = string(r.kind)
	}
	r.join()
	if len(r.id) == 0 {
		return nil, nameless, nil
	}
	known := r.people.keep(&r.fields)
	if odd == (oddity{}) {
		return known.person, known.number, nil
	}
	p := r.person() // another than the same one where he is not odd
	if r.odd == nil {
		r.odd = map[*membership.Person]oddity{}
	}
	r.odd[p] = odd
	return p, known.number, nil
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

// join makes one of the texts.
func (f *fields) join() {
	if hasUpper(f.id) {
		f.id = bytes.ToLower(f.id)
	}
	f.all = f.all[:0]
	for _, text := range [][]byte{f.id, f.userPrincipalName, f.mail, f.displayName, f.employeeID} {
		f.all = append(f.all, text...)
	}
}

// keep returns the person that the bytes are about: the one at hand if he is still the same.
func (p *people) keep(f *fields) kept {
	hash := f.hash(p.seed)
	p.mu.Lock()
	defer p.mu.Unlock()
	known, again := p.byID.Get(f.id)
	if again && known.hash == hash {
		return known
	}
	if !again {
		known.number = p.byID.Len()
	}
	known.person, known.hash = f.person(), hash
	p.byID.Set(f.id, known)
	return known
}

// hash sums up the texts, where one ends and the next begins, and whether the account is enabled.
func (f *fields) hash(seed maphash.Seed) uint64 {
	summed := f.all
	for _, text := range [][]byte{f.id, f.userPrincipalName, f.mail, f.displayName} {
		summed = binary.AppendUvarint(summed, uint64(len(text)))
	}
	switch {
	case f.enabledGiven && f.enabled:
		summed = append(summed, 2)
	case f.enabledGiven:
		summed = append(summed, 1)
	}
	f.all = summed[:len(f.all)]
	return maphash.Bytes(seed, summed)
}

// person returns a person of his own, whose texts are parts of one.
func (f *fields) person() *membership.Person {
	rest := string(f.all)
	p := &membership.Person{}
	for _, part := range []struct {
		into *string
		len  int
	}{
		{&p.ID, len(f.id)}, {&p.UserPrincipalName, len(f.userPrincipalName)}, {&p.Mail, len(f.mail)},
		{&p.DisplayName, len(f.displayName)}, {&p.EmployeeID, len(f.employeeID)},
	} {
		*part.into, rest = rest[:part.len], rest[part.len:]
	}
	if f.enabledGiven {
		enabled := f.enabled
		p.Enabled = &enabled
	}
	return p
}

func hasUpper(id []byte) bool {
	for _, c := range id {
		if 'A' <= c && c <= 'Z' {
			return true
		}
	}
	return false
}
