package report

import (
	"fmt"
	"strings"
)

// widest is the width beyond which a userName does not move the names of all others to the right.
const widest = 48

// kinds writes the people of a group, each kind one under the other.
func (t Text) kinds(b *strings.Builder, kinds []kind) {
	to := 0
	for _, k := range kinds {
		to = max(to, aligned(k.people))
	}
	for _, k := range kinds {
		for _, p := range k.people {
			t.person(b, k, p, to)
		}
		if k.left > 0 {
			fmt.Fprintf(b, "  %s %s\n", k.sign, andMore(k.left))
		}
		if k.elsewhere > 0 {
			fmt.Fprintf(b, "  %s %s in several groups, see the end\n", k.sign, persons(k.elsewhere))
		}
	}
}

// several writes who is the same in several groups, each with the groups.
func (t Text) several(b *strings.Builder, p page) {
	if len(p.several) == 0 {
		return
	}
	b.WriteString("in several groups:\n")
	to := aligned(p.several)
	for _, one := range p.several {
		t.person(b, kindOf(one.sign), one, to)
		groups := one.groups
		if n := len(groups) - most; n > 0 && !t.All {
			groups = append(groups[:most:most], andMore(n))
		}
		t.names(b, groups, "      ")
	}
	if p.left > 0 {
		fmt.Fprintf(b, "  %s\n", andMore(p.left))
	}
}

// person writes one person: who, and what there is to say. Neither the userName nor the name is broken.
func (t Text) person(b *strings.Builder, k kind, p person, to int) {
	line := "  " + k.sign + " " + unbroken(padded(Harmless(p.who), to)+" ") + " " + unbroken(strings.TrimSpace(Harmless(p.name)))
	if p.note != "" {
		line = strings.TrimRight(line, " ") + " (" + Harmless(p.note) + ")"
	}
	t.lines(b, strings.TrimRight(line, " "+noBreak), "      ", t.colour(k.colour))
}

// aligned is how wide the column of the userNames is.
func aligned(people []person) int {
	to := 0
	for _, p := range people {
		to = max(to, min(widest, columns(Harmless(p.who))))
	}
	return to
}
