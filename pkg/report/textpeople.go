package report

import (
	"fmt"
	"strings"
)

// widest is the largest width of the column of userNames. Longer userNames do not widen it.
const widest = 48

// kinds writes the people of a group, one kind after the other.
func (t Text) kinds(b *strings.Builder, kinds []kind) {
	to := 0
	for _, k := range kinds {
		to = max(to, aligned(k.people))
	}
	for _, k := range kinds {
		for _, p := range k.people {
			t.person(b, k.sign, p, to)
		}
		if k.left > 0 {
			fmt.Fprintf(b, "  %s %s\n", k.sign, andMore(k.left))
		}
		if k.elsewhere > 0 {
			fmt.Fprintf(b, "  %s %s in several groups, see the end\n", k.sign, persons(k.elsewhere))
		}
	}
}

// several writes the people in several groups, each with the groups.
func (t Text) several(b *strings.Builder, p page) {
	if len(p.several) == 0 {
		return
	}
	b.WriteString("in several groups:\n")
	to := aligned(p.several)
	for _, one := range p.several {
		t.person(b, one.sign, one, to)
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

// person writes one person with the note. The userName and the name are not broken.
func (t Text) person(b *strings.Builder, sign string, p person, to int) {
	line := "  " + sign + " " + unbroken(padded(Harmless(p.who), to)+" ") + " " + unbroken(strings.TrimSpace(Harmless(p.name)))
	if p.note != "" {
		line = strings.TrimRight(line, " ") + " (" + Harmless(p.note) + ")"
	}
	t.lines(b, strings.TrimRight(line, " "+noBreak), "      ", t.colour(colourOf(sign)))
}

// aligned returns the width of the column of userNames.
func aligned(people []person) int {
	to := 0
	for _, p := range people {
		to = max(to, min(widest, columns(Harmless(p.who))))
	}
	return to
}
