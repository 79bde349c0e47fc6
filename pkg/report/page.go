package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// most is how many people of one kind are printed for one group, and how many names of one list, unless all are
// requested.
const most = 20

// page is the content of a report before it is formatted. Its texts are not escaped; the writer has to do that.
type page struct {
	groups  []section // sorted by name
	shared  []section // messages that several groups share
	several []person  // people of the same kind in several groups
	left    int       // number of people left out of several
	total   string
}

// section is one group, or a message that several groups share.
type section struct {
	title    string
	head     string // status and counts, or the message
	short    string // head in a few words
	status   push.Status
	messages []message
	kinds    []kind
	groups   []string // names of the groups, if it is about several
}

// message is a separate line below a head: a note, or a hint that says what to do.
type message struct {
	hint  bool
	text  string
	flags []string // flags after the text, quoted for a shell
}

// newPage returns the report about groups. With all, nothing is left out and no messages are combined.
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
		names := func(k kind) bool { return len(k.people) > 0 }
		if !elsewhere || len(s.messages) > 0 || slices.ContainsFunc(s.kinds, names) {
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

// newSection returns the section of one group without its notes.
func newSection(o push.Outcome, all bool) section {
	s := section{title: o.Group.Name, head: head(o, all), short: short(o), status: o.Status, kinds: kinds(o, all)}
	if o.Hint != "" {
		s.messages = append(s.messages, message{hint: true, text: o.Hint})
	}
	s.messages = append(s.messages, waysOut(o.Group)...)
	return s
}

// waysOut returns the hints for the refusals of a group. A group that is refused twice needs the flags for both.
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

// notes returns the notes of the plan for a group, and the hints about people who are held.
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
	out = append(out, message{hint: true,
		text: "if whoever is held is one of the people with ?, give the account the new userName, in Genesys"})
	n := len(flags) - most
	if n <= 0 || all {
		return append(out, message{hint: true, text: "if they have left, let them go, once:", flags: flags})
	}
	return append(out,
		message{hint: true, text: "if they have left, let them go, once:", flags: flags[:most]},
		message{text: andMore(n)})
}

// bounded shortens a long list in a text: "a, b, c and 30 more, -v shows all". Text after the list is kept.
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

// andMore says how many items are left out, and how to see them.
func andMore(n int) string { return fmt.Sprintf("and %d more, -v shows all", n) }
