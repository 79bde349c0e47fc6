package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// kind is one kind of people of a group, such as those to add. Each kind has its own limit, so that many additions
// cannot hide the removals.
type kind struct {
	sign      string
	once      bool // people in several groups are printed once, at the end
	people    []person
	left      int // number of people left out
	elsewhere int // number of people printed at the end
}

// person is one line about a person or an account.
type person struct {
	id     string // the same in all groups
	who    string
	name   string
	note   string
	sign   string   // of the kind
	groups []string // of people who are printed once: the names of their groups
}

// kinds returns the people to print for a group. If the changes of a group were not made, the additions and removals are
// left out, because they would look like changes that were made. People who are held, renamed or unresolved are always
// printed.
func kinds(o push.Outcome, all bool) []kind {
	g := o.Group
	var out []kind
	changing := o.Status == push.ToDo || o.Status == push.Done
	if changing || o.Status == push.Refused {
		out = append(out,
			kind{sign: "+", people: list.Map(g.Add, added)},
			kind{sign: "-", people: list.Map(g.Remove, removed)})
	}
	doubtful := func(k plan.Kept) bool { return k.Reason == plan.KeptHeld || k.Reason == plan.KeptRenamed }
	held := slices.DeleteFunc(slices.Clone(g.Keep), func(k plan.Kept) bool { return !doubtful(k) })
	slices.SortStableFunc(held, func(a, b plan.Kept) int { return cmp.Compare(a.Reason, b.Reason) }) // held, renamed
	out = append(out, kind{sign: "=", once: true, people: list.Map(held, kept)})
	others := slices.DeleteFunc(slices.Clone(g.Keep), doubtful)
	if !changing && o.Status != push.Refused && !all { // keep people whom only the mode or a flag keeps
		others = slices.DeleteFunc(others, func(k plan.Kept) bool {
			return k.Reason != plan.KeptAddOnly && k.Reason != plan.KeptNoRemovals
		})
	}
	out = append(out, kind{sign: "=", people: list.Map(others, kept)})
	return append(out, kind{sign: "?", once: true, people: list.Map(g.Unresolved, unresolved)})
}

// colourOf returns the colour of the people of a kind.
func colourOf(sign string) color.Attribute {
	return map[string]color.Attribute{"+": color.FgGreen, "-": color.FgRed, "=": color.FgCyan, "?": color.FgYellow}[sign]
}

// added describes an addition. The note says for whom the account was found, if the plan says so.
func added(e plan.Entry) person {
	p := person{id: e.ID, who: e.UserName, name: e.DisplayName}
	if e.Person != "" {
		p.note = "for " + e.Person
	}
	return p
}

func removed(e plan.Entry) person { return person{id: e.ID, who: name(e), name: e.DisplayName} }

func kept(k plan.Kept) person {
	return person{id: k.ID, who: name(k.Entry), name: k.DisplayName, note: keptText(k)}
}

func unresolved(u plan.Unresolved) person {
	id, who := cmp.Or(u.ID, u.UserPrincipalName), cmp.Or(u.UserPrincipalName, u.ID)
	return person{id: id, who: who, name: u.DisplayName, note: unresolvedText(u)}
}

// name returns the userName of a member, or the id if the userName is not known.
func name(e plan.Entry) string {
	if strings.TrimSpace(e.UserName) == "" {
		return e.ID
	}
	return e.UserName
}
