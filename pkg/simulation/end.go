package simulation

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// converge plays undisturbed runs. The first makes all allowed corrections, and the last must find nothing to do.
func (s *sim) converge() {
	s.inPipe = false
	s.wait(10 * time.Minute)
	if slices.ContainsFunc(s.runs, func(run *run) bool { return run.machine != "here" }) {
		s.undisturbedRun("there")
	}
	if s.chance(Clocks, 12) { // nothing else is wrong, so the run may succeed and remove old files
		run := s.newRun(verbSync)
		run.skew.ahead = pick(s.r, 2*day, 400*day, 3653*day)
		s.play(run)
		s.wait(10 * time.Minute)
	}
	runs := 1
	if len(s.spec.org.Switches.RuleMembers) > 0 { // callroll needs three runs to see that a write never takes effect
		runs = 3
	}
	var last *run
	for range runs {
		last = s.undisturbedRun("here")
	}
	if slices.ContainsFunc(last.report.Groups, func(g groupReport) bool { return g.Outcome == "refused" }) {
		s.undisturbedRun("here") // a share of more members than before allows more removals
	}
	if s.spec.cron && s.chance(Mails, 3) {
		s.wait(pick(s.r, 20*time.Hour, 26*time.Hour))
		s.undisturbedRun("here") // sends the mail of the next day
	}
	before := len(s.world.History())
	last = s.newRun(verbSync)
	last.quiet = false
	s.play(last)
	s.wait(10 * time.Minute)
	if after := s.world.History(); len(after) > before {
		s.errorf("the run after a run in peace has changed something: %+v", after[before:])
	}
	s.judgeEnd(last)
	s.judgeReader("here", last)
	if s.chance(Flags, 2) {
		s.tryPrintedFlags(last)
	}
	for machine := range s.homes {
		s.judgeList(machine)
	}
}

func (s *sim) undisturbedRun(machine string) *run {
	run := s.newRun(verbSync)
	run.machine = machine
	s.play(run)
	s.wait(10 * time.Minute)
	return run
}

// judgeEnd checks that every group is as the rules require, or has a lasting reason why it is not.
func (s *sim) judgeEnd(last *run) {
	if last.report.Kind != "result" {
		s.errorf("a run in peace failed: status %d, %s", last.status, last.err.String())
		return
	}
	now := s.now()
	for _, f := range oracle.Foresee(last.mappings, s.spec.config, now.Tenant, now.Org, last.flags) {
		g, _ := last.report.of(f.Mapping.Name)
		s.met["in the end "+g.Outcome]++
		if f.State == oracle.Changes && !f.Vague && slices.Contains([]string{"in step", "changed", "already"}, g.Outcome) {
			s.errorf("in the end %s is %q, and the rules want +%v -%v", g.Name, g.Outcome, f.Add, f.Remove)
		}
		lasting := []string{"in step", "paused", "refused", "incomplete", "missing", "denied"}
		if (f.State == oracle.Changes || f.Vague) && s.refusable(f) {
			lasting = append(lasting, "rejected", "not applied", "conflict")
		}
		if !slices.Contains(lasting, g.Outcome) && len(f.Group.Ruled) == 0 {
			s.errorf("in the end %s is %q: %s", g.Name, g.Outcome, g.Detail)
		}
	}
}

// undoLine is one line of undo list.
type undoLine struct {
	run, command, name string
	began              time.Time
	add, remove        int
}

// undoList returns the lines of undo list for a machine.
func (s *sim) undoList(machine string) []undoLine {
	run := s.newRun(verbUndo)
	run.mappings, run.home = s.spec.mappings, s.homes[machine]
	if _, err := s.arguments(run); err != nil {
		s.errorf("%v", err)
	}
	var out, talk bytes.Buffer
	config := s.configFile(run)
	args := []string{"undo", "list", "--sandbox", filepath.Join(s.dir, "stage"), "--config", config}
	status := s.player.Program(context.Background(), Call{Args: args, Stdin: &bytes.Buffer{}, Stdout: &out, Stderr: &talk})
	if status != 0 {
		s.errorf("undo list has ended with %d: %s", status, talk.String())
	}
	var all []undoLine
	for line := range strings.Lines(out.String()) {
		fields := strings.Fields(line)
		if len(fields) < 6 {
			continue
		}
		l := undoLine{run: fields[0], command: fields[3], name: fields[len(fields)-1]}
		l.began, _ = time.Parse("20060102T150405Z", fields[0][:min(len(fields[0]), 16)])
		if _, err := fmt.Sscanf(fields[4]+" "+fields[5], "+%d -%d", &l.add, &l.remove); err != nil {
			s.errorf("undo list: %q: %v", line, err)
		}
		all = append(all, l)
	}
	return all
}

