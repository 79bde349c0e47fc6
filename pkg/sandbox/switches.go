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

// Switches select between behaviours of Genesys Cloud that are not documented. The zero value selects the defaults.
type Switches struct {
	// VersionConflict is the answer to a PUT with an old If-Match: 409 (the default), 400 with scimType invalidVers,
	// 400-plain with a message instead of a scimType, 412, or accepted: the PUT succeeds as if it had the current version.
	VersionConflict Choice `json:"version_conflict,omitempty"`

	// UnknownMember is the answer to a PUT with an id that has no account: 400 (the default), 404, or dropped: the PUT
	// succeeds, and the id is not a member afterwards.
	UnknownMember Choice `json:"unknown_member,omitempty"`

	// InactiveMembers says whether a PUT may have inactive users: taken (the default), or refused with 400.
	InactiveMembers Choice `json:"inactive_members,omitempty"`

	// PutWithoutExternalID says what a PUT without externalId does to a group that has one: refused with 400 (the default),
	// kept, or removed. With kept and removed, a PUT may also change externalId, which the vendor documents as writable.
	PutWithoutExternalID Choice `json:"put_without_external_id,omitempty"`

	// PutWithoutMembers says what a PUT without members does to the members: refused with 400 (the default), kept, or
	// emptied.
	PutWithoutMembers Choice `json:"put_without_members,omitempty"`

	// UnseenMembers says whether a PUT may have an id that has no account but is a member: taken (the default), or refused
	// like any unknown member.
	UnseenMembers Choice `json:"unseen_members,omitempty"`

	// UnlistedUsers says whether users whom no list shows, because of their division, are known by their id: found (the
	// default), by a GET and for a PUT, or missing, as if the id had no account.
	UnlistedUsers Choice `json:"unlisted_users,omitempty"`

	// Individuals says whether the list of a group's individual members is whole (the default), or cut to max_page items
	// with the correct total.
	Individuals Choice `json:"individuals,omitempty"`

	// LargePage is the answer to a count above largest_count with attributes or excludedAttributes: cut (the default), 429 if an
	// expensive attribute is requested and honoured otherwise, 400, or honoured. Without attributes it is always cut.
	LargePage Choice `json:"large_page,omitempty"`

	// LargestCount is the largest count with attributes or excludedAttributes; max_page if zero. Without attributes it is
	// always max_page.
	LargestCount int `json:"largest_count,omitempty"`

	// MembersShown is how many members a GET of one group shows at most; zero for all. Lists show all.
	MembersShown int `json:"members_shown,omitempty"`

	LateApplication Duration `json:"late_application,omitzero"` // a PUT is answered at once and takes effect so much later
	ListLag         Duration `json:"list_lag,omitzero"`         // lists show the groups of so long ago

	MembersAbsentWhenEmpty bool `json:"members_absent_when_empty,omitempty"` // an empty group has no attribute members
	PutWithoutBody         bool `json:"put_without_body,omitempty"`          // the 200 of a PUT has an ETag and no body
	IDFilterFindsInactive  bool `json:"id_filter_finds_inactive,omitempty"`  // a filter by id finds inactive users too

	// RuleMembers are the members that rules or owners add to a group, by its id. Every GET shows them, whatever was
	// written.
	RuleMembers map[string][]string `json:"rule_members,omitempty"`
}

// EntraSwitches select between behaviours of Microsoft Graph that are not documented. The zero value selects the defaults.
type EntraSwitches struct {
	// HiddenCount says whether hidden members are counted in the @odata.count of a listing: missing (the default), or
	// counted.
	HiddenCount Choice `json:"hidden_count,omitempty"`
}

// Choice is a value of a switch. Empty is the default. In a file it may be a number too.
type Choice string

// UnmarshalJSON reads a string, or the text of any other value.
func (c *Choice) UnmarshalJSON(data []byte) error {
	if bytes.HasPrefix(data, []byte(`"`)) {
		return json.Unmarshal(data, (*string)(c))
	}
	if *c = Choice(data); *c == "null" {
		*c = ""
	}
	return nil
}

// switchError is the error for an unknown value of a switch.
type switchError struct{ name, problem string }

func (e switchError) Error() string { return "switches." + e.name + ": " + e.problem }

func (c Choice) check(name string, known ...string) error {
	if c == "" || slices.Contains(known, string(c)) {
		return nil
	}
	return switchError{name, fmt.Sprintf("%q is none of %s", string(c), strings.Join(known, ", "))}
}

func (d Duration) check(name string) error {
	if d < 0 {
		return switchError{name, time.Duration(d).String() + " is negative"}
	}
	return nil
}

func checkCount(name string, n int) error {
	if n < 0 {
		return switchError{name, fmt.Sprintf("%d is negative", n)}
	}
	return nil
}

func (e *Entra) check() error {
	err := e.Switches.HiddenCount.check("hidden_count", "missing", "counted")
	return errors.Join(err, e.checkCredentials())
}

func (g *Genesys) check() error {
	s := g.Switches
	return errors.Join(
		s.VersionConflict.check("version_conflict", "409", "400", "400-plain", "412", "accepted"),
		s.UnknownMember.check("unknown_member", "400", "404", "dropped"),
		s.InactiveMembers.check("inactive_members", "taken", "refused"),
		s.PutWithoutExternalID.check("put_without_external_id", "refused", "kept", "removed"),
		s.PutWithoutMembers.check("put_without_members", "refused", "kept", "emptied"),
		checkCount("largest_count", s.LargestCount),
		checkCount("members_shown", s.MembersShown),
		s.UnseenMembers.check("unseen_members", "taken", "refused"),
		s.UnlistedUsers.check("unlisted_users", "found", "missing"),
		s.Individuals.check("individuals", "whole", "cut"),
		s.LargePage.check("large_page", "cut", "429", "400", "honoured"),
		s.LateApplication.check("late_application"),
		s.ListLag.check("list_lag"),
	)
}

// checkFile calls check for the content of a file, and adds the line to the error.
func checkFile(data []byte, v interface{ check() error }) error {
	err := v.check()
	if wrong, ok := errors.AsType[switchError](err); ok {
		at := max(0, bytes.Index(data, []byte(`"`+wrong.name+`"`)))
		return fmt.Errorf("line %d: %w", 1+bytes.Count(data[:at], []byte("\n")), err)
	}
	return err
}
