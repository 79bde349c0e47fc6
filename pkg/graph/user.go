package graph

import (
	"bytes"
	"encoding/binary"
	"hash/maphash"
	"slices"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// userReader reads users of a selection. It is not safe for concurrent use: it keeps the bytes of the last one.
type userReader struct {
	people *membership.Registry
	seed   maphash.Seed // one for each registry
	sel    Selection
	odd    map[int32]oddity // those who are not to be taken, by number
	fields
}

// oddity is what keeps a user from being taken. Graph answers null, with status 200, for what the application may not read.
type oddity struct {
	id         string
	kind       string // "@odata.type" where it is not that of a user
	unreadable string // the attribute that came back empty and never is
}

// fields are the bytes of one user.
type fields struct {
	kind, id, userPrincipalName, mail, displayName, employeeID []byte
	enabled, enabledGiven                                      bool
	summed                                                     []byte // all of it, as hash takes it
}

// next takes one user from the wire, and returns his number.
func (r *userReader) next(dec *jsontext.Decoder) (item, number int32, err error) {
	if err := r.read(dec); err != nil || len(r.id) == 0 {
		return 0, nameless, err
	}
	if hasUpper(r.id) {
		r.id = bytes.ToLower(r.id)
	}
	if !r.sel.EmployeeID {
		r.employeeID = r.employeeID[:0]
	}
	if !r.sel.Enabled {
		r.enabled, r.enabledGiven = false, false
	}
	if odd := r.oddity(); odd == (oddity{}) {
		number = r.people.Keep(r.id, r.hash(r.seed), r.person)
		delete(r.odd, number)
	} else {
		number = r.people.Number(r.id)
		odd.id = string(r.id)
		r.odd[number] = odd
	}
	return number, number, nil
}

func (r *userReader) oddity() (odd oddity) {
	switch {
	case len(r.userPrincipalName) == 0:
		odd.unreadable = "userPrincipalName"
	case r.sel.Enabled && !r.enabledGiven:
		odd.unreadable = "accountEnabled"
	}
	if len(r.kind) > 0 && string(r.kind) != "#microsoft.graph.user" {
		odd.kind = string(r.kind)
	}
	return odd
}

// read takes one user from the wire.
func (f *fields) read(dec *jsontext.Decoder) error {
	*f = fields{
		kind: f.kind[:0], id: f.id[:0], userPrincipalName: f.userPrincipalName[:0], mail: f.mail[:0],
		displayName: f.displayName[:0], employeeID: f.employeeID[:0], summed: f.summed[:0],
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

// hash sums up the texts, where one ends and the next begins, and whether the account is enabled.
func (f *fields) hash(seed maphash.Seed) uint64 {
	f.summed = f.summed[:0]
	for _, text := range [][]byte{f.id, f.userPrincipalName, f.mail, f.displayName, f.employeeID} {
		f.summed = binary.AppendUvarint(f.summed, uint64(len(text)))
		f.summed = append(f.summed, text...)
	}
	switch {
	case f.enabledGiven && f.enabled:
		f.summed = append(f.summed, 2)
	case f.enabledGiven:
		f.summed = append(f.summed, 1)
	}
	return maphash.Bytes(seed, f.summed)
}

// person returns the person. His texts are parts of one, and most people have one name in two attributes: that is less to hold.
func (f *fields) person() *membership.Person {
	mail, same := f.mail, bytes.Equal(f.mail, f.userPrincipalName)
	if same {
		mail = nil
	}
	rest := string(slices.Concat(f.id, f.userPrincipalName, mail, f.displayName, f.employeeID))
	next := func(text []byte) (part string) {
		part, rest = rest[:len(text)], rest[len(text):]
		return part
	}
	p := &membership.Person{
		ID: next(f.id), UserPrincipalName: next(f.userPrincipalName), Mail: next(mail), DisplayName: next(f.displayName), EmployeeID: next(f.employeeID),
	}
	if same {
		p.Mail = p.UserPrincipalName
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
