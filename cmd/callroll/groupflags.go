package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
)

// groupFinder finds the mapping that a flag refers to: by its name, or by the id or the name of its Genesys group. Letter case
// does not matter if only one mapping matches. A reference in the form of an id is compared only with the ids of Genesys groups:
// a mapping may be called like its group, and anybody can name a group after the id of another one. Reports show the id of a
// group whose name cannot be typed. That id may not be in the configuration; then groupFinder asks Genesys for the group. It does
// not ask Genesys for a name.
type groupFinder struct {
	mappings []pipeline.Mapping
	ask      func(id string) (membership.Group, error) // nil if Genesys cannot be asked
}

// find returns the name of the mapping that ref refers to.
func (f groupFinder) find(ref string) (string, error) {
	if name, err := f.configured(ref); name != "" || err != nil {
		return name, err
	}
	var group membership.Group
	if f.ask != nil && membership.IsID(ref) {
		var err error
		if group, err = f.ask(strings.ToLower(ref)); err != nil && membership.CauseOf(err) != membership.Missing {
			return "", err
		}
	}
	found := f.names(func(m pipeline.Mapping) bool { return group.ID != "" && group.Is(m.Genesys) })
	if len(found) == 1 {
		return found[0], nil
	}
	what := "is called"
	if membership.IsID(ref) {
		what = "has the Genesys id"
	}
	return "", usage(fmt.Errorf("no group of the configuration %s %q; there are %s", what, ref, f.list()))
}

// configured is like find, but does not ask Genesys. If no mapping matches, it returns an empty name and no error.
func (f groupFinder) configured(ref string) (string, error) {
	rules := []func(pipeline.Mapping) bool{
		func(m pipeline.Mapping) bool { return m.Name == ref },
		func(m pipeline.Mapping) bool { return m.Genesys == ref },
		func(m pipeline.Mapping) bool {
			return membership.SameName(m.Name, ref) || membership.SameName(m.Genesys, ref)
		},
	}
	if membership.IsID(ref) {
		rules = []func(pipeline.Mapping) bool{func(m pipeline.Mapping) bool { return strings.EqualFold(m.Genesys, ref) }}
	}
	for _, fits := range rules {
		switch found := f.names(fits); {
		case len(found) == 1:
			return found[0], nil
		case len(found) > 1:
			return "", usage(fmt.Errorf("%q can mean any of %s; write it as the configuration does", ref, quoteAll(found)))
		}
	}
	return "", nil
}

func (f groupFinder) names(fits func(pipeline.Mapping) bool) []string {
	var names []string
	for _, m := range f.mappings {
		if fits(m) {
			names = append(names, m.Name)
		}
	}
	slices.Sort(names)
	return names
}

// mostListed is the maximum number of groups listed in an error.
const mostListed = 20

func (f groupFinder) list() string {
	names := f.names(func(pipeline.Mapping) bool { return true })
	if len(names) > mostListed {
		return fmt.Sprintf("%s and %d more", quoteAll(names[:mostListed]), len(names)-mostListed)
	}
	return quoteAll(names)
}

func quoteAll(names []string) string {
	var quoted []string
	for _, name := range names {
		quoted = append(quoted, strconv.Quote(name))
	}
	return strings.Join(quoted, ", ")
}

// split splits GROUP=REST. Both parts may contain equals signs: it splits at the one whose left side is a configured group.
func (f groupFinder) split(value string) (group, rest string, err error) {
	parts := strings.Split(value, "=")
	var found []string // groups that match the left side of an equals sign
	for i := 1; i < len(parts); i++ {
		name, err := f.configured(strings.Join(parts[:i], "="))
		if err != nil {
			return "", "", err
		}
		if name != "" {
			group, rest = name, strings.Join(parts[i:], "=")
			found = append(found, name)
		}
	}
	switch {
	case len(parts) < 2:
		return "", "", errors.New("an equals sign is missing")
	case len(found) > 1:
		return "", "", fmt.Errorf("it can mean any of the groups %s; name the group by its id", quoteAll(found))
	case len(found) == 1:
		return group, rest, nil
	}
	group, err = f.find(parts[0])
	return group, strings.Join(parts[1:], "="), err
}

