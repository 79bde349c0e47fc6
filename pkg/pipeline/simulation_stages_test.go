package pipeline_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// simClients are the two services, as a run that writes knows them.
type simClients struct {
	entra  *graph.Client
	org    *genesys.Reader
	writer push.Writer
}

// look is what a run does that writes to no service: it makes a file.
func (s *sim) look(ctx context.Context, run *simRun, entra *graph.Client, org *genesys.Reader, settings pipeline.Settings) error {
	if run.verb == fetches {
		file, err := pipeline.Fetch(ctx, entra, settings)
		if err != nil {
			return err
		}
		run.status = report.OfFile(file)
		run.out, err = file.Encode()
		return err
	}
	file, err := membership.DecodeFile(run.in)
	if err != nil {
		return err
	}
	if run.blind {
		entra = nil
	}
	p, err := pipeline.Diff(ctx, entra, org, file, settings)
	if err != nil {
		return err
	}
	run.status = report.OfPlan(p, false)
	run.out, err = p.Encode()
	return err
}

// write is what a run does that writes to Genesys.
func (s *sim) write(ctx context.Context, run *simRun, to simClients, history *journal.History, settings pipeline.Settings) (err error) {
	switch run.verb {
	case undoes:
		return s.takeBack(ctx, run, to, history, settings)
	case pushesFile:
		var file membership.File
		if file, err = membership.DecodeFile(run.in); err == nil {
			run.result, err = pipeline.PushMembership(ctx, to.entra, to.org, to.writer, file, settings)
		}
	case pushesPlan:
		var p plan.Plan
		if p, err = plan.Decode(run.in); err == nil && s.bug.plan != nil {
			p, err = s.bug.plan(ctx, s, to, p, settings)
		}
		if err == nil {
			run.result, err = pipeline.Push(ctx, to.entra, to.org, to.writer, p, settings)
		}
	default:
		sync := pipeline.Sync
		if s.bug.sync != nil {
			sync = s.bug.sync
		}
		run.result, err = sync(ctx, to.entra, to.org, to.writer, settings)
	}
	return err
}

// takeBack undoes the latest run that has changed something.
func (s *sim) takeBack(ctx context.Context, run *simRun, to simClients, history *journal.History, settings pipeline.Settings) error {
	var err error
	for _, record := range history.Runs() {
		if len(record.Inverse()) == 0 {
			continue
		}
		run.undone = map[string]journal.Undo{}
		for _, u := range record.Inverse() {
			run.undone[u.GroupID] = u
		}
		run.result, err = pipeline.Undo(ctx, to.entra, to.org, to.writer, record, settings)
		return err
	}
	return nil
}

// pipe plays the stages as runs of their own: fetch, then diff and the push of the plan, or the push of the membership. In
// between things happen, somebody changes the configuration, and time passes.
func (s *sim) pipe(clean []sandbox.Request) {
	s.met["pipe"]++
	fetch := s.stage(fetches, nil, nil, clean)
	if fetch.out == nil {
		return
	}
	defer func() { s.piping = false }()
	s.rest()
	if one(s.r, 3) {
		s.stage(pushesFile, fetch, fetch.out, clean)
		return
	}
	diff := s.stage(diffs, fetch, fetch.out, clean)
	if diff.out == nil {
		return
	}
	s.rest()
	if one(s.r, 4) { // who belongs is taken in another way now
		rule := &s.spec.rules[s.r.IntN(len(s.spec.rules))]
		rule.exclude = append(slices.Clone(rule.exclude), pick(s.r, s.world.Entra().Users...).ID)
		s.say("%s excludes %v", rule.name, rule.exclude)
	}
	for range 1 + s.r.IntN(2) { // somebody may push a plan twice
		s.stage(pushesPlan, fetch, diff.out, clean)
		s.wait(time.Duration(pick(s.r, 0, 60)) * time.Second)
	}
}

func (s *sim) stage(verb simVerb, since *simRun, in []byte, clean []sandbox.Request) *simRun {
	run := calmRun()
	run.verb, run.since, run.in, run.blind = verb, since, in, one(s.r, 4)
	s.play(s.script(run, clean))
	s.piping = run.out != nil || since != nil
	return run
}

// rest is the time between two stages.
func (s *sim) rest() {
	s.wait(time.Duration(pick(s.r, 0, 60, 600)) * time.Second)
	if one(s.r, 2) {
		s.between()
	}
	if one(s.r, 8) {
		s.wait(2 * time.Hour)
	}
}

// judgeStage wants a look to write nothing, a file that is too old to be refused, and a plan to be carried out exactly.
func (s *sim) judgeStage(run *simRun) {
	if run.verb == diffs || run.verb == fetches {
		for _, r := range s.logOf(run) {
			if r.Method == "PUT" {
				s.fail("%s has sent a PUT", run.verb)
			}
		}
	}
	if run.in == nil || run.killed {
		return
	}
	var expires time.Time
	if p, err := plan.Decode(run.in); err == nil {
		expires = p.Expires
	} else if file, err := membership.DecodeFile(run.in); err == nil {
		expires = file.Expires
	}
	if run.verb == pushesPlan {
		s.judgePaused(run)
	}
	if run.began.After(expires) {
		s.met["a file that has expired"]++
		if !errors.Is(run.err, pipeline.ErrExpired) {
			s.fail("%s of a file that expired at %s has ended with %v", run.verb, expires, run.err)
		}
	}
}

// judgePaused wants a group that was paused when the plan was made, and is, to be nothing that a person has to see to.
func (s *sim) judgePaused(run *simRun) {
	p, err := plan.Decode(run.in)
	if err != nil || s.twins(run) {
		return
	}
	for i, rule := range run.rules {
		same := slices.Equal(rule.exclude, run.since.rules[i].exclude)
		planned := slices.ContainsFunc(p.Groups, func(g plan.Group) bool { return g.Name == rule.name && g.State == plan.Skipped && g.ID != "" })
		for _, o := range run.result.Outcomes {
			if o.Group.Name == rule.name && same && planned && o.Status != push.Paused {
				s.fail("%s was paused when the plan was made, and is %q: %s", rule.name, o.Status, o.Detail)
			}
		}
	}
}

// judgeExact wants a plan that is pushed to change what it says, from what it found, and nothing else.
func (s *sim) judgeExact(run *simRun, c sandbox.Change, nobodys func(string) bool) {
	p, err := plan.Decode(run.in)
	if err != nil || run.began.After(p.Expires) {
		s.fail("%s was written by a plan that has expired, or is none: %v", c.Name, err)
		return
	}
	s.met["change by a plan"]++
	at := slices.IndexFunc(p.Groups, func(g plan.Group) bool { return g.ID == c.Group })
	if at < 0 {
		s.fail("%s was written, and is not in the plan", c.Name)
		return
	}
	g := p.Groups[at]
	found := append(without(g.MemberIDs(), entryIDs(g.Add)), entryIDs(g.Remove)...)
	slices.Sort(found)
	if !slices.Equal(c.Before, found) {
		s.fail("%s was written by a plan that is stale: it found %v, and there were %v", c.Name, found, c.Before)
	}
	wants, has := slices.DeleteFunc(slices.Clone(g.MemberIDs()), nobodys), slices.DeleteFunc(slices.Clone(c.After), nobodys)
	if !slices.Equal(wants, has) {
		s.fail("the plan wants %v in %s, and has written %v", wants, c.Name, has)
	}
}
