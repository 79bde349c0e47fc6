package pipeline_test

import (
	"errors"
	"net/http"

	"github.com/callroll/callroll/pkg/journal"
)

// A guest is a run that begins while another one, its host, is at work: on the same machine, where the lock must turn it
// away, or on another one that knows nothing of the first. The two take turns of some requests, which the seed decides, so
// that a seed is the same story each time.

// invite gives a run a guest.
func (s *sim) invite(run *simRun, clean int) {
	guest := calmRun()
	guest.host, guest.turn, guest.back = run, make(chan struct{}), make(chan struct{})
	if one(s.r, 2) {
		guest.machine = "there"
	}
	s.flags(guest)
	run.guest, run.guestAt = guest, s.r.IntN(clean)
}

// visit is called at each request of a run: if it has a guest, it may be its turn.
func (s *sim) visit(run *simRun, n int) {
	guest := run.guest
	if guest == nil || guest.over || n < run.guestAt {
		return
	}
	if guest.began.IsZero() {
		guest.faults, guest.kinds = run.faults, run.kinds // whoever asks meets them
		s.met["a second run on machine "+guest.machine]++
		s.turnTo(guest)
		s.begin(guest)
		guest.left = 1 + s.r.IntN(8)
		go s.process(guest, func() {
			guest.over = true
			guest.back <- struct{}{}
		})
	} else {
		guest.left = 1 + s.r.IntN(8)
		s.turnTo(guest)
		guest.turn <- struct{}{}
	}
	<-guest.back
	s.turnTo(run)
}

// yield is called at each request of a guest: when its turn is over, it waits for the next.
func (s *sim) yield(guest *simRun) {
	if guest.host == nil {
		return
	}
	if guest.left == 0 {
		guest.back <- struct{}{}
		<-guest.turn
	}
	guest.left--
}

// seeOff lets a guest that has outlived its host come to its end.
func (s *sim) seeOff(guest *simRun) {
	if guest == nil || guest.began.IsZero() || guest.over {
		return
	}
	guest.left = -1
	s.turnTo(guest)
	guest.turn <- struct{}{}
	<-guest.back
}

// judgeGuest wants a run that began on the same machine while another was at work to be turned away.
func (s *sim) judgeGuest(run *simRun) {
	if run.host == nil || run.machine != run.host.machine {
		return
	}
	var locked *journal.LockedError
	if !errors.As(run.err, &locked) {
		s.fail("it was not turned away while another run was at work: %v", run.err)
	}
	for _, r := range s.logOf(run) {
		if r.Method == http.MethodPut {
			s.fail("it has sent a PUT while another run was at work")
		}
	}
}
