package pipeline

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/rest"
)

// Mapping says which Entra groups determine the members of one Genesys group, and by which rule.
type Mapping struct {
	plan.Rule
	Exclude []string // people to leave out: object ids of groups or people, or userPrincipalNames
	Nested  bool     // take members of nested groups too

	// ExcludeAt has the positions of the entries of Exclude as file:line, for messages. It may be shorter than Exclude,
	// and it does not change what the mapping means.
	ExcludeAt []string `json:"-"`
}

// exclusion names one entry of Exclude, with its position if that is known.
func (m Mapping) exclusion(i int) string {
	if i < len(m.ExcludeAt) && m.ExcludeAt[i] != "" {
		return fmt.Sprintf("exclude %s (%s)", m.Exclude[i], m.ExcludeAt[i])
	}
	return "exclude " + m.Exclude[i]
}

// Settings hold for a whole run. Begin with [Defaults] and set Mappings. If a field without a safe default is not set, a
// run ends with a [SettingsError] before its first request.
type Settings struct {
	Mappings     []Mapping        // all of the configuration: rules also look at those that Only leaves out
	Only         []string         // names of the mappings to work on; empty for all
	Match        []membership.Key // how people are found in Genesys, in order of precedence
	Tenant       string           // id that the Entra tenant of a membership must have; empty if only its domain is known
	Policy       plan.Policy
	DropDisabled bool          // leave out people who are disabled in Entra
	Expires      time.Duration // how long a membership or a plan is valid; 24 hours if zero
	Retry        rest.Retry    // for a PUT whose answer is not clear
	Concurrency  Concurrency
	ReadBack     time.Duration // how long to wait until a write shows; 30 seconds if zero, see NotReadBack
	Journal      push.Journal  // records what is written: from a Run, or NoJournal; may be nil in a dry run
	Past         *Past         // what the journal knows about earlier runs, from a Run; may be nil
	Progress     push.Progress // called as the run gets on; may be nil
	AllowOlder   bool          // accept a file that is older than the memberships that a group was last set to
}

// Concurrency is the number of things that are done at the same time; zero means the default.
type Concurrency struct {
	Entra   int // groups and people that are read; the default is 8
	Genesys int // groups that are written; the default is 4
}

func (c Concurrency) entra() int   { return cmp.Or(max(c.Entra, 0), 8) }
func (c Concurrency) genesys() int { return cmp.Or(max(c.Genesys, 0), 4) }

// oneAtATime reports whether no two requests may be sent at the same time.
func (c Concurrency) oneAtATime() bool { return c.entra() == 1 && c.genesys() == 1 }

// NotReadBack as Settings.ReadBack means: read back only those groups whose answer to the PUT does not show the write.
const NotReadBack time.Duration = -1

// defaultReadBack is much longer than a write was seen to take (a few seconds, according to the Genesys developer
// forum).
const defaultReadBack = 30 * time.Second

// Defaults returns the settings of callroll without a configuration: people are found by userPrincipalName and mail, the
// default limits hold, and writes are read back. Only Mappings is missing.
func Defaults() Settings {
	return Settings{Match: membership.DefaultKeys(), Policy: plan.Policy{Limits: plan.DefaultLimits()}, ReadBack: defaultReadBack}
}

// NoJournal returns a Settings.Journal that records nothing, for a program that wants no lock and no journal. Later runs
// do not know what such a run has written, and cannot undo it.
func NoJournal() push.Journal { return noJournal{} }

type noJournal struct{}

func (noJournal) Intent(membership.Group, plan.Group) error { return nil }
func (noJournal) Outcome(push.Outcome) error                { return nil }

// SettingsError says that a field of Settings or RunOptions is missing or has a value that a run cannot work with.
type SettingsError struct{ Type, Field, Text string }

func (e *SettingsError) Error() string { return "pipeline." + e.Type + ": " + e.Field + " " + e.Text }

// check returns an error for each missing field, joined. With the zero values of these fields a run would find nobody,
// or allow no additions and removals.
func (s Settings) check() error {
	var missing []error
	need := func(has bool, field, text string) {
		if !has {
			missing = append(missing, &SettingsError{"Settings", field, text})
		}
	}
	limits := s.Policy.Limits
	need(len(s.Match) > 0, "Match", "names no key by which people are found; see Defaults")
	need(limits.Remove.IsSet(), "Policy.Limits.Remove", "is not set; see Defaults")
	need(limits.RemoveTotal.IsSet(), "Policy.Limits.RemoveTotal", "is not set; see Defaults")
	need(limits.Add.IsSet(), "Policy.Limits.Add", "is not set; see Defaults")
	for i, m := range s.Mappings {
		field := fmt.Sprintf("Mappings[%d].", i)
		need(m.Name != "", field+"Name", "is empty")
		need(m.Genesys != "", field+"Genesys", "names no group")
		need(len(m.Entra) > 0, field+"Entra", "names no group")
	}
	return errors.Join(missing...)
}

// checkFor is check for a run with this writer. If the writer is not nil, Journal must be set too: a nil Journal is
// probably forgotten, and the run would have no lock and no record.
func (s Settings) checkFor(writer push.Writer) error {
	if writer != nil && s.Journal == nil {
		return errors.Join(s.check(), &SettingsError{"Settings", "Journal", "is nil; see Begin, or NoJournal"})
	}
	return s.check()
}

// readBack converts ReadBack to push.Options.ReadBack, where zero means NotReadBack.
func (s Settings) readBack() time.Duration {
	return max(cmp.Or(s.ReadBack, defaultReadBack), 0)
}

// worksOn reports whether this run reads, and may change, the group of a mapping.
func (s Settings) worksOn(m Mapping) bool { return s.selects(m.Name) && m.Mode != plan.Paused }

func (s Settings) selects(name string) bool {
	return len(s.Only) == 0 || slices.Contains(s.Only, name)
}

// disabledUsers returns DropDisabled as it is written in a membership file.
func (s Settings) disabledUsers() membership.DisabledUsers {
	if s.DropDisabled {
		return membership.DropDisabled
	}
	return membership.KeepDisabled
}

// rules returns the rules of all mappings.
func (s Settings) rules() []plan.Rule { return list.Map(s.Mappings, s.rule) }

// mapping returns the mapping with a name, or an empty one: a run may undo changes of a group that no entry has any more.
func (s Settings) mapping(name string) Mapping {
	i := slices.IndexFunc(s.Mappings, func(m Mapping) bool { return m.Name == name })
	if i < 0 {
		return Mapping{}
	}
	return s.Mappings[i]
}

// rule returns the rule of a mapping. Its Source says for the plan how people were read and matched.
func (s Settings) rule(m Mapping) plan.Rule {
	words := []string{fmt.Sprint("match ", s.Match)}
	if m.Nested {
		words = append(words, "nested")
	}
	if len(m.Exclude) > 0 {
		words = append(words, fmt.Sprint("without ", membership.Distinct(m.Exclude)))
	}
	if s.DropDisabled {
		words = append(words, "without disabled users")
	}
	m.Source = strings.Join(words, ", ")
	return m.Rule
}

func (s Settings) life() time.Duration { return cmp.Or(max(s.Expires, 0), 24*time.Hour) }
