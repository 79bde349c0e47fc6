package oracle

import "slices"

// crowd is a set of ids.
type crowd map[string]bool

// source is what a mapping's Entra groups say at one moment.
type source struct {
	problem string // why it cannot be read; empty if it can
	people  []Person
	out     crowd // whom exclude names
}

// read finds out who belongs by Entra alone.
func (t *Tenant) read(m Mapping, c Config) source {
	s := source{out: crowd{}}
	for _, ref := range m.Exclude {
		if s.problem = t.exclude(ref, c, s.out); s.problem != "" {
			return s
		}
	}
	in := crowd{}
	for _, id := range m.Sources {
		if s.problem = t.collect(id, m.Nested, c, in); s.problem != "" {
			return s
		}
	}
	for _, p := range t.People {
		if in[p.ID] && !s.out[p.ID] && (p.Enabled || !c.DropDisabled) {
			s.people = append(s.people, p)
		}
	}
	return s
}

// exclude collects whom a reference names: a group with those nested in it, or one person. A group of nobody is refused
// like an empty source.
func (t *Tenant) exclude(ref string, c Config, out crowd) (problem string) {
	if _, ok := t.team(ref); ok {
		found := crowd{}
		if problem := t.collect(ref, true, c, found); problem != "" {
			return problem
		}
		people := 0
		for _, p := range t.People {
			if found[p.ID] {
				out[p.ID] = true
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
	out[found[0].ID] = true
	return ""
}

// collect gathers the members of a team, and of those within if nested says so.
func (t *Tenant) collect(id string, nested bool, c Config, into crowd) (problem string) {
	done := crowd{}
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

// named says whether somebody of Entra goes by a name, or went by it, and who that is. Entra finds nobody by a name with
// white space around it. Deleted people are listed and not searched for, so that their names are compared as everywhere.
func (t *Tenant) named(name string) (ids []string) {
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
