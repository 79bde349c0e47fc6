package oracle

import "slices"

// A State is the kind of result that is expected for a mapping.
type State string

// The states.
const (
	Rests   State = "rests"   // paused
	Absent  State = "absent"  // there is no such group, or there are several
	Unread  State = "unread"  // a source, an exclude or the members of the group cannot be read
	Refuses State = "refuses" // a rule or a limit forbids the change
	InStep  State = "in step"
	Changes State = "changes"
)

// A Forecast is what a run has to do about one mapping, if nothing else changes.
type Forecast struct {
	Mapping     Mapping
	State       State
	Why         string
	Group       Group
	Add, Remove []string
	Vague       bool // the manual allows other results too
	Few         bool // so few people have accounts that the mapping may be refused, unless this is accepted
	view        *View
}

// After returns the members after the change.
func (f Forecast) After() []string {
	ids := append(Without(f.Group.IDs(), f.Remove), f.Add...)
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Foresee returns what a run has to do about each mapping that it handles.
func Foresee(mappings []Mapping, c Config, t *Tenant, o *Org, flags Flags) []Forecast {
	targets := map[string]int{}
	for _, m := range mappings {
		if g, ok := o.Target(m); ok {
			targets[g.ID]++
		}
	}
	var all []Forecast
	for _, m := range mappings {
		if len(flags.Only) > 0 && !slices.Contains(flags.Only, m.Name) {
			continue
		}
		f := Forecast{Mapping: m, view: See(m, c, t, o)}
		var ok bool
		f.Group, ok = o.Target(m)
		switch {
		case targets[f.Group.ID] > 1:
			f.State, f.Why, f.Vague = Refuses, "two entries are this group", m.Mode == Paused
		case m.Mode == Paused:
			f.State = Rests
		case !ok:
			f.State = Absent
		default:
			f.compare(c, flags)
		}
		all = append(all, f)
	}
	c.total(all, flags)
	return all
}

// compare decides about one group, without the limit of the run.
func (f *Forecast) compare(c Config, flags Flags) {
	v, g := f.view, f.Group
	if f.State, f.Why = Unread, v.Problem(); f.Why != "" {
		return
	}
	if g.Hidden && len(g.Members) > 0 {
		f.Why = "the group hides its members"
		return
	}
	matched, people := v.Matched()
	v = v.With(g.Members, flags)
	f.Few = !f.Mapping.Unmatched && 2*matched < people
	if v.Unmatched() {
		f.State, f.Why, f.Few = Refuses, "nobody of the people who belong finds an account", false
		return
	}
	for _, m := range g.Members {
		switch v.ForbidsRemoving(m, flags) {
		case Disputed:
			f.State, f.Why, f.Add, f.Remove = Unread, Disputed, nil, nil
			return
		case "":
			f.Remove = append(f.Remove, m.ID)
			f.Vague = f.Vague || v.matching.inactiveNamesakes[m.ID]
		}
	}
	members := g.IDs()
	for _, a := range v.org.Accounts {
		if v.ForbidsAdding(a.ID, flags) == "" && !slices.Contains(members, a.ID) {
			f.Add = append(f.Add, a.ID)
		}
	}
	slices.Sort(f.Remove)
	slices.Sort(f.Add)
	change := Change{Mapping: f.Mapping.Name, Found: len(members), Add: f.Add, Remove: f.Remove}
	_, allowed := flags.AllowRemovals[f.Mapping.Name]
	emptied := len(f.Remove) > 0 && !allowed && !f.Mapping.AllowEmpty
	switch reason := c.ForbidsSize(f.Mapping, change, flags); {
	case v.Broken(g, flags):
		f.State, f.Why = Refuses, "the match is broken"
	case emptied && matched == 0 && people == 0:
		f.State, f.Why = Refuses, "the source is empty"
	case reason != "":
		f.State, f.Why = Refuses, reason
	case len(f.Add)+len(f.Remove) == 0:
		f.State = InStep
	default:
		f.State = Changes
		// If no wanted member is left in the group, the manual does not say whether the source counts as empty.
		f.Vague = f.Vague || emptied && !slices.ContainsFunc(f.After(), v.Wanted)
	}
}

// total refuses the removals of all groups if together they exceed the limit of the run. Groups with an allowance are not
// counted. The manual does not say whether their members are.
func (c Config) total(all []Forecast, flags Flags) {
	removals, least, most := 0, 0, 0
	// A group with few people may be refused, and then its members do not count.
	open := slices.ContainsFunc(all, func(f Forecast) bool { return f.Vague && len(f.Remove) > 0 || f.Few })
	for i, f := range all {
		all[i].Vague = f.Vague || open && len(f.Remove) > 0 // the result depends on which other groups are counted
		if f.State != Changes && f.State != InStep {
			continue
		}
		_, allowed := flags.AllowRemovals[f.Mapping.Name]
		most += len(f.Group.Members)
		if !allowed || len(f.Remove) == 0 {
			removals += len(f.Remove)
			least += len(f.Group.Members)
		}
	}
	if removals <= c.Total.Most(least) {
		return
	}
	for i := range all {
		f := &all[i]
		if _, allowed := flags.AllowRemovals[f.Mapping.Name]; allowed || f.State != Changes || len(f.Remove) == 0 {
			continue
		}
		f.State, f.Why, f.Vague = Refuses, "the run removes too many", f.Vague || removals <= c.Total.Most(most)
	}
}
