package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Switches are what nobody knows for certain about Genesys Cloud. The zero value is the organisation on an ordinary day.
type Switches struct {
	// VersionConflict is what a PUT with an old If-Match is answered: 409 (the default), 400 with scimType invalidVers,
	// 400-plain with words in place of a scimType, or 412.
	VersionConflict Choice `json:"version_conflict,omitempty"`

	// UnknownMember is what becomes of a PUT that names an id which is nobody's: 400 (the default), 404, or dropped: it is
	// taken, and the id is no member afterwards.
	UnknownMember Choice `json:"unknown_member,omitempty"`

	// InactiveMembers says whether a PUT may name inactive users: taken (the default), or refused with 400.
	InactiveMembers Choice `json:"inactive_members,omitempty"`

	// UnseenMembers says whether a PUT may name an id which is nobody's and yet is a member: taken (the default), or refused
	// as any unknown member is.
	UnseenMembers Choice `json:"unseen_members,omitempty"`

	// UnlistedUsers is what is known of users whom no list shows, because of their division, under their id: found (the
	// default), by a GET and for a PUT, or missing, as if the id were nobody's.
	UnlistedUsers Choice `json:"unlisted_users,omitempty"`

	// Individuals says whether the list of a group's individual members comes whole (the default), or cut to max_page items
	// with a total that tells the truth.
	Individuals Choice `json:"individuals,omitempty"`

	// LargePage is what becomes of a count above max_page where attributes or excludedAttributes are given: cut (the
	// default), 429 if an expensive attribute comes along and honoured if none does, 400, or honoured. Without them it is
	// always cut.
	LargePage Choice `json:"large_page,omitempty"`

	LateApplication Duration `json:"late_application,omitzero"` // a PUT is answered at once and comes true so much later
	ListLag         Duration `json:"list_lag,omitzero"`         // lists show the groups as they were so long ago

	MembersAbsentWhenEmpty bool `json:"members_absent_when_empty,omitempty"` // an empty group has no attribute members
	PutWithoutBody         bool `json:"put_without_body,omitempty"`          // a PUT's 200 has an ETag and nothing else
	IDFilterFindsInactive  bool `json:"id_filter_finds_inactive,omitempty"`  // users filtered by id need not be active

	// RuleMembers are, by the id of a group, those whom its rules or its owners put into it: every GET shows them, whatever
	// was written.
	RuleMembers map[string][]string `json:"rule_members,omitempty"`
}

// EntraSwitches are what nobody knows for certain about Microsoft Graph. The zero value is the ordinary tenant.
type EntraSwitches struct {
	// HiddenCount says whether the members whom hidden membership leaves out of a listing are in its @odata.count: missing
	// (the default), or counted.
	HiddenCount Choice `json:"hidden_count,omitempty"`
}

// Choice is one of the words that a switch knows; empty is the first of them. In a file it may be a number too.
type Choice string

// UnmarshalJSON reads a string, and takes anything else as it stands there.
func (c *Choice) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, (*string)(c))
	}
	if *c = Choice(data); *c == "null" {
		*c = ""
	}
	return nil
}

// switchError is a switch that has a value it does not know.
type switchError struct{ name, problem string }

func (e switchError) Error() string { return "switches." + e.name + ": " + e.problem }

func (c Choice) check(name string, known ...Choice) error {
	if c == "" || slices.Contains(known, c) {
		return nil
	}
	words := make([]string, len(known))
	for i, word := range known {
		words[i] = string(word)
	}
	return switchError{name, fmt.Sprintf("%q is none of %s", string(c), strings.Join(words, ", "))}
}

func (d Duration) check(name string) error {
	if d < 0 {
		return switchError{name, time.Duration(d).String() + " is negative"}
	}
	return nil
}

func (e *Entra) check() error {
	return e.Switches.HiddenCount.check("hidden_count", "missing", "counted")
}

func (g *Genesys) check() error {
	s := g.Switches
	return errors.Join(
		s.VersionConflict.check("version_conflict", "409", "400", "400-plain", "412"),
		s.UnknownMember.check("unknown_member", "400", "404", "dropped"),
		s.InactiveMembers.check("inactive_members", "taken", "refused"),
		s.UnseenMembers.check("unseen_members", "taken", "refused"),
		s.UnlistedUsers.check("unlisted_users", "found", "missing"),
		s.Individuals.check("individuals", "whole", "cut"),
		s.LargePage.check("large_page", "cut", "429", "400", "honoured"),
		s.LateApplication.check("late_application"),
		s.ListLag.check("list_lag"),
	)
}

// checkFile is check for what stands in a file: it says in which line.
func checkFile(data []byte, v interface{ check() error }) error {
	err := v.check()
	var wrong switchError
	if errors.As(err, &wrong) {
		at := max(0, bytes.Index(data, []byte(`"`+wrong.name+`"`)))
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:at], []byte("\n")), err)
	}
	return err
}
