package pipeline_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// simKill says where a process dies; negative numbers for nowhere.
type simKill struct {
	put     int  // at which PUT
	request int  // at which request of any kind
	line    int  // at which line of its journal
	torn    bool // in the middle of that line
	after   bool // once it was carried out, or is on the disk
}

// die ends the goroutine of a run as a SIGKILL ends a process: nothing that it would have done is done. Where a run has
// several goroutines, none of them comes further than its next request or line.
func (s *sim) die(run *simRun, where string) {
	if !run.dead {
		run.dead = true
		s.say("killed %s", where)
	}
	runtime.Goexit()
}

// simJournal is the journal of a run that may die at any of its lines.
type simJournal struct {
	*journal.Run
	sim *sim
	run *simRun
}

func (j *simJournal) begin(to *journal.Journal, host string) error {
	n := j.sim.number(j.run)
	j.run.journalID = fmt.Sprintf("20000101T%06dZ-%08x", n, n)
	return j.keep(func() (err error) {
		j.Run, err = to.Begin(journal.RunInfo{Host: host, ClientID: "client", ID: j.run.journalID})
		return err
	})
}

// Intent implements push.Journal.
func (j *simJournal) Intent(before membership.Group, g plan.Group) error {
	return j.keep(func() error { return j.Run.Intent(before, g) })
}

// Outcome implements push.Journal.
func (j *simJournal) Outcome(o push.Outcome) error {
	return j.keep(func() error { return j.Run.Outcome(o) })
}

func (j *simJournal) end(status int) error {
	return j.keep(func() error { return j.End(status, nil) })
}

// keep writes a line, unless the process dies before that, in the middle of it, or right after it.
func (j *simJournal) keep(write func() error) error {
	kill, n := j.run.kill, j.run.lines
	j.run.lines++
	dies := kill.line == n
	if j.run.dead || dies && !kill.torn && !kill.after {
		j.sim.met["kill before a line"]++
		j.sim.die(j.run, "before a line")
	}
	path, size := j.file()
	err := write()
	if !dies {
		return err
	}
	if now, grown := j.file(); kill.torn && now == path && grown > size {
		if err := os.Truncate(path, size+1+j.sim.r.Int64N(grown-size-1)); err != nil {
			j.sim.fail("%v", err)
		}
		j.sim.met["kill in a line"]++
		j.sim.die(j.run, "in a line")
	}
	j.sim.met["kill after a line"]++
	j.sim.die(j.run, "after a line")
	return nil
}

// file is the youngest file of the journal, and its size.
func (j *simJournal) file() (string, int64) {
	files, err := filepath.Glob(filepath.Join(j.sim.dir, j.run.machine, "*.jsonl"))
	if err != nil || len(files) == 0 {
		return "", 0
	}
	info, err := os.Stat(slices.Max(files))
	if err != nil {
		return "", 0
	}
	return slices.Max(files), info.Size()
}
