package simulation

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
)

// converge lets runs work in peace: the first sets right what may be set right, the last finds nothing to do.
func (s *sim) converge() {
	s.piping = false
	s.wait(10 * time.Minute)
	if slices.ContainsFunc(s.runs, func(run *run) bool { return run.machine != "here" }) {
		s.calm("there")
	}
	if s.chance(Clocks, 12) { // nothing else is the matter, so that the run may go well and clear up
		run := s.newRun(syncs)
		run.skew.ahead = pick(s.r, 2*day, 400*day, 3653*day)
		s.play(run)
		s.wait(10 * time.Minute)
	}
	runs := 1
	if len(s.spec.org.Switches.RuleMembers) > 0 { // it takes that many to see that a write never settles
		runs = 3
	}
	var last *run
	for range runs {
		last = s.calm("here")
	}
	if slices.ContainsFunc(last.report.Groups, func(g reported) bool { return g.Outcome == "refused" }) {
		s.calm("here") // a share of more members than there were before lets more through
	}
	if s.spec.cron && s.chance(Mails, 3) {
		s.wait(pick(s.r, 20*time.Hour, 26*time.Hour))
		s.calm("here") // the mail of the next day
	}
	before := len(s.world.History())
	last = s.newRun(syncs)
	last.quiet = false
	s.play(last)
	s.wait(10 * time.Minute)
	if after := s.world.History(); len(after) > before {
		s.fail("the run after a run in peace has changed something: %+v", after[before:])
	}
	s.judgeEnd(last)
	s.judgeReader("here", last)
	if s.chance(Flags, 2) {
		s.typeOut(last)
	}
	for machine := range s.homes {
		s.judgeList(machine)
	}
}

func (s *sim) calm(machine string) *run {
	run := s.newRun(syncs)
	run.machine = machine
	s.play(run)
	s.wait(10 * time.Minute)
	return run
}

// judgeEnd wants every group to be as the rules have it, or a reason that lasts.
func (s *sim) judgeEnd(last *run) {
	if last.report.Kind != "result" {
		s.fail("a run in peace failed: status %d, %s", last.status, last.err.String())
		return
	}
	now := s.now()
	for _, f := range oracle.Foresee(last.mappings, s.spec.config, now.Tenant, now.Org, last.flags) {
		g, _ := last.report.of(f.Mapping.Name)
		s.met["in the end "+g.Outcome]++
		if f.State == oracle.Changes && !f.Vague && slices.Contains([]string{"in step", "changed", "already"}, g.Outcome) {
			s.fail("in the end %s is %q, and the rules want +%v -%v", g.Name, g.Outcome, f.Add, f.Remove)
		}
		lasting := []string{"in step", "paused", "refused", "incomplete", "missing", "denied"}
		if (f.State == oracle.Changes || f.Vague) && s.refusable(f) {
			lasting = append(lasting, "rejected", "not applied", "conflict")
		}
		if !slices.Contains(lasting, g.Outcome) && len(f.Group.Ruled) == 0 {
			s.fail("in the end %s is %q: %s", g.Name, g.Outcome, g.Detail)
		}
	}
}

// listed is one line of undo list.
type listed struct {
	run, command, name string
	began              time.Time
	add, remove        int
}

// list asks callroll which runs of a machine have changed what.
func (s *sim) list(machine string) []listed {
	run := s.newRun(undoes)
	run.mappings, run.home = s.spec.mappings, s.homes[machine]
	if _, err := s.arguments(run); err != nil {
		s.fail("%v", err)
	}
	var out, talk bytes.Buffer
	config := s.configFile(run)
	args := []string{"undo", "list", "--sandbox", filepath.Join(s.dir, "stage"), "--config", config}
	status := s.player.Program(context.Background(), Call{Args: args, Stdin: &bytes.Buffer{}, Stdout: &out, Stderr: &talk})
	if status != 0 {
		s.fail("undo list has ended with %d: %s", status, talk.String())
	}
	var all []listed
	for line := range strings.Lines(out.String()) {
		fields := strings.Fields(line)
		if len(fields) < 6 {
			continue
		}
		l := listed{run: fields[0], command: fields[3], name: fields[len(fields)-1]}
		l.began, _ = time.Parse("20060102T150405Z", fields[0][:min(len(fields[0]), 16)])
		if _, err := fmt.Sscanf(fields[4]+" "+fields[5], "+%d -%d", &l.add, &l.remove); err != nil {
			s.fail("undo list: %q: %v", line, err)
		}
		all = append(all, l)
	}
	return all
}

