package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// most is how many people of one kind are named in one group, and how many names of one list, unless all are asked for.
const most = 20

// page is a report before it has a form: what it says and in which order. Whoever writes it down makes the texts harmless in its
// own way; nothing here is escaped.
type page struct {
	groups  []section // by name
	shared  []section // what several groups have in common
	several []person  // who is the same in several groups, with them
	left    int       // how many are left out of several
	total   string
}

// section is one group, or what several groups have in common.
type section struct {
	title    string
	head     string // how it stands
	short    string // the same in a few words
	status   push.Status
	messages []message
	kinds    []kind
	groups   []string // whom it is about, if it is about several
}

// message is a line of its own below a head: a note, or, with hint, a way out.
type message struct {
	hint  bool
	text  string
	flags []string // that follow the text, as a shell takes them
}

// newPage says what came of groups. With all, nothing is left out and nothing is put together.
func newPage(outcomes []push.Outcome, all bool) page {
	outcomes = slices.Clone(outcomes)
	slices.SortStableFunc(outcomes, func(a, b push.Outcome) int {
		return cmp.Or(strings.Compare(a.Group.Name, b.Group.Name), strings.Compare(a.Group.ID, b.Group.ID))
	})
	p := page{total: total(outcomes)}
	var c common
	if !all {
		c = inCommon(outcomes)
		p.shared = c.sections()
	}
	for i, o := range outcomes {
		elsewhere := c.explains(i)
		if elsewhere {
			o.Detail, o.Hint = "see the end", ""
		}
		s := newSection(o, all)
		s.messages = append(s.messages, notes(o.Group, c, all)...)
		if !elsewhere || len(s.messages) > 0 || people(s.kinds) > 0 {
			p.groups = append(p.groups, s)
		}
	}
	p.several = gather(p.groups)
	if !all {
		leaveOut(p.groups)
	}
	if n := len(p.several) - mostSeveral; n > 0 && !all {
		p.several, p.left = p.several[:mostSeveral], n
	}
	return p
}

// newSection says what came of one group, but for its notes.
func newSection(o push.Outcome, all bool) section {
	s := section{title: o.Group.Name, head: head(o, all), short: short(o), status: o.Status, kinds: kinds(o, all)}
	if o.Hint != "" {
		s.messages = append(s.messages, message{hint: true, text: o.Hint})
	}
	s.messages = append(s.messages, waysOut(o.Group)...)
	return s
}

// waysOut are those of a group's refusals. A group that is refused twice needs the flags of both.
func waysOut(g plan.Group) []message {
	var out []message
	var flags []string
	liftable := true
	for _, r := range g.Refusals {
		if text := refusalHint(r); text != "" {
			out = append(out, message{hint: true, text: text})
		}
		if r.Allow == nil {
			liftable = false
		} else {
			flags = append(flags, allowanceFlags(g, *r.Allow)...)
		}
	}
	if liftable && len(flags) > 0 {
		text := "to let exactly this through, once:"
		if slices.ContainsFunc(g.Refusals, func(r plan.Refusal) bool { return len(r.Allow.Release) > 0 }) {
			text = "to take exactly them out, once:"
		}
		out = append(out, message{hint: true, text: text, flags: flags})
	}
	return out
}

// notes are what there is to know beside the changes: what the plan notes, and what to do about those who are held.
func notes(g plan.Group, c common, all bool) []message {
	var out []message
	for _, note := range g.Notes {
		if !c.hasNote(note) {
			out = append(out, message{text: bounded(note, all)})
		}
	}
	if slices.ContainsFunc(g.Keep, func(k plan.Kept) bool { return k.Reason == plan.KeptRenamed }) {
		out = append(out, message{hint: true, text: "give the account of whoever is renamed the new userName, in Genesys"})
	}
	flags := releaseFlags(g, g.HeldIDs())
	if len(flags) == 0 {
		return out
	}
	if g.Doubt != nil && !c.hasNote(g.Doubt.Detail) {
		out = append(out, message{text: bounded(g.Doubt.Detail, all)})
		if g.Doubt.Hint != "" {
			out = append(out, message{hint: true, text: g.Doubt.Hint})
		}
	}
	out = append(out, message{hint: true, text: "if whoever is held is one of the people with ?, give the account the new userName, in Genesys"})
	n := len(flags) - most
	if n <= 0 || all {
		return append(out, message{hint: true, text: "if they have left, let them go, once:", flags: flags})
	}
	return append(out,
		message{hint: true, text: "if they have left, let them go, once:", flags: flags[:most]},
		message{text: andMore(n)})
}

// bounded leaves the rest of a long list out of a text: "a, b, c and 30 more, -v shows all". What follows the list stays.
func bounded(text string, all bool) string {
	items := strings.Split(text, ", ")
	n := len(items) - most
	if all || n <= 0 {
		return text
	}
	end := ""
	if last := items[len(items)-1]; strings.HasPrefix(last, "and ") {
		n, end = n-1, ", "+last
	}
	if n <= 0 {
		return text
	}
	return strings.Join(items[:most], ", ") + " " + andMore(n) + end
}

// andMore says how many are left out, and how to see them.
func andMore(n int) string { return fmt.Sprintf("and %d more, -v shows all", n) }
