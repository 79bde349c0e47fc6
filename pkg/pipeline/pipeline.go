// Package pipeline is callroll as a library: Fetch reads who belongs, Diff plans, Push carries out, and Sync is the three
// in one breath. It knows no flags, no files and no exit statuses, and decides nothing that package plan can decide.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
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

// Settings hold for a whole run.
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
	ReadBack     time.Duration // how long a write may take to show; not read back if zero
	Journal      push.Journal  // keeps what is written; may be nil
	Past         *Past         // what earlier runs have met; may be nil
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

// Past is what a journal knows of earlier runs on the same org.
type Past struct {
	History  *journal.History
	Host     string
	ClientID string
	Digest   string // of the mappings, as the journal keeps it
}

// ErrExpired says that a membership or a plan is too old to be used.
var ErrExpired = errors.New("expired")

// MismatchError says that a file and the settings do not belong together.
type MismatchError struct{ Text string }

func (e *MismatchError) Error() string { return e.Text }

// Result is what Push and Sync did.
type Result struct {
	Plan     plan.Plan // as it was before the first write
	Outcomes []push.Outcome
}

// Sync reads the memberships from Entra, plans against Genesys and carries the plan out. A group that moves meanwhile is planned
// again. The error is about the run as a whole, and then nothing was written; what became of a group is in its outcome.
func Sync(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, s Settings) (Result, error) {
	return planAndPush(ctx, entra, org, writer, nil, s)
}

// PushMembership is Sync of a membership that was read earlier. entra is as for Diff.
func PushMembership(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, file membership.File, s Settings) (Result, error) {
	return planAndPush(ctx, entra, org, writer, &file, s)
}

func planAndPush(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, file *membership.File, s Settings) (Result, error) {
	w, err := prepare(ctx, entra, org, file, s)
	if err != nil {
		return Result{}, err
	}
	opts := s.options(org, writer)
	opts.Replan = w.replan
	return Result{Plan: w.plan, Outcomes: push.Run(ctx, slices.Clone(w.plan.Groups), opts)}, nil
}

// farAhead is how far the clock of another machine may be ahead. A file that is later comes from no such clock.
const farAhead = 24 * time.Hour

// checkMade returns an error if a file says that it was made in the future.
func checkMade(kind string, made time.Time) error {
	if made.After(time.Now().Add(farAhead)) {
		return fmt.Errorf("%w: the %s says that it was made at %s, which is in the future", membership.ErrFormat, kind, made.Format(time.RFC3339))
	}
	return nil
}

func checkPlan(p plan.Plan, host string) error {
	for _, made := range []time.Time{p.Made, p.Taken} {
		if err := checkMade("plan", made); err != nil {
			return err
		}
	}
	if time.Now().After(p.Expires) {
		return fmt.Errorf("the plan has %w: it was good until %s; make a new one with callroll diff", ErrExpired, p.Expires.Format(time.RFC3339))
	}
	if p.Genesys != host {
		return &MismatchError{Text: fmt.Sprintf("the plan was made for %s, and the configuration leads to %s", p.Genesys, host)}
	}
	return nil
}

func (s Settings) options(org *genesys.Reader, writer push.Writer) push.Options {
	retry := s.Retry.WithDefaults()
	return push.Options{
		Reader: org, Writer: writer,
		Attempts: retry.Attempts, BackOff: retry.BackOff,
		AtOnce: s.Concurrency.genesys(), MaxWait: retry.RetryAfterMax, ReadBack: s.ReadBack, Journal: s.Journal, Linger: rest.Linger, Done: s.Done,
	}
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

// now has whole seconds, as the files are written.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }
