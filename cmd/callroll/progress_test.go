package main

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/rest"
)

// screen returns what a terminal shows after text was written to it, without spaces at the ends of lines.
func screen(text string) string {
	var lines []string
	for line := range strings.SplitSeq(text, "\n") {
		var cells []rune
		at := 0
		for _, r := range line {
			switch {
			case r == '\r':
				at = 0
				continue
			case at == len(cells):
				cells = append(cells, r)
			default:
				cells[at] = r
			}
			at++
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return strings.Join(lines, "\n")
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		a := &app{stderr: &out}
		a.progress = newProgress(&out, &a.talk)
		defer a.progress.stop()
		shows := func(want string) {
			t.Helper()
			synctest.Wait()
			a.talk.Lock()
			defer a.talk.Unlock()
			if got := screen(out.String()); got != want {
				t.Errorf("the terminal shows\n%s\nwant\n%s", got, want)
			}
		}
		pass := func(d time.Duration) {
			time.Sleep(d)
			synctest.Wait()
		}
		a.progress.step(pipeline.ReadingEntra, 0, 500)
		a.progress.step(pipeline.ReadingGenesys, 0, 0)
		pass(900 * time.Millisecond)
		shows("") // not yet worth a line
		a.progress.step(pipeline.ReadingEntra, 120, 500)
		pass(200 * time.Millisecond)
		shows("callroll: reading Entra  24% [>.....] (120/500)")

		a.progress.wait(rest.Wait{Pace: true, For: 1900 * time.Millisecond})
		a.progress.wait(rest.Wait{Pace: true, For: 12 * time.Second})
		a.progress.wait(rest.Wait{Pace: true, For: 3 * time.Second}) // ends before
		pass(3100 * time.Millisecond)
		shows("callroll: waiting 9 s for Genesys' pace")
		pass(9 * time.Second)
		shows("callroll: reading Entra  24% [>.....] (120/500)")

		a.say("a message")
		shows("callroll: a message\n")
		a.progress.step(pipeline.ReadingEntra, 500, 500)
		pass(200 * time.Millisecond)
		shows("callroll: a message\ncallroll: reading Genesys .")
		a.progress.step(pipeline.ReadingGenesys, 1, 1)
		pass(200 * time.Millisecond)
		shows("callroll: a message\n")

		a.progress.step(push.Writing, 17, 60)
		pass(2 * time.Second)
		shows("callroll: a message\ncallroll: writing  28% [>.....] (17/60)")
		_, _ = io.WriteString(&outlet{to: &out, clear: a.clearProgress}, "the report\n")
		shows("callroll: a message\nthe report\n")
		pass(2 * time.Second)
		shows("callroll: a message\nthe report\ncallroll: writing  28% [>.....] (17/60)")
		a.progress.stop()
		a.progress.stop()
		pass(2 * time.Second)
		shows("callroll: a message\nthe report\n")
	})
}

// Without a terminal nothing is shown, and waits are told as before.
func TestNoProgressWithoutTerminal(t *testing.T) {
	a := &app{stderr: &bytes.Buffer{}, env: map[string]string{}}
	if a.beginProgress() != nil {
		t.Error("a buffer is taken for a terminal")
	}
	if a.progress.wait(rest.Wait{Pace: true, For: time.Minute}) {
		t.Error("no progress says that it shows a wait")
	}
	a.progress.clear()
	a.progress.stop()
}

// No line is wider than 50 columns, with the largest numbers that are usual.
func TestProgressFits(t *testing.T) {
	var talk sync.Mutex
	for _, name := range []push.Step{
		pipeline.ReadingEntra, pipeline.ReadingGenesys, pipeline.CountingMembers, pipeline.LookingAtGroups, push.Writing, push.ReadingBack, waiting,
	} {
		var out bytes.Buffer
		p := &progress{to: &out, talk: &talk}
		p.set(name, 499, 500)
		if name == waiting {
			p.set(name, 0, 60)
		}
		p.draw(time.Now().Add(59 * time.Second))
		if line := screen(out.String()); len(line) > 50 || line == "" {
			t.Errorf("%d columns: %q", len(line), line)
		}
	}
}

// What asks for each group, or lists groups, says how far it is.
func TestStepsOfListing(t *testing.T) {
	var steps []push.Step
	var lock sync.Mutex // steps may overlap
	record := func(step push.Step, _, _ int) {
		lock.Lock()
		defer lock.Unlock()
		steps = append(steps, step)
	}
	all := func(string) bool { return true }
	for name, c := range map[string]struct {
		work func(context.Context, *session) error
		want []push.Step
	}{
		"groups entra": {func(ctx context.Context, s *session) error {
			_, _, err := s.entraGroups(ctx, all)
			return err
		}, []push.Step{pipeline.ReadingEntra, pipeline.CountingMembers}},
		"groups genesys": {func(ctx context.Context, s *session) error {
			_, _, err := s.genesysGroups(ctx, all)
			return err
		}, []push.Step{pipeline.ReadingGenesys}},
		"doctor": {func(ctx context.Context, s *session) error {
			(&checkup{app: s.app}).services(ctx, s)
			return nil
		}, []push.Step{pipeline.ReadingGenesys, pipeline.LookingAtGroups}},
	} {
		steps = nil
		first := c.want[0]
		a := &app{env: map[string]string{}, stdout: io.Discard, stderr: io.Discard, flags: globalFlags{sandbox: play(t, "[]")},
			redact: rest.NewRedactor(), tally: newTally()}
		err := a.inSession(t.Context(), needs{entra: true, genesys: true, groups: true}, func(ctx context.Context, s *session) error {
			s.settings.Progress = record
			return c.work(ctx, s)
		}, nil)
		missing := slices.DeleteFunc(c.want, func(step push.Step) bool { return slices.Contains(steps, step) })
		if err != nil || len(missing) > 0 || steps[0] != first {
			t.Errorf("%s: %q, without %q, %v", name, steps, missing, err)
		}
	}
}
