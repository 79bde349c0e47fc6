package report

import (
	"cmp"
	"slices"
	"strings"

	"github.com/fatih/color"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// kind is one kind of people of a group. Each kind is bounded by itself, so that those who come never hide those who go.
type kind struct {
	sign      string
	colour    color.Attribute
	once      bool // who is the same in several groups is named once, at the end
	people    []person
	left      int // how many are left out
	elsewhere int // how many are named at the end
}

// person is somebody of whom there is something to say.
type person struct {
	id     string // the same in each group
	who    string
	name   string
	note   string
	sign   string   // of the kind
	groups []string // those who are named once: where
}

// kinds says whom to name of a group. Where nothing came of a change, those whom it was about are left out, because they would
// read as if something had. Who is held, renamed or unresolved is named whatever came of the group.
func kinds(o push.Outcome, all bool) []kind {
	g := o.Group
	var out []kind
	changing := o.Status == push.ToDo || o.Status == push.Done
	if changing || o.Status == push.Refused {
		out = append(out,
			kind{sign: "+", colour: color.FgGreen, people: list(g.Add, added)},
			kind{sign: "-", colour: color.FgRed, people: list(g.Remove, removed)})
	}
	doubtful := func(k plan.Kept) bool { return k.Reason == plan.KeptHeld || k.Reason == plan.KeptRenamed }
	held := slices.DeleteFunc(slices.Clone(g.Keep), func(k plan.Kept) bool { return !doubtful(k) })
	slices.SortStableFunc(held, func(a, b plan.Kept) int { return cmp.Compare(a.Reason, b.Reason) }) // held, renamed
	out = append(out, kind{sign: "=", colour: color.FgCyan, once: true, people: list(held, kept)})
	others := slices.DeleteFunc(slices.Clone(g.Keep), doubtful)
	if !changing && o.Status != push.Refused && !all { // who would leave, but for the mode or a flag, is named all the same
		others = slices.DeleteFunc(others, func(k plan.Kept) bool { return k.Reason != plan.KeptAddOnly && k.Reason != plan.KeptNoRemovals })
	}
	out = append(out, kind{sign: "=", colour: color.FgCyan, people: list(others, kept)})
	return append(out, kind{sign: "?", colour: color.FgYellow, once: true, people: list(g.Unresolved, unresolved)})
}

// kindOf is the kind of people who are named once, by its sign.
func kindOf(sign string) kind {
	if sign == "=" {
		return kind{sign: sign, colour: color.FgCyan}
	}
	return kind{sign: sign, colour: color.FgYellow}
}

// people counts whom kinds name.
func people(kinds []kind) int {
	n := 0
	for _, k := range kinds {
		n += len(k.people)
	}
	return n
}

func list[T any](those []T, describe func(T) person) []person {
	out := make([]person, 0, len(those))
	for _, one := range those {
		out = append(out, describe(one))
	}
	return out
}

// added says who is added, and for whom the account was found if that is not plain.
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

// name falls back on the id of a member of whom nothing else is known.
func name(e plan.Entry) string {
	if strings.TrimSpace(e.UserName) == "" {
		return e.ID
	}
	return e.UserName
}
