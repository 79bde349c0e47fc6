package simulation

import (
	"bytes"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// skew is how wrong the clock of a machine is in one run. In a synctest bubble the clock of the machine is the time that there
// is, so that everything else moves: for a clock that is ahead, what was there before the run is older for the time of the run,
// the answers of the services are dated earlier, and after the run everything in the state folder and in the files moves back.
type skew struct {
	ahead time.Duration // negative for a clock that is behind
	// at is the request at which the clock is set; negative for a clock that is wrong all the time. Until says that it is wrong
	// before that request, and else it is wrong from there on. Then the lines of the wrong part move after the run.
	at    int
	until bool
	mute  bool // no answer has a date, so that a run cannot know
}

// whole says that the clock is wrong from the beginning of the run to its end.
func (k skew) whole() bool { return k.ahead != 0 && k.at < 0 }

// wrongAt says how wrong the clock is at a request.
func (k skew) wrongAt(request int) time.Duration {
	if k.at >= 0 && (request < k.at) != k.until {
		return 0
	}
	return k.ahead
}

const (
	day = 24 * time.Hour
	// agreeing is how far two clocks may be apart without a word.
	agreeing = 5 * time.Minute
)

// misset decides how wrong the clock is in a run. Runs on one machine at the same time would have the same clock, and are left
// alone.
func (s *sim) misset(run *run, clean int) {
	run.skew.at = -1
	if run.guest != nil || run.forged != "" || !s.chance(Clocks, 5) {
		return
	}
	k := &run.skew
	k.ahead = pick(s.r, 137*time.Second, 3*time.Hour+37*time.Second, 2*day, 400*day, 3653*day)
	if one(s.r, 3) {
		k.ahead = -k.ahead
	}
	k.mute = one(s.r, 3)
	if one(s.r, 3) {
		k.at, k.until = s.r.IntN(clean+1), one(s.r, 2)
	}
	s.met["a clock that is "+pickWord(k.ahead > 0, "ahead", "behind")+pickWord(k.at >= 0, " for a part of the run", "")]++
}

func pickWord(yes bool, one, other string) string {
	if yes {
		return one
	}
	return other
}

// date gives an answer the date of the service as the machine sees it.
func (w wire) date(n int, answer *http.Response) {
	run := w.run
	off := run.skew.wrongAt(n)
	at, err := http.ParseTime(answer.Header.Get("Date"))
	if err != nil {
		return
	}
	if run.skew.mute {
		answer.Header.Del("Date")
		return
	}
	if off != 0 {
		answer.Header.Set("Date", at.Add(-off).UTC().Format(http.TimeFormat))
	}
	run.misdated = run.misdated || off.Abs() > agreeing && run.spoils[n] == "" && run.asleep != n
}

// turnClock makes the clock of a machine wrong for a run.
func (s *sim) turnClock(run *run) {
	var err error
	if run.held, err = readFolder(run.home); err != nil {
		s.fail("%v", err)
	}
	run.stamp = run.began
	if run.skew.whole() {
		run.stamp = run.began.Add(run.skew.ahead)
		run.moved = s.moveFolder(run.home, -run.skew.ahead, moved{})
		s.say("the clock is %s ahead", run.skew.ahead)
	}
}

// jump notes what there is when the clock is set in the middle of a run.
func (w wire) jump(n int) {
	if run := w.run; run.skew.ahead != 0 && run.skew.at == n {
		run.atJump = sizes(run.home)
		w.say("the clock is set: it is %s ahead until then: %v", run.skew.ahead, run.skew.until)
	}
}

// setClock sets the clock of a machine right again after a run.
func (s *sim) setClock(run *run) {
	switch {
	case run.skew.whole():
		s.moveFolder(run.home, run.skew.ahead, run.moved)
	case run.skew.ahead != 0:
		s.moveLines(run)
	}
}

// moveLines moves the times of the lines that a run has written while its clock was wrong.
func (s *sim) moveLines(run *run) {
	now, err := readFolder(run.home)
	if err != nil {
		s.fail("%v", err)
	}
	for name, data := range now {
		from, to := len(run.held[name]), len(data)
		switch set := int(run.atJump[name]); {
		case run.atJump == nil && run.skew.until: // the run ended before
		case run.atJump == nil:
			continue
		case run.skew.until:
			to = min(set, to)
		default:
			from = max(set, from)
		}
		if name == checkpoint || from >= to {
			continue
		}
		shifted := slices.Concat(data[:from], moveStamps(data[from:to], run.skew.ahead), data[to:])
		if err := os.WriteFile(filepath.Join(run.home, name), shifted, 0o600); err != nil {
			s.fail("%v", err)
		}
	}
}

// keeping is how long the journal is kept.
const keeping = 400 * day

// judgeClock wants a run that has seen that its clock is wrong to say so, and no other one; and everything that was in the state
// folder to be there still, but for old months after a run that went well by a clock that no answer contradicts.
func (s *sim) judgeClock(run *run) {
	if !run.dead && run.status != 70 && !run.stopped {
		said := strings.Contains(run.err.String(), "the clock of this machine")
		switch {
		case run.misdated && !said && !run.quiet:
			s.fail("its clock is wrong by %s, as answers have shown, and it does not say so", run.skew.ahead)
		case said && (run.skew.ahead.Abs() <= agreeing || run.skew.mute):
			s.fail("no answer has shown that its clock is wrong, and it says: %s", run.err.String())
		}
		if run.misdated {
			s.met["a clock that answers contradict"]++
		}
	}
	now, err := readFolder(run.home)
	if err != nil {
		s.fail("%v", err)
	}
	if run.host == nil || run.host.machine != run.machine { // or the other run may have removed what is old
		s.judgeKept(run, now)
	}
	for name, data := range now {
		if len(data) != len(run.held[name]) {
			s.grown[run.machine+name] = run.endedAt
		}
	}
}

func (s *sim) judgeKept(run *run, now folder) {
	for name, was := range run.held {
		if !strings.HasSuffix(name, ".jsonl") || bytes.HasPrefix(now[name], was) {
			continue
		}
		old := run.stamp.Sub(s.grown[run.machine+name]) > keeping
		if now[name] == nil && old && !run.misdated && run.status == 0 {
			s.met["an old month that is gone"]++
			s.forget(run.machine, s.grown[run.machine+name])
			s.gone[run.machine] = later(s.gone[run.machine], s.grown[run.machine+name])
			continue
		}
		s.fail("%s was in the state folder before the run (clock %s ahead, status %d), and is not what it was: %d of %d bytes",
			name, run.skew.ahead, run.status, len(now[name]), len(was))
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
