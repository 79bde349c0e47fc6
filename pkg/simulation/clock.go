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

// skew is the error of a machine's clock in one run. In a synctest bubble the machine's clock cannot be changed, so
// everything else is moved: for a clock that is ahead, the state folder is made older for the time of the run, the answers
// of the services have earlier dates, and after the run the times in the state folder and the files are moved back.
type skew struct {
	ahead time.Duration // negative for a clock that is behind
	// at is the request at which the clock is set; negative for a clock that is wrong all the time. With until, the clock is
	// wrong before that request, otherwise from that request on. The lines of the wrong part are moved after the run.
	at    int
	until bool
	mute  bool // no answer has a date, so that the run cannot detect the error
}

// whole says that the clock is wrong during the whole run.
func (k skew) whole() bool { return k.ahead != 0 && k.at < 0 }

// offsetAt returns the error of the clock at a request.
func (k skew) offsetAt(request int) time.Duration {
	if k.at >= 0 && (request < k.at) != k.until {
		return 0
	}
	return k.ahead
}

const (
	day = 24 * time.Hour
	// maxClockDifference is how much two clocks may differ without a message.
	maxClockDifference = 5 * time.Minute
)

// chooseSkew chooses the error of the clock in a run. Runs at the same time on one machine would share the clock, so they
// have none.
func (s *sim) chooseSkew(run *run, clean int) {
	run.skew.at = -1
	if run.guest != nil || run.forged != "" || !s.chance(Clocks, 5) {
		return
	}
	k := &run.skew
	k.ahead = pick(s.r, 137*time.Second, 3*time.Hour+37*time.Second, 2*day, 400*day, 3653*day)
	if oneIn(s.r, 3) {
		k.ahead = -k.ahead
	}
	k.mute = oneIn(s.r, 3)
	if oneIn(s.r, 3) {
		k.at, k.until = s.r.IntN(clean+1), oneIn(s.r, 2)
	}
	s.met["a clock that is "+choose(k.ahead > 0, "ahead", "behind")+choose(k.at >= 0, " for a part of the run", "")]++
}

func choose(yes bool, one, other string) string {
	if yes {
		return one
	}
	return other
}

// setDate changes the date of an answer by the error of the clock.
func (w wire) setDate(n int, answer *http.Response) {
	run := w.run
	off := run.skew.offsetAt(n)
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
	run.clockContradicted = run.clockContradicted || off.Abs() > maxClockDifference && run.wireFaults[n] == "" && run.suspendAt != n
}

// startSkew makes the clock of a machine wrong for a run.
func (s *sim) startSkew(run *run) {
	var err error
	if run.held, err = readFolder(run.home); err != nil {
		s.errorf("%v", err)
	}
	run.stamp = run.began
	if run.skew.whole() {
		run.stamp = run.began.Add(run.skew.ahead)
		run.moved = s.moveFolder(run.home, -run.skew.ahead, movedFolder{})
		s.logf("the clock is %s ahead", run.skew.ahead)
	}
}

// recordClockChange records the sizes of the files when the clock is set during a run.
func (w wire) recordClockChange(n int) {
	if run := w.run; run.skew.ahead != 0 && run.skew.at == n {
		run.sizesAtChange = sizes(run.home)
		w.logf("the clock is set: it is %s ahead until then: %v", run.skew.ahead, run.skew.until)
	}
}

// endSkew corrects the clock of a machine after a run.
func (s *sim) endSkew(run *run) {
	switch {
	case run.skew.whole():
		s.moveFolder(run.home, run.skew.ahead, run.moved)
	case run.skew.ahead != 0:
		s.moveLines(run)
	}
}

// moveLines moves the times of the lines that a run wrote while its clock was wrong.
func (s *sim) moveLines(run *run) {
	now, err := readFolder(run.home)
	if err != nil {
		s.errorf("%v", err)
	}
	for name, data := range now {
		from, to := len(run.held[name]), len(data)
		switch set := int(run.sizesAtChange[name]); {
		case run.sizesAtChange == nil && run.skew.until: // the run ended before
		case run.sizesAtChange == nil:
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
			s.errorf("%v", err)
		}
	}
}

// journalRetention is how long the journal is kept.
const journalRetention = 400 * day

// judgeClock checks that a run reports a wrong clock exactly if answers have shown it. It also checks that nothing in the
// state folder is lost, except old months after a successful run with a clock that no answer contradicted.
func (s *sim) judgeClock(run *run) {
	if !run.killed && run.status != 70 && !run.interrupted {
		said := strings.Contains(run.err.String(), "the clock of this machine")
		switch {
		case run.clockContradicted && !said && !run.quiet:
			s.errorf("its clock is wrong by %s, as answers have shown, and it does not say so", run.skew.ahead)
		case said && (run.skew.ahead.Abs() <= maxClockDifference || run.skew.mute):
			s.errorf("no answer has shown that its clock is wrong, and it says: %s", run.err.String())
		}
		if run.clockContradicted {
			s.met["a clock that answers contradict"]++
		}
	}
	now, err := readFolder(run.home)
	if err != nil {
		s.errorf("%v", err)
	}
	if run.host == nil || run.host.machine != run.machine { // otherwise the other run may have removed old files
		s.judgeKept(run, now)
	}
	for name, data := range now {
		if len(data) != len(run.held[name]) {
			s.lastWritten[run.machine+name] = laterTime(s.lastWritten[run.machine+name], run.endedAt) // a guest ends before its host
		}
	}
}

func (s *sim) judgeKept(run *run, now folder) {
	for name, was := range run.held {
		if !strings.HasSuffix(name, ".jsonl") || bytes.HasPrefix(now[name], was) {
			continue
		}
		old := run.stamp.Sub(s.lastWritten[run.machine+name]) > journalRetention
		first, _, _ := bytes.Cut(was, []byte("\n"))
		gone := !bytes.HasPrefix(now[name], first) // a new file may have got its name in the same run
		if gone && old && !run.clockContradicted && run.status == 0 {
			s.met["an old month that is gone"]++
			s.forget(run.machine, s.lastWritten[run.machine+name])
			s.journalGone[run.machine] = laterTime(s.journalGone[run.machine], s.lastWritten[run.machine+name])
			continue
		}
		s.errorf("%s was in the state folder before the run (clock %s ahead, status %d), and is not what it was: %d of %d bytes",
			name, run.skew.ahead, run.status, len(now[name]), len(was))
	}
}

func laterTime(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
