package simulation

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/sandbox"
)

// concurrency is the state of a run that begins while another one, its host, is running: on the same machine, where the lock
// must stop it, or on another machine, which does not know of the first run. The two runs take turns of some requests, whose
// number is determined by the seed, so that a seed always plays the same story.
type concurrency struct {
	guest        *run // of this run
	guestAt      int  // the request at which the guest begins
	host         *run // whose guest this is
	resume       chan struct{}
	paused       chan struct{}
	requestsLeft int // requests until the end of its turn
	ended        bool

	eventsDuring int // events during the run
}

// addGuest gives a run a guest.
func (s *sim) addGuest(host *run, clean int) {
	guest := s.newRun(verbSync)
	guest.host, guest.resume, guest.paused = host, make(chan struct{}), make(chan struct{})
	if oneIn(s.r, 2) {
		guest.machine = "there"
	}
	s.chooseFlags(guest)
	host.guest, host.guestAt = guest, s.r.IntN(clean)
	host.kill = kill{put: -1, request: -1}
}

// runGuest is called for each request of a run. It lets the guest have a turn, if there is one.
func (s *sim) runGuest(host *run, n int) {
	guest := host.guest
	if guest == nil || guest.ended || n < host.guestAt {
		return
	}
	first := guest.number == 0
	guest.requestsLeft = 1 + s.r.IntN(8)
	if first {
		guest.faults, guest.faultKinds = host.faults, host.faultKinds // the faults apply to both runs
		s.met["a second run on machine "+guest.machine]++
		s.begin(guest)
		go func() {
			s.process(guest)
			guest.paused <- struct{}{}
		}()
	} else {
		s.turnTo(guest)
		guest.resume <- struct{}{}
	}
	<-guest.paused
	s.turnTo(host)
}

// waitForTurn is called for each request of a guest. It waits at the end of the guest's turn.
func (s *sim) waitForTurn(guest *run) {
	if guest.host == nil {
		return
	}
	if guest.requestsLeft == 0 {
		guest.paused <- struct{}{}
		<-guest.resume
	}
	guest.requestsLeft--
}

// finishGuest lets a guest end after its host.
func (s *sim) finishGuest(guest *run) {
	if guest == nil || guest.number == 0 || guest.ended {
		return
	}
	guest.requestsLeft = -1
	s.turnTo(guest)
	guest.resume <- struct{}{}
	<-guest.paused
}

// judgeGuest checks that the lock stops a run that began on the same machine during another run.
func (s *sim) judgeGuest(run *run) {
	if run.host == nil || run.machine != run.host.machine || run.host.status == 5 {
		return // the host was stopped: a flag that names a group by its id is looked up before the lock is taken
	}
	if !s.atWorkBefore(run.host, run) {
		return // the host was still looking up the groups of its flags, which it does before it takes the lock
	}
	before := run.report.Kind == "failure" && len(run.flags.Release) > 0 // the members of --release are looked up before
	if run.status != 5 && run.status != 64 && !before {
		s.errorf("it was not turned away while another run was at work: status %d", run.status)
	}
	if run.sent > 0 {
		s.errorf("it has sent a PUT while another run was at work")
	}
}

// atWorkBefore says whether a host had sent requests other than for single groups and their individual members before the last
// request of its guest.
func (s *sim) atWorkBefore(host, guest *run) bool {
	all, end := s.world.Requests(), 0
	for _, span := range guest.spans {
		if span[1] > span[0] {
			end = max(end, span[1])
		}
	}
	more := func(r sandbox.Request) bool {
		return r.Method != http.MethodPost && !strings.HasPrefix(r.Path, groupAPI) && !strings.HasPrefix(r.Path, individualAPI)
	}
	return slices.ContainsFunc(host.spans, func(span [2]int) bool {
		from, to := span[0], min(span[1], end)
		return from < to && slices.ContainsFunc(all[from:to], more)
	})
}
