package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/membership"
)

// Explanation says where one person stands in each group, what the next run would do about them, and why.
type Explanation struct {
	Person   *membership.Person  `json:"person"`   // nil if Entra does not have them
	Account  *membership.Account `json:"account"`  // nil if they have none, or several
	Searches []membership.Search `json:"searches"` // of a person: how the account was searched for
	Near     []NearAccount       `json:"near"`     // of a person without an account
	Places   []Place             `json:"places"`   // one for each group
	Notes    []string            `json:"notes"`    // what could not be found out
	Named    bool                `json:"-"`        // the groups were named, so that a report shows each of them
}

// NearAccount is an account that resembles a person. It is information for an admin, and decides nothing.
type NearAccount struct {
	membership.Account
	By string `json:"by"` // what is the same, as a report says it
}

// Place says where a person stands in one group.
type Place struct {
	Group    string   `json:"group"`   // its name in reports
	State    State    `json:"state"`   // of the plan for the group
	Entra    []string `json:"entra"`   // ids of the Entra groups of the entry
	Sources  []Source `json:"sources"` // the Entra groups of the entry that the person is in
	Wanted   bool     `json:"wanted"`  // the person belongs to the group
	LeftOut  LeftOut  `json:"leftOut"` // why the person does not belong; empty if they do, or are in no source
	Member   bool     `json:"member"`  // the account is a member now
	Decision Decision `json:"decision"`
	Reason   string   `json:"reason"` // a KeepReason, or the reason of an Unresolved
	Detail   string   `json:"detail"` // why the group could not be compared
	Last     *Change  `json:"last"`   // the last change of the account in the group by callroll, as the journal has it
}

// Source is an Entra group that a person is in. Through has the groups between the person and it, the nearest to the person
// first; it is empty for a direct member, and if Unread is set.
type Source struct {
	ID      string   `json:"id"`
	Through []string `json:"through"`
	Unread  bool     `json:"unread"` // they are in it through groups that could not be read
}

// LeftOut says why somebody who may be in an Entra group of an entry does not belong to the Genesys group.
type LeftOut string

// The reasons.
const (
	LeftOutNested   LeftOut = "nested"         // they are in a nested group, and the entry does not take nested groups
	LeftOutExcluded LeftOut = "exclude"        // exclude names them, or a group that they are in
	LeftOutDisabled LeftOut = "disabled_users" // they are disabled in Entra
	LeftOutUnknown  LeftOut = "unknown"        // it could not be read whether they are in one, or what was read does not agree
)

// Change is an addition or a removal by an earlier run.
type Change struct {
	Run   string    `json:"run"`
	Time  time.Time `json:"time"`
	Added bool      `json:"added"`
}

// Decision is what the next run does about a person in a group.
type Decision string

// The decisions.
const (
	Adds       Decision = "add"
	Removes    Decision = "remove"
	Keeps      Decision = "keep" // a member for a special reason, see Reason
	Stays      Decision = "stay" // a member who belongs to the group
	Unresolves Decision = "unresolved"
	Nothing    Decision = "nothing"
	Untold     Decision = "unknown" // the group could not be compared
)

// PlaceOf returns what the plan for a group says about a person, by object id, and about the accounts that may be theirs.
func PlaceOf(g Group, person string, accounts []string) Place {
	theirs := func(e Entry) bool { return slices.Contains(accounts, e.ID) || person != "" && e.PersonID == person }
	p := Place{Group: g.Name, State: g.State, Entra: g.Entra, Sources: []Source{}, Decision: Nothing}
	if !g.WasCompared() {
		p.Decision = Untold
		if g.Incomplete != nil {
			p.Detail = g.Incomplete.Detail
		}
		return p
	}
	p.Member = slices.ContainsFunc(g.FoundIDs(), func(id string) bool { return slices.Contains(accounts, id) })
	kept := slices.IndexFunc(g.Keep, func(k Kept) bool { return theirs(k.Entry) })
	unresolved := slices.IndexFunc(g.Unresolved, func(u Unresolved) bool { return person != "" && u.ID == person })
	switch {
	case slices.ContainsFunc(g.Add, theirs):
		p.Decision = Adds
	case slices.ContainsFunc(g.Remove, theirs):
		p.Decision = Removes
	case kept >= 0:
		p.Decision, p.Reason = Keeps, string(g.Keep[kept].Reason)
	case unresolved >= 0:
		p.Decision, p.Reason = Unresolves, g.Unresolved[unresolved].Reason
	case p.Member:
		p.Decision = Stays
	}
	return p
}

// maxNear is how many accounts are named that resemble a person.
const maxNear = 5

// Near returns the accounts that resemble a person most: by a part of the name only if nothing else is the same.
func Near(p *membership.Person, accounts []membership.Account) []NearAccount {
	near := []NearAccount{}
	for _, rule := range append([]resemblanceRule{sameWithoutSpace()}, resemblanceRules()...) {
		for _, a := range accounts {
			known := slices.ContainsFunc(near, func(n NearAccount) bool { return n.ID == a.ID })
			if !known && rule.is(a, *p) {
				near = append(near, NearAccount{a, rule.by})
			}
		}
		if len(near) >= maxNear {
			break
		}
	}
	if best := slices.IndexFunc(near, func(n NearAccount) bool { return n.By == partOfName }); best > 0 {
		near = near[:best]
	}
	return near[:min(len(near), maxNear)]
}

// sameWithoutSpace compares names without white space and characters that are not visible.
func sameWithoutSpace() resemblanceRule {
	visible := func(name string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune("\u200b\u200c\u200d\u2060\ufeff", r) {
				return -1
			}
			return r
		}, strings.Join(strings.Fields(strings.ToLower(name)), ""))
	}
	return resemblanceRule{"same name but for white space", func(a membership.Account, p membership.Person) bool {
		name := visible(a.UserName)
		return name != "" && (name == visible(p.UserPrincipalName) || name == visible(p.Mail))
	}}
}
