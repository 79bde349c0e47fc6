package pipeline_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// simBug is a mistake on purpose, made by what stands around the real thing. The zero value is no mistake.
type simBug struct {
	name     string
	finds    string // what the simulation must say of it
	from     int    // the seed to begin with: one that is known to do, so that a test run does not take longer than it must
	settings func(*sim, *pipeline.Settings)
	wire     func(*sim, http.RoundTripper) http.RoundTripper
	writer   func(push.Writer, *pipeline.Settings) push.Writer
	plan     func(context.Context, *sim, simClients, plan.Plan, pipeline.Settings) (plan.Plan, error)
	lockless bool
	sync     func(context.Context, *graph.Client, *genesys.Reader, push.Writer, pipeline.Settings) (pipeline.Result, error)
}

// The simulation can fail: it finds each of these mistakes, within the seeds that CI plays, and by what the mistake does.
func TestSimulationFinds(t *testing.T) {
	for _, bug := range append(simBugs(), simStageBugs()...) {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			for n := range simBugSeeds {
				seed := bug.from + n
				for _, bad := range simulate(t, uint64(seed), bug).bad {
					if strings.Contains(bad, bug.finds) {
						t.Logf("seed %d: %s", seed, bad)
						return
					}
				}
			}
			t.Errorf("not found in %d seeds from %d on", simBugSeeds, bug.from)
		})
	}
}

// simBugSeeds is how many seeds there are to find a mistake, from the one on that is known to do.
const simBugSeeds = 300

func simBugs() []simBug {
	wanted, unread := "at no moment the rules did not want him in", "never read alone"
	return []simBug{
		{name: "no If-Match", from: 11, finds: unread, wire: wires(presentVersion(func(*http.Request) bool { return true }))},
		{name: "first page only", from: 3, finds: wanted, wire: wires(firstPage)},
		{name: "the list used for writing", from: 3, finds: unread, wire: wires(groupFromList)},
		{name: "a failed page taken as empty", from: 24, finds: wanted, wire: wires(failedIsEmpty)},
		{name: "absent members taken as empty", from: 71, finds: "removed from", wire: wires(absentIsEmpty)},
		{name: "limits on raw members", from: 5, finds: "and the limit is", settings: rawLimits},
		{name: "limits forgotten after a replan", from: 1372, finds: "and the limit is", wire: forgetsLimits},
		{name: "a rename taken as a leaver", from: 5, finds: wanted, settings: releasesAll},
		{name: "the second PUT without a look at the version", from: 11, finds: unread, wire: wires(presentVersion(isSecond))},
		{name: "an unclear answer sent again unread", from: 12, finds: "without a reading", writer: sendsAgain},
		{name: "the intent written after the PUT", finds: "without its intent", writer: intentAfter},
		{name: "protect forgotten by undo", from: 45, finds: wanted, settings: undoForgetsProtect},
		{name: "a token sent to the host of the next link", from: 0, finds: "a token went to", wire: wires(followsLinks)},
	}
}

// rawLimits counts a share of all that is listed, people in Entra as well as members, instead of the accounts of a group.
func rawLimits(s *sim, settings *pipeline.Settings) {
	l := &settings.Policy.Limits
	l.RemoveFloor += len(s.spec.entra.Users) / 3
	l.Remove = plan.Count(l.RemoveFloor)
}

// forgetsLimits lets through whatever is left to remove once a group has moved.
func forgetsLimits(s *sim, next http.RoundTripper) http.RoundTripper {
	return buggyWire{s, next, func(s *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
		answer, err := next.RoundTrip(r)
		id, alone := strings.CutPrefix(r.URL.Path, groupAPI)
		if err != nil || !alone || !s.foreign(s.run, id) || s.run.verb == undoes {
			return answer, err
		}
		now := s.world.Genesys()
		entra := s.world.Entra()
		o := newOracle(s.spec, &entra, &now)
		for _, rule := range s.spec.rules {
			if o.target(rule) == id {
				members := simMembers(now, id)
				s.allowances[rule.name] = len(without(members, o.wish(rule, members)))
			}
		}
		return answer, err
	}}
}

func releasesAll(s *sim, settings *pipeline.Settings) {
	all, err := plan.ParsePattern("*")
	if err != nil {
		panic(err)
	}
	settings.Policy.Release = map[string][]plan.Pattern{}
	for _, rule := range s.spec.rules {
		settings.Policy.Release[rule.name] = []plan.Pattern{all}
	}
}

// replaceFunc is a writer.
type replaceFunc func(ctx context.Context, group membership.Group, members []string, version, key string) error

// Replace implements push.Writer.
func (f replaceFunc) Replace(ctx context.Context, group membership.Group, members []string, version, key string) error {
	return f(ctx, group, members, version, key)
}

func sendsAgain(w push.Writer, _ *pipeline.Settings) push.Writer {
	return replaceFunc(func(ctx context.Context, group membership.Group, members []string, version, key string) error {
		err := w.Replace(ctx, group, members, version, key)
		if err != nil && membership.CauseOf(err) == membership.Unclear {
			err = w.Replace(ctx, group, members, version, key)
		}
		return err
	})
}

// lateJournal keeps an intent back until its PUT was sent.
type lateJournal struct {
	push.Journal
	before membership.Group
	group  plan.Group
	kept   bool
}

// Intent implements push.Journal.
func (j *lateJournal) Intent(before membership.Group, g plan.Group) error {
	j.before, j.group, j.kept = before, g, true
	return nil
}

func intentAfter(w push.Writer, settings *pipeline.Settings) push.Writer {
	late := &lateJournal{Journal: settings.Journal}
	settings.Journal = late
	return replaceFunc(func(ctx context.Context, group membership.Group, members []string, version, key string) error {
		err := w.Replace(ctx, group, members, version, key)
		if late.kept {
			late.kept = false
			if failed := late.Journal.Intent(late.before, late.group); failed != nil {
				return failed
			}
		}
		return err
	})
}

func undoForgetsProtect(s *sim, settings *pipeline.Settings) {
	for i := range settings.Mappings {
		if s.run.verb == undoes {
			settings.Mappings[i].Protect = nil
		}
	}
}
