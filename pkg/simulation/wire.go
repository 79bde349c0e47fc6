package simulation

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// Paths of Genesys.
const (
	groupAPI      = "/api/v2/scim/v2/groups/"
	groupList     = "/api/v2/scim/groups"
	individualAPI = "/api/v2/groups/"
)

var errDead = errors.New("the process was killed")

// wire is the transport of a run. It applies events, kills the run, and records the requests and answers.
type wire struct {
	*sim
	run *run
}

func (s *sim) wire(run *run) http.RoundTripper {
	var w http.RoundTripper = wire{s, run}
	if s.player.Mistake != nil {
		w = s.player.Mistake(w)
	}
	return w
}

// RoundTrip implements http.RoundTripper. Even if a run has several requests in parallel, the world answers them one by
// one, so that the state before and after each is known.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case w.run.requestSlot <- struct{}{}:
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
	if w.run.killed {
		<-w.run.requestSlot
		return w.block()
	}
	n := w.run.requests
	if w.run.inFlight.Add(1) > 1 {
		w.met["requests under way at once"]++
	}
	answer, err := w.exchangeAndLeave(r)
	if errors.Is(err, errDead) {
		return w.block()
	}
	if w.spec.atOnce {
		w.wait(time.Duration(n*7%5) * time.Millisecond) // answers arrive in another order
	}
	w.run.inFlight.Add(-1)
	return answer, err
}

// exchangeAndLeave answers a request and lets the next one begin, also if the World panics.
func (w wire) exchangeAndLeave(r *http.Request) (*http.Response, error) {
	defer func() { <-w.run.requestSlot }()
	return w.exchange(r)
}

// exchange answers a request, with all that is planned for it.
func (w wire) exchange(r *http.Request) (*http.Response, error) {
	run := w.run
	w.waitForTurn(run)
	n := run.requests
	run.requests++
	w.runGuest(run, n)
	w.recordClockChange(n)
	for range run.eventsBefore[n] {
		w.randomEvent()
	}
	if run.suspendAt == n && !run.suspendAfter {
		if err := w.suspend(r); err != nil {
			return nil, err
		}
	}
	w.checkHost(r)
	var sent *putRequest
	if r.Method == http.MethodPut {
		sent = w.recordPut(r)
	}
	if run.cancelAt == n {
		w.logf("the run is told to stop")
		w.met["stop"]++
		run.interrupted = true
		run.cancel(w.player.Interrupt)
	}
	dies := sent != nil && run.kill.put == sent.index || run.kill.request == n
	if dies && !run.kill.after {
		return w.killRun(r, "before")
	}
	if of, individuals := strings.CutPrefix(r.URL.Path, individualAPI); individuals {
		run.askedIndividuals[strings.TrimSuffix(of, "/individuals")] = true
	}
	answer, err := w.forward(r, sent)
	if dies {
		return w.killRun(r, "after")
	}
	if err == nil {
		w.recordTokens(r, answer)
		w.setDate(n, answer)
		answer, err = w.applyWireFault(r, n, answer)
	}
	if run.suspendAt == n && run.suspendAfter {
		w.recordLostAnswer()
		_ = w.suspend(r) // the client handles the error
	}
	if err == nil && r.Method == http.MethodGet && answer.StatusCode < 300 {
		w.recordReading(r, answer)
	}
	w.recordSizes(run)
	return answer, err
}

// forward passes a request to the World, and records the answer to a PUT, also if the World panics.
func (w wire) forward(r *http.Request, sent *putRequest) (answer *http.Response, err error) {
	if sent != nil {
		defer func() { w.recordPutAnswer(sent, answer) }()
	}
	return w.world.RoundTrip(r)
}

// checkHost checks that tokens are sent only to the hosts of the services.
func (w wire) checkHost(r *http.Request) {
	known := []string{"login.microsoftonline.com", "graph.microsoft.com", "login." + region, "api." + region}
	if !slices.Contains(known, r.URL.Host) && r.Header.Get("Authorization") != "" {
		w.errorf("a token went to %s", r.URL.Host)
	}
}

// recordReading records the result of reading a single group.
func (w wire) recordReading(r *http.Request, answer *http.Response) {
	group, alone := strings.CutPrefix(r.URL.Path, groupAPI)
	of, individuals := strings.CutPrefix(r.URL.Path, individualAPI)
	if of, individuals = cutSuffix(of, "/individuals", individuals); !alone && !individuals {
		return
	}
	data, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), errReader{err}))
	var body map[string]any
	if err != nil || json.Unmarshal(data, &body) != nil {
		return
	}
	if individuals {
		entities, ok := body["entities"].([]any)
		w.run.shownEmpty[of] = ok && len(entities) == 0 && body["total"] == 0.0
		return
	}
	w.snapshot() // a late write may have created the version that was read
	if w.run.singleReadings[group] == nil {
		w.run.singleReadings[group] = map[string]reading{}
	}
	_, shown := body["members"].([]any)
	w.run.singleReadings[group][answer.Header.Get("ETag")] = reading{members: shown}
}

