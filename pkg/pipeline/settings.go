package pipeline

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/rest"
)

// Mapping says which Entra groups feed one Genesys group, and by which rule.
type Mapping struct {
	plan.Rule
	Exclude []string // whom to leave out: object ids of groups or people, or userPrincipalNames
	Nested  bool     // members of nested groups too

	// ExcludeAt says for messages where the entries of Exclude are written: file:line. It may be shorter than Exclude. It is no
	// part of what the mapping means.
	ExcludeAt []string `json:"-"`
}

// exclusion names one entry of Exclude, and where it is written.
func (m Mapping) exclusion(i int) string {
	if i < len(m.ExcludeAt) && m.ExcludeAt[i] != "" {
		return fmt.Sprintf("exclude %s (%s)", m.Exclude[i], m.ExcludeAt[i])
	}
	return "exclude " + m.Exclude[i]
}

// Settings hold for a whole run. Begin with [Defaults] and set Mappings: whatever else has no value that would be safe to assume
// ends a run before its first request, with a [SettingsError].
type Settings struct {
	Mappings     []Mapping        // all there are: a rule may look at those that Only leaves out
	Only         []string         // names of the mappings to work on; empty for all
	Match        []membership.Key // how people are found in Genesys, in order of precedence
	Tenant       string           // id of the Entra tenant, which a membership must come from; empty if only its domain is known
	Policy       plan.Policy
	DropDisabled bool          // leave out whoever is disabled in Entra
	Expires      time.Duration // life of a membership or a plan; 24 hours if zero
	Retry        rest.Retry    // for a PUT whose answer is not clear
	Concurrency  Concurrency
	ReadBack     time.Duration // how long a write may take to show; 30 seconds if zero, see NotReadBack
	Journal      push.Journal  // keeps what is written; a Run has one, or see NoJournal. Only a dry run needs none
	Past         *Past         // what earlier runs have met, from a Run; may be nil
	AllowOlder   bool          // a file may be older than what a group was last made to have
	Done         func(push.Outcome)
}

// Concurrency is how much of each service's work is done at once; a field that is zero has its default.
type Concurrency struct {
	Entra   int // sources of members that are read; 8
	Genesys int // groups that are written; 4
}

func (c Concurrency) entra() int {
	if c.Entra > 0 {
		return c.Entra
	}
	return 8
}

// oneAtATime says that no two requests may be under way.
func (c Concurrency) oneAtATime() bool { return c.entra() == 1 && c.genesys() == 1 }

func (c Concurrency) genesys() int {
	if c.Genesys > 0 {
		return c.Genesys
	}
	return 4
}

// NotReadBack as Settings.ReadBack reads back only those groups whose answers do not show the write.
const NotReadBack time.Duration = -1

// defaultReadBack is far more than a write was seen to take (facts of the vendor's forum: a few seconds).
const defaultReadBack = 30 * time.Second

// Defaults returns the settings of callroll without a configuration: people are found by userPrincipalName and mail, the default
// limits hold, and what is written is read back. Only the mappings are missing.
func Defaults() Settings {
	return Settings{Match: membership.DefaultKeys(), Policy: plan.Policy{Limits: plan.DefaultLimits()}, ReadBack: defaultReadBack}
}

// NoJournal is the Settings.Journal of a program that wants no lock and no record. No run will know what this one has written,
// and none can undo it.
func NoJournal() push.Journal { return noJournal{} }

type noJournal struct{}

func (noJournal) Intent(membership.Group, plan.Group) error { return nil }
func (noJournal) Outcome(push.Outcome) error                { return nil }

// SettingsError says that a field of Settings or RunOptions has no value that a run could work with.
type SettingsError struct{ Type, Field, Text string }

func (e *SettingsError) Error() string { return "pipeline." + e.Type + ": " + e.Field + " " + e.Text }

// check returns all that is missing, as one error. The zero values of these fields would find nobody, or let nobody come and go.
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

// checkFor is check of settings with which a writer works. A forgotten journal is no lock and no record either.
func (s Settings) checkFor(writer push.Writer) error {
	if writer != nil && s.Journal == nil {
		return errors.Join(s.check(), &SettingsError{"Settings", "Journal", "is nil; see Begin, or NoJournal"})
	}
	return s.check()
}

// readBack is ReadBack as package push has it.
func (s Settings) readBack() time.Duration {
	if s.ReadBack == 0 {
		return defaultReadBack
	}
	return max(s.ReadBack, 0)
}

// worksOn says whether this run reads, and may change, what a mapping leads to.
func (s Settings) worksOn(m Mapping) bool { return s.selects(m.Name) && m.Mode != plan.Paused }

func (s Settings) selects(name string) bool {
	return len(s.Only) == 0 || slices.Contains(s.Only, name)
}

// disabledUsers is DropDisabled as a membership file has it.
func (s Settings) disabledUsers() membership.DisabledUsers {
	if s.DropDisabled {
		return membership.DropDisabled
	}
	return membership.KeepDisabled
}

// rules returns the rules of all mappings.
func (s Settings) rules() []plan.Rule {
	rules := make([]plan.Rule, 0, len(s.Mappings))
	for _, m := range s.Mappings {
		rules = append(rules, s.rule(m))
	}
	return rules
}

// rule returns the rule of a mapping, with what the plan shall remember of how people were taken.
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

func (s Settings) life() time.Duration {
	if s.Expires > 0 {
		return s.Expires
	}
	return 24 * time.Hour
}