// runOfLine returns the run of a line, by the second in which it began. A run that waited before it came to its journal began up
// to a minute before its line; no other run began in between.
func (s *sim) runOfLine(machine string, l undoLine) *run {
	for _, most := range []int64{0, 60} {
		for _, run := range slices.Backward(s.runs) {
			turnedAway := run.host != nil && run.host.machine == machine && run.sent == 0
			waited := l.began.Unix() - run.stamp.Unix()
			if run.machine == machine && run.writes() && !turnedAway && waited >= 0 && waited <= most {
				return run
			}
		}
	}
	return nil
}

// runToUndo returns the run that an undo reverts: the latest run that changed something and was not an undo.
func (s *sim) runToUndo(undo *run) *run {
	for _, l := range s.undoList(undo.machine) {
		if l.command != "undo" {
			return s.runOfLine(undo.machine, l)
		}
	}
	return nil
}

// judgeList compares undo list with the changes. Each run that changed a group, which nobody else has changed since, must
// be listed with the right numbers.
func (s *sim) judgeList(machine string) {
	lines := s.undoList(machine)
	s.judgeListOrder(machine, lines)
	for _, run := range s.runs {
		old := time.Since(run.began) > journalRetention || !run.endedAt.After(s.journalGone[machine])
		if run.machine != machine || !run.writes() || old || s.spec.org.Switches.LateApplication > 0 {
			continue // when an intent is closed, later changes are not known
		}
		for _, m := range run.mappings {
			s.judgeLine(machine, run, m, lines)
		}
	}
}

// outcomeUnknown says whether a later run could not find out the result of a write to a group, because others changed the
// group too or because it cannot be read.
func (s *sim) outcomeUnknown(name string) bool {
	return slices.ContainsFunc(s.runs, func(run *run) bool {
		said := plainName(run.err.String())
		return strings.Contains(said, plainName(name+": the change was mixed")) ||
			strings.Contains(said, plainName(name+", and it is still not known"))
	})
}

func (s *sim) judgeLine(machine string, run *run, m oracle.Mapping, lines []undoLine) {
	group := s.spec.groupIDs[m.Name]
	own, others := s.changes(run, group)
	said, _ := run.report.of(m.Name)
	if len(own) == 0 || others || !run.killed && said.Outcome != "changed" || m.Name == "Twin" {
		return
	}
	if run.killed && s.outcomeUnknown(m.Name) {
		return // the journal does not have the result
	}
	was, is := own[0].Before, own[len(own)-1].After
	add, remove := len(oracle.Without(is, was)), len(s.removedByRun(run, group, was, is))
	byRule := func(id string) bool { return slices.Contains(s.spec.org.Switches.RuleMembers[group], id) }
	if (run.killed || run.interrupted) && slices.ContainsFunc(s.removedByRun(run, group, was, is), byRule) {
		return // the rule added them again at once, so a later run sees no change
	}
	s.met["a line of undo list"]++
	ok := add+remove == 0 || slices.ContainsFunc(lines, func(l undoLine) bool {
		return s.runOfLine(machine, l) == run && l.add == add && l.remove == remove
	})
	if !ok {
		s.errorf("run %d has changed %s by +%d -%d, and undo list says %+v", run.number, group, add, remove, lines)
	}
}

// judgeListOrder checks that the latest run is listed first, whatever the clocks were.
func (s *sim) judgeListOrder(machine string, lines []undoLine) {
	last := len(s.runs) + 1
	for _, l := range lines {
		run := s.runOfLine(machine, l)
		if run == nil {
			s.errorf("undo list has a run that there was not: %+v", l)
			continue
		}
		if run.number > last {
			s.errorf("undo list has run %d after run %d, which was before: %+v", run.number, last, lines)
		}
		last = run.number
	}
}