func cutSuffix(text, suffix string, ok bool) (string, bool) {
	before, found := strings.CutSuffix(text, suffix)
	return before, ok && found
}

// errReader returns the error of a body that was replaced.
type errReader struct{ err error }

func (f errReader) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// putRequest is one PUT.
type putRequest struct {
	run         *run
	index       int // among the PUTs of its run
	group, name string
	version     int
	key         string
	members     []string     // after the PUT
	before      oracle.Group // the group at the version in If-Match
	known       bool         // the group had this version
	id          string       // id of the request
	status      int          // 0: no answer
	fault       string
}

func (p *putRequest) change(mapping string) oracle.Change {
	was := p.before.IDs()
	add, remove := oracle.Without(p.members, was), oracle.Without(was, p.members)
	return oracle.Change{Mapping: mapping, Found: len(was), Add: add, Remove: remove}
}

// wasRefused says whether the service itself has refused the PUT. An error that a fault made says nothing.
func (p *putRequest) wasRefused() bool { return p.fault == "" && p.status >= http.StatusBadRequest }

// recordPut records a PUT that is about to be sent, after the events right before it, and checks it.
func (w wire) recordPut(r *http.Request) *putRequest {
	run := w.run
	p := &putRequest{run: run, index: run.sent, key: r.Header.Get("Idempotency-Key")}
	run.sent++
	p.group, _ = strings.CutPrefix(r.URL.Path, groupAPI)
	if run.atPut == p.index && oneIn(w.r, 3) {
		w.randomEvent()
	} else if run.atPut == p.index {
		w.edit(p.group)
	}
	if run.editAtRetry && p.key == "" {
		w.edit(p.group)
	}
	w.snapshot()
	if r.Context().Value(lateVersion{}) != nil {
		w.fillVersion(r)
	}
	body, err := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	var sent struct {
		DisplayName string
		Members     []struct{ Value string }
	}
	if err = errors.Join(err, json.Unmarshal(body, &sent)); err != nil {
		w.errorf("a PUT: %v", err)
	}
	p.name = sent.DisplayName
	for _, m := range sent.Members {
		p.members = append(p.members, m.Value)
	}
	slices.Sort(p.members)
	p.version, err = strconv.Atoi(strings.Trim(r.Header.Get("If-Match"), `"`))
	if p.before, p.known = w.groupVersions[p.group][p.version]; err != nil || !p.known {
		w.errorf("a PUT to %s holds for the version %q, which the group never had", p.group, r.Header.Get("If-Match"))
	}
	w.puts = append(w.puts, p)
	w.judgePut(p)
	return p
}

// recordPutAnswer records the answer to a PUT.
func (w wire) recordPutAnswer(p *putRequest, answer *http.Response) {
	log := w.world.Requests()
	last := log[len(log)-1]
	p.id = last.RequestID
	if answer != nil {
		p.status = answer.StatusCode
	}
	if last.Fault != nil {
		p.fault = w.run.faultKinds[*last.Fault]
	}
	w.snapshot()
}

// lateVersion is the context key that tells the transport to set the version after the events before a request. It is a
// deliberate mistake with the effect of a PUT without If-Match.
type lateVersion struct{}

func (w wire) fillVersion(r *http.Request) {
	for _, g := range w.world.Genesys().Groups {
		if strings.HasSuffix(r.URL.Path, g.ID) {
			r.Header.Set("If-Match", strconv.Quote(strconv.Itoa(g.Version)))
		}
	}
}

// WithPresentVersion marks a PUT to be sent with the present version of the group, whatever it is. It is a deliberate
// mistake.
func WithPresentVersion(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), lateVersion{}, true))
}

// suspend suspends the machine for a day during a request.
func (w wire) suspend(r *http.Request) error {
	w.met["a night in the middle of a request"]++
	w.logf("the machine is suspended for a day at %s %s", r.Method, r.URL.Path)
	w.run.suspended = true
	w.wait(day)
	if oneIn(w.r, 2) {
		w.randomEvent()
	}
	return r.Context().Err()
}

// recordLostAnswer records that the answer to the last request is lost.
func (w wire) recordLostAnswer() {
	if log := w.world.Requests(); len(log) > 0 {
		w.run.lostAnswers[log[len(log)-1].RequestID] = true
	}
}