// of is the run that a line of the list is about, by the second in which that began.
func (s *sim) of(machine string, l listed) *run {
	for _, run := range slices.Backward(s.runs) {
		turnedAway := run.host != nil && run.host.machine == machine && run.sent == 0
		if run.machine == machine && run.writes() && !turnedAway && run.stamp.Unix() == l.began.Unix() {
			return run
		}
	}
	return nil
}

// latest is the run that an undo takes back: the latest one that has changed something and was no undo.
func (s *sim) latest(undo *run) *run {
	for _, l := range s.list(undo.machine) {
		if l.command != "undo" {
			return s.of(undo.machine, l)
		}
	}
	return nil
}

// judgeList holds what the journal would take back against what was changed: each run that has changed a group which nobody
// else has changed since is in the list, with these numbers.
func (s *sim) judgeList(machine string) {
	lines := s.list(machine)
	s.judgeListOrder(machine, lines)
	for _, run := range s.runs {
		old := time.Since(run.began) > keeping || !run.endedAt.After(s.gone[machine])
		if run.machine != machine || !run.writes() || old || s.spec.org.Switches.LateApplication > 0 {
			continue // nobody who closes an intent can know what comes later
		}
		for _, m := range run.mappings {
			s.judgeLine(machine, run, m, lines)
		}
	}
}

// untold says whether a later run could not tell what became of a write to a group: others have changed it as well, or it cannot be
// read any more.
func (s *sim) untold(name string) bool {
	return slices.ContainsFunc(s.runs, func(run *run) bool {
		said := run.err.String()
		return strings.Contains(said, name+": the change was mixed") || strings.Contains(said, name+", and it is still not known")
	})
}

func (s *sim) judgeLine(machine string, run *run, m oracle.Mapping, lines []listed) {
	group := s.spec.meant[m.Name]
	own, others := s.changes(run, group)
	said, _ := run.report.of(m.Name)
	if len(own) == 0 || others || !run.dead && said.Outcome != "changed" || m.Name == "Twin" {
		return
	}
	if run.dead && s.untold(m.Name) {
		return // the journal knows no more
	}
	was, is := own[0].Before, own[len(own)-1].After
	add, remove := len(oracle.Without(is, was)), len(s.takenOut(run, group, was, is))
	byRule := func(id string) bool { return slices.Contains(s.spec.org.Switches.RuleMembers[group], id) }
	if (run.dead || run.stopped) && slices.ContainsFunc(s.takenOut(run, group, was, is), byRule) {
		return // the rule has put them back at once, and what a later run finds is as if nothing was changed
	}
	s.met["a line of undo list"]++
	ok := add+remove == 0 || slices.ContainsFunc(lines, func(l listed) bool {
		return s.of(machine, l) == run && l.add == add && l.remove == remove
	})
	if !ok {
		s.fail("run %d has changed %s by +%d -%d, and undo list says %+v", run.number, group, add, remove, lines)
	}
}

// judgeListOrder wants the latest run to stand first, whatever the clock said when it ran.
func (s *sim) judgeListOrder(machine string, lines []listed) {
	last := len(s.runs) + 1
	for _, l := range lines {
		run := s.of(machine, l)
		if run == nil {
			s.fail("undo list has a run that there was not: %+v", l)
			continue
		}
		if run.number > last {
			s.fail("undo list has run %d after run %d, which was before: %+v", run.number, last, lines)
		}
		last = run.number
	}
}
