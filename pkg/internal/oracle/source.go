package oracle

import "slices"

// idSet is a set of ids.
type idSet map[string]bool

// source is what the Entra groups of a mapping contain at one moment.
type source struct {
	problem  string // why it cannot be read; empty if it can be read
	people   []Person
	excluded idSet // people that exclude means
}

// readSource finds the people who should be members, by Entra alone.
func (t *Tenant) readSource(m Mapping, c Config) source {
	s := source{excluded: idSet{}}
	for _, ref := range m.Exclude {
		if s.problem = t.exclude(ref, c, s.excluded); s.problem != "" {
			return s
		}
	}
	in := idSet{}
	for _, id := range m.Sources {
		if s.problem = t.collect(id, m.Nested, c, in); s.problem != "" {
			return s
		}
	}
	for _, p := range t.People {
		if in[p.ID] && !s.excluded[p.ID] && (p.Enabled || !c.DropDisabled) {
			s.people = append(s.people, p)
		}
	}
	return s
}

// exclude adds the people that a reference means: a group with its nested groups, or one person. An empty group is an
// error, like an empty source.
func (t *Tenant) exclude(ref string, c Config, excluded idSet) (problem string) {
	if _, ok := t.team(ref); ok {
		found := idSet{}
		if problem := t.collect(ref, true, c, found); problem != "" {
			return problem
		}
		people := 0
		for _, p := range t.People {
			if found[p.ID] {
				excluded[p.ID] = true
				people++
			}
		}
		if people == 0 {
			return "the excluded group " + ref + " is empty"
		}
		return ""
	}
	var found []Person
	for _, p := range t.People {
		if fold(p.ID) == fold(ref) || fold(p.Name) == fold(ref) {
			found = append(found, p)
		}
	}
	if len(found) != 1 {
		return "exclude " + ref + " is nobody"
	}
	excluded[found[0].ID] = true
	return ""
}

// collect adds the members of a team, and of its nested teams if nested is set.
func (t *Tenant) collect(id string, nested bool, c Config, into idSet) (problem string) {
	done := idSet{}
	var walk func(id string) string
	walk = func(id string) string {
		team, ok := t.team(id)
		if !ok || done[id] {
			return ""
		}
		done[id] = true
		if team.Hidden && !c.SeesHidden {
			return "the members of " + id + " are hidden"
		}
		for _, m := range team.Members {
			into[m] = true
			if !nested {
				continue
			}
			if problem := walk(m); problem != "" {
				return problem
			}
		}
		return ""
	}
	if _, ok := t.team(id); !ok {
		return "there is no Entra group " + id
	}
	return walk(id)
}

// peopleNamed returns the ids of the people who have or had a name. Entra finds nobody by a name with white space around
// it. Deleted people are read as a list, so their names are compared in the usual way.
func (t *Tenant) peopleNamed(name string) (ids []string) {
	find := func(people []Person, form func(string) string) {
		for _, p := range people {
			names := append([]string{p.Name, p.Mail}, p.Aliases...)
			if slices.ContainsFunc(names, func(n string) bool { return n != "" && form(n) == fold(name) }) {
				ids = append(ids, p.ID)
			}
		}
	}
	find(t.People, lower)
	find(t.Deleted, fold)
	return ids
}
