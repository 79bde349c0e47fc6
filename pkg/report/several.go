package report

import (
	"cmp"
	"slices"
	"strings"
)

// mostSeveral is how many people in several groups are printed, unless all are requested.
const mostSeveral = 100

// gather removes people from sections who are of the same kind in several of them, and returns them sorted by sign and
// name, with the names of the groups. If a person has different notes in different groups, each note is returned once.
func gather(sections []section) []person {
	groups := map[string]map[string]bool{} // by sign and id
	key := func(k kind, p person) string { return k.sign + p.id }
	eachOnce(sections, func(s *section, k *kind) {
		for _, p := range k.people {
			if groups[key(*k, p)] == nil {
				groups[key(*k, p)] = map[string]bool{}
			}
			groups[key(*k, p)][s.title] = true
		}
	})
	told := map[string]*person{}
	eachOnce(sections, func(s *section, k *kind) {
		k.people = slices.DeleteFunc(k.people, func(p person) bool {
			if len(groups[key(*k, p)]) < 2 {
				return false
			}
			k.elsewhere++
			same := key(*k, p) + "\x00" + p.note
			if told[same] == nil {
				p.sign = k.sign
				told[same] = &p
			}
			told[same].groups = append(told[same].groups, s.title)
			return true
		})
	})
	out := make([]person, 0, len(told))
	for _, p := range told {
		out = append(out, *p)
	}
	slices.SortFunc(out, func(a, b person) int {
		return cmp.Or(strings.Compare(a.sign, b.sign), strings.Compare(strings.ToLower(a.who), strings.ToLower(b.who)),
			strings.Compare(a.id, b.id), strings.Compare(a.note, b.note))
	})
	return out
}

// eachOnce calls do for each kind whose people are printed once.
func eachOnce(sections []section, do func(*section, *kind)) {
	for i := range sections {
		for j := range sections[i].kinds {
			if k := &sections[i].kinds[j]; k.once {
				do(&sections[i], k)
			}
		}
	}
}

// leaveOut limits the people of each kind in each section to most.
func leaveOut(sections []section) {
	for i := range sections {
		for j := range sections[i].kinds {
			if k := &sections[i].kinds[j]; len(k.people) > most {
				k.people, k.left = k.people[:most], len(k.people)-most
			}
		}
	}
}
