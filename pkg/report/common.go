package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/push"
)

// common is what several groups have in common: one cause is one message, with the groups that it is about. Two causes are the
// same if they differ only in what names the group or the request.
type common struct {
	causes []cause
	byOf   map[int]bool // the outcomes whose cause is one of these
	notes  []cause
}

// cause is one message, and whom it is about.
type cause struct {
	status push.Status
	text   string
	hint   string
	key    string
	of     []int // places of outcomes
	groups []string
}

// inCommon finds what at least two groups have in common.
func inCommon(outcomes []push.Outcome) common {
	c := common{byOf: map[int]bool{}}
	for i, o := range outcomes {
		name := o.Group.Name
		if failed(o.Status) {
			shape := outline(o)
			key := strings.Join([]string{string(o.Status), o.Hint, shape}, "\x00")
			one := cause{status: o.Status, text: o.Detail, hint: o.Hint, key: key, of: []int{i}, groups: []string{name}}
			c.causes = add(c.causes, one, shape)
		}
		for _, note := range o.Group.Notes {
			c.notes = add(c.notes, cause{text: note, key: note, groups: []string{name}}, note)
		}
		if d := o.Group.Doubt; d != nil && o.Group.Held() > 0 {
			c.notes = add(c.notes, cause{text: d.Detail, hint: d.Hint, key: d.Detail, groups: []string{name}}, d.Detail)
		}
	}
	alone := func(one cause) bool { return len(one.groups) < 2 }
	c.causes, c.notes = slices.DeleteFunc(c.causes, alone), slices.DeleteFunc(c.notes, alone)
	for _, one := range c.causes {
		for _, i := range one.of {
			c.byOf[i] = true
		}
	}
	return c
}

// add adds a cause, or its group to the same cause of another group. If they differ in a name, the text becomes the outline.
func add(causes []cause, one cause, outline string) []cause {
	for i := range causes {
		if have := &causes[i]; have.key == one.key {
			if have.text != one.text {
				have.text = outline
			}
			have.of = append(have.of, one.of...)
			if !slices.Contains(have.groups, one.groups[0]) {
				have.groups = append(have.groups, one.groups[0])
			}
			return causes
		}
	}
	return append(causes, one)
}

// failed says whether there is nothing to tell of a group but why.
func failed(status push.Status) bool {
	return !slices.Contains([]push.Status{push.ToDo, push.Done, push.Already, push.InStep, push.Paused, push.Refused}, status)
}

// outline is the detail of an outcome without what names the group, an id or a request in it.
func outline(o push.Outcome) string {
	text := regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`).ReplaceAllString(o.Detail, "…")
	text = regexp.MustCompile(`\b\d+ members\b`).ReplaceAllString(text, "… members")
	names := []string{o.Group.Name, o.Group.DisplayName}
	if o.Status != push.Missing { // the name that nobody has is what is to be corrected
		names = append(names, o.Group.Genesys)
	}
	for _, name := range names {
		if name != "" {
			text = strings.ReplaceAll(text, fmt.Sprintf("%q", name), `"…"`)
		}
	}
	return text
}

// explains says whether a cause that is told elsewhere is that of an outcome.
func (c common) explains(i int) bool { return c.byOf[i] }

// hasNote says whether a note is told elsewhere.
func (c common) hasNote(text string) bool {
	return slices.ContainsFunc(c.notes, func(one cause) bool { return one.text == text })
}

// sections says it once each.
func (c common) sections() []section {
	var out []section
	for _, one := range slices.Concat(c.causes, c.notes) {
		title := fmt.Sprintf("%d groups", len(one.groups))
		s := section{title: title, head: bounded(one.text, false), status: one.status, groups: one.groups}
		if one.status != "" {
			s.head = string(one.status) + ": " + s.head
		}
		if one.hint != "" {
			s.messages = []message{{hint: true, text: one.hint}}
		}
		out = append(out, s)
	}
	return out
}
