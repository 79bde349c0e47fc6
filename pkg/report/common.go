package report

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/push"
)

// common has the messages that several groups share. Each is printed once, with the groups that it is about. Two causes
// are the same if they differ only in the name of the group, in ids, or in the number of members.
type common struct {
	causes []cause
	notes  []cause
}

// cause is one message with the groups that it is about.
type cause struct {
	status push.Status
	text   string
	hint   string
	key    string
	of     []int // indexes of outcomes
	groups []string
}

// inCommon returns the causes and notes that at least two groups share.
func inCommon(outcomes []push.Outcome) common {
	var c common
	for i, o := range outcomes {
		name := o.Group.Name
		if failed(o.Status) {
			shape := outlined(o.Detail, o)
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
	return c
}

// add appends a cause, or adds its group to a cause with the same key. If the texts of the two differ, the text becomes
// the outline.
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

// failed reports whether a group ended with an error, so that only the reason is printed.
func failed(status push.Status) bool {
	return !slices.Contains([]push.Status{push.ToDo, push.Done, push.Already, push.InStep, push.Paused, push.Refused}, status)
}

// outlined returns a text about an outcome with … in place of ids, numbers of members and names of the group.
func outlined(text string, o push.Outcome) string {
	text = regexp.MustCompile(`[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`).ReplaceAllString(text, "…")
	text = regexp.MustCompile(`\b\d+ members\b`).ReplaceAllString(text, "… members")
	names := []string{o.Group.Name, o.Group.DisplayName}
	if o.Status != push.Missing { // keep the name that was not found, because it has to be corrected
		names = append(names, o.Group.Genesys)
	}
	for _, name := range names {
		if name != "" {
			text = strings.ReplaceAll(text, fmt.Sprintf("%q", name), `"…"`)
		}
	}
	return text
}

// explains reports whether the cause of the outcome with index i is one of c.causes.
func (c common) explains(i int) bool {
	return slices.ContainsFunc(c.causes, func(one cause) bool { return slices.Contains(one.of, i) })
}

// hasNote reports whether a note is one of c.notes.
func (c common) hasNote(text string) bool {
	return slices.ContainsFunc(c.notes, func(one cause) bool { return one.text == text })
}

// sections returns one section for each shared cause and note.
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
