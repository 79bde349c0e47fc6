package simulation

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/sandbox"
)

// guests lets a run begin while another one, its host, is at work: on the same machine, where the lock must turn it away, or
// on another one that knows nothing of the first. The two take turns of some requests, which the seed decides, so that a seed
// is the same story each time.
type guests struct {
	guest *run // of this run
	at    int  // the request at which the guest begins
	host  *run // whose guest this is
	turn  chan struct{}
	back  chan struct{}
	left  int // requests until it is the other's turn again
	ended bool

	happened int // events in the course of the run
}

// invite gives a run a guest.
func (s *sim) invite(host *run, clean int) {
	guest := s.newRun(syncs)
	guest.host, guest.turn, guest.back = host, make(chan struct{}), make(chan struct{})
	if one(s.r, 2) {
		guest.machine = "there"
	}
	s.types(guest)
	host.guest, host.at = guest, s.r.IntN(clean)
	host.kill = kill{put: -1, request: -1}
}

// visit is called at each request of a run: if it has a guest, it may be its turn.
func (s *sim) visit(host *run, n int) {
	guest := host.guest
	if guest == nil || guest.ended || n < host.at {
		return
	}
	first := guest.number == 0
	guest.left = 1 + s.r.IntN(8)
	if first {
		guest.faults, guest.kinds = host.faults, host.kinds // whoever asks meets them
		s.met["a second run on machine "+guest.machine]++
		s.begin(guest)
		go func() {
			s.process(guest)
			guest.back <- struct{}{}
		}()
	} else {
		s.turnTo(guest)
		guest.turn <- struct{}{}
	}
	<-guest.back
	s.turnTo(host)
}

// yield is called at each request of a guest: when its turn is over, it waits for the next.
func (s *sim) yield(guest *run) {
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
func (s *sim) seeOff(guest *run) {
	if guest == nil || guest.number == 0 || guest.ended {
		return
	}
	guest.left = -1
	s.turnTo(guest)
	guest.turn <- struct{}{}
	<-guest.back
}

// judgeGuest wants a run that began on the same machine while another was at work to be turned away.
func (s *sim) judgeGuest(run *run) {
	if run.host == nil || run.machine != run.host.machine || run.host.status == 5 {
		return // or the other one was: a flag that names a group by its id is looked up before the lock is taken
	}
	if !s.atWorkBefore(run.host, run) {
		return // the other one was still finding out whom its flags mean, which it does before it takes the lock
	}
	before := run.report.Kind == "failure" && len(run.flags.Release) > 0 // what the flags are about is found out before
	if run.status != 5 && run.status != 64 && !before {
		s.fail("it was not turned away while another run was at work: status %d", run.status)
	}
	if run.sent > 0 {
		s.fail("it has sent a PUT while another run was at work")
	}
}

// atWorkBefore says whether a host has asked for more than single groups before the last request of its guest.
func (s *sim) atWorkBefore(host, guest *run) bool {
	all, end := s.world.Requests(), 0
	for _, span := range guest.spans {
		if span[1] > span[0] {
			end = max(end, span[1])
		}
	}
	more := func(r sandbox.Request) bool {
		return r.Method != http.MethodPost && !strings.HasPrefix(r.Path, groupAPI)
	}
	return slices.ContainsFunc(host.spans, func(span [2]int) bool {
		from, to := span[0], min(span[1], end)
		return from < to && slices.ContainsFunc(all[from:to], more)
	})
}