// apply writes the flags into the settings, by the names of the groups.
func (l *limitFlags) apply(s *pipeline.Settings, f groupFinder) error {
	var err error
	s.Policy.NoRemovals = l.noRemovals
	if s.Policy.AllowRemovals, err = f.allowances("--allow-removals", l.allowRemovals); err != nil {
		return err
	}
	if s.Policy.AllowAdditions, err = f.allowances("--allow-additions", l.allowAdditions); err != nil {
		return err
	}
	if s.Policy.Release, err = f.releases(l.release); err != nil {
		return err
	}
	return leftOut(*s)
}

// leftOut returns an error if a flag refers to a group that --group leaves out. Otherwise the flag would have no effect.
func leftOut(s pipeline.Settings) error {
	for flag, names := range map[string][]string{
		"--allow-removals":  slices.Collect(maps.Keys(s.Policy.AllowRemovals)),
		"--allow-additions": slices.Collect(maps.Keys(s.Policy.AllowAdditions)),
		"--release":         slices.Collect(maps.Keys(s.Policy.Release)),
	} {
		for _, name := range names {
			if only := s.Only; len(only) > 0 && !slices.Contains(only, name) {
				return usage(fmt.Errorf("%s is about group %q, which --group leaves out", flag, name))
			}
		}
	}
	return nil
}

// releases reads the people that --release names. Patterns are not allowed: they could release people whom the user has not
// checked.
func (f groupFinder) releases(values []string) (map[string][]plan.Pattern, error) {
	out := map[string][]plan.Pattern{}
	for _, value := range values {
		name, who, err := f.split(value)
		if err != nil {
			return nil, flagMistake("--release", value, "GROUP=USERNAME", err)
		}
		pattern, err := plan.ParsePattern(who)
		if err != nil || strings.Contains(who, "*") {
			return nil, usage(fmt.Errorf("--release %q: write GROUP=USERNAME, with one whole userName or id", value))
		}
		out[name] = append(out[name], pattern)
	}
	return out, nil
}

func (f groupFinder) allowances(flag string, values []string) (map[string]int, error) {
	out := map[string]int{}
	for _, value := range values {
		i := strings.LastIndex(value, "=") // the number has no equals sign
		if i < 0 {
			return nil, usage(fmt.Errorf("%s %q: write GROUP=N", flag, value))
		}
		n, err := strconv.Atoi(value[i+1:])
		if err != nil || n < 0 {
			return nil, usage(fmt.Errorf("%s %q: write a whole number after =", flag, value))
		}
		name, err := f.find(value[:i])
		if err != nil {
			return nil, flagMistake(flag, value, "GROUP=N", err)
		}
		if _, twice := out[name]; twice {
			return nil, usage(fmt.Errorf("%s names %q twice", flag, name))
		}
		out[name] = n
	}
	return out, nil
}

// flagMistake returns a usage error for a flag. If a service could not be asked, that is not a usage error.
func flagMistake(flag, value, form string, err error) error {
	err = fmt.Errorf("%s %q: write %s: %w", flag, value, form, err)
	if errors.As(err, new(*membership.Error)) {
		return err
	}
	return usage(err)
}

// finder returns a groupFinder. If there are credentials for Genesys, it can ask Genesys.
func (s *session) finder(ctx context.Context) groupFinder {
	f := groupFinder{mappings: s.settings.Mappings}
	if s.config.NeedGenesys() != nil {
		return f
	}
	known := map[string]membership.Group{} // several flags may name the same group
	f.ask = func(ref string) (membership.Group, error) {
		if g, ok := known[ref]; ok {
			return g, nil
		}
		conn, err := s.genesys(ctx)
		if err != nil {
			return membership.Group{}, err
		}
		g, err := genesys.NewReader(conn).Group(ctx, ref)
		if err == nil {
			known[ref] = g
		}
		return g, err
	}
	return f
}
