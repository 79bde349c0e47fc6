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

	"github.com/callroll/callroll/pkg/oracle"
)

// Paths of Genesys.
const (
	groupAPI      = "/api/v2/scim/v2/groups/"
	groupList     = "/api/v2/scim/groups"
	individualAPI = "/api/v2/groups/"
)

var errDead = errors.New("the process was killed")

// wire stands between a run and the World: there things happen between two requests, there it dies, and there everything is
// taken down.
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

// RoundTrip implements http.RoundTripper. However many requests a run has under way, the world answers them one after the other,
// and it says of each what there was before it and after it.
func (w wire) RoundTrip(r *http.Request) (*http.Response, error) {
	select {
	case w.run.turnOf <- struct{}{}:
	case <-r.Context().Done():
		return nil, context.Cause(r.Context())
	}
	if w.run.dead {
		<-w.run.turnOf
		return w.freeze()
	}
	n := w.run.requests
	if w.run.underWay.Add(1) > 1 {
		w.met["requests under way at once"]++
	}
	answer, err := w.exchange(r)
	<-w.run.turnOf
	if errors.Is(err, errDead) {
		return w.freeze()
	}
	if w.spec.atOnce {
		w.wait(time.Duration(n*7%5) * time.Millisecond) // answers overtake each other
	}
	w.run.underWay.Add(-1)
	return answer, err
}

// exchange lets a request be answered, with all that happens then.
func (w wire) exchange(r *http.Request) (*http.Response, error) {
	run := w.run
	w.yield(run)
	n := run.requests
	run.requests++
	w.visit(run, n)
	w.jump(n)
	for range run.upsets[n] {
		w.event()
	}
	if run.asleep == n && !run.asleepAfter {
		if err := w.sleep(r); err != nil {
			return nil, err
		}
	}
	w.checkHost(r)
	var sent *put
	if r.Method == http.MethodPut {
		sent = w.leaves(r)
	}
	if run.cancelAt == n {
		w.say("the run is told to stop")
		w.met["stop"]++
		run.stopped = true
		run.cancel(w.player.Interrupt)
	}
	dies := sent != nil && run.kill.put == sent.nth || run.kill.request == n
	if dies && !run.kill.after {
		return w.dies(r, "before")
	}
	answer, err := w.pass(r, sent)
	if dies {
		return w.dies(r, "after")
	}
	if err == nil {
		w.hear(r, answer)
		w.date(n, answer)
		answer, err = w.spoil(r, n, answer)
	}
	if run.asleep == n && run.asleepAfter {
		w.loses()
		_ = w.sleep(r) // what comes of it is the client's affair
	}
	if err == nil && r.Method == http.MethodGet && answer.StatusCode < 300 {
		w.learn(r, answer)
	}
	w.look(run)
	return answer, err
}

// pass lets the World answer, and takes down what became of a PUT, also where that panics.
func (w wire) pass(r *http.Request, sent *put) (answer *http.Response, err error) {
	if sent != nil {
		defer func() { w.arrived(sent, answer) }()
	}
	return w.world.RoundTrip(r)
}

// checkHost wants tokens to go nowhere else.
func (w wire) checkHost(r *http.Request) {
	known := []string{"login.microsoftonline.com", "graph.microsoft.com", "login." + region, "api." + region}
	if !slices.Contains(known, r.URL.Host) && r.Header.Get("Authorization") != "" {
		w.fail("a token went to %s", r.URL.Host)
	}
}

// learn takes down what a reading of one group has shown.
func (w wire) learn(r *http.Request, answer *http.Response) {
	group, alone := strings.CutPrefix(r.URL.Path, groupAPI)
	of, individuals := strings.CutPrefix(r.URL.Path, individualAPI)
	if of, individuals = cutSuffix(of, "/individuals", individuals); !alone && !individuals {
		return
	}
	data, err := io.ReadAll(answer.Body)
	answer.Body = io.NopCloser(io.MultiReader(bytes.NewReader(data), failing{err}))
	var body map[string]any
	if err != nil || json.Unmarshal(data, &body) != nil {
		return
	}
	if individuals {
		entities, ok := body["entities"].([]any)
		w.run.empty[of] = ok && len(entities) == 0 && body["total"] == 0.0
		return
	}
	w.snapshot() // what comes true late may have made the version that is read
	if w.run.alone[group] == nil {
		w.run.alone[group] = map[string]reading{}
	}
	_, shown := body["members"].([]any)
	w.run.alone[group][answer.Header.Get("ETag")] = reading{members: shown}
}

func cutSuffix(text, suffix string, ok bool) (string, bool) {
	before, found := strings.CutSuffix(text, suffix)
	return before, ok && found
}

// failing ends as the body did that it stands for.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return 0, io.EOF
}

// put is one PUT on the wire.
type put struct {
	run         *run
	nth         int // of its run
	group, name string
	version     int
	key         string
	members     []string     // to be
	before      oracle.Group // as it was at the version that the PUT holds for
	known       bool         // there was such a version
	id          string       // of the request
	status      int          // 0: no answer
	fault       string
}

func (p *put) change(mapping string) oracle.Change {
	was := p.before.IDs()
	add, remove := oracle.Without(p.members, was), oracle.Without(was, p.members)
	return oracle.Change{Mapping: mapping, Found: len(was), Add: add, Remove: remove}
}

// leaves takes down a PUT that is about to leave, after what happens right before it, and judges it.
func (w wire) leaves(r *http.Request) *put {
	run := w.run
	p := &put{run: run, nth: run.sent, key: r.Header.Get("Idempotency-Key")}
	run.sent++
	p.group, _ = strings.CutPrefix(r.URL.Path, groupAPI)
	if run.atPut == p.nth && one(w.r, 3) {
		w.event()
	} else if run.atPut == p.nth {
		w.edit(p.group)
	}
	if run.atAgain && p.key == "" {
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
		w.fail("a PUT: %v", err)
	}
	p.name = sent.DisplayName
	for _, m := range sent.Members {
		p.members = append(p.members, m.Value)
	}
	slices.Sort(p.members)
	p.version, err = strconv.Atoi(strings.Trim(r.Header.Get("If-Match"), `"`))
	if p.before, p.known = w.past[p.group][p.version]; err != nil || !p.known {
		w.fail("a PUT to %s holds for the version %q, which the group never had", p.group, r.Header.Get("If-Match"))
	}
	w.puts = append(w.puts, p)
	w.judgePut(p)
	return p
}

// arrived takes down what became of a PUT.
func (w wire) arrived(p *put, answer *http.Response) {
	log := w.world.Requests()
	last := log[len(log)-1]
	p.id = last.RequestID
	if answer != nil {
		p.status = answer.StatusCode
	}
	if last.Fault != nil {
		p.fault = w.run.kinds[*last.Fault]
	}
	w.snapshot()
}

// lateVersion tells the innermost wire to fill in the version only after all that happens before a request has happened: a
// mistake on purpose, which is as if there were no If-Match.
type lateVersion struct{}

func (w wire) fillVersion(r *http.Request) {
	for _, g := range w.world.Genesys().Groups {
		if strings.HasSuffix(r.URL.Path, g.ID) {
			r.Header.Set("If-Match", strconv.Quote(strconv.Itoa(g.Version)))
		}
	}
}

// WithPresentVersion marks a PUT for a mistake: it shall hold for whatever version the group has.
func WithPresentVersion(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), lateVersion{}, true))
}

// sleep is a night for which the machine is suspended in the middle of a request.
func (w wire) sleep(r *http.Request) error {
	w.met["a night in the middle of a request"]++
	w.say("the machine is suspended for a day at %s %s", r.Method, r.URL.Path)
	w.run.slept = true
	w.wait(day)
	if one(w.r, 2) {
		w.event()
	}
	return r.Context().Err()
}

// loses notes that the answer to the last request does not arrive.
func (w wire) loses() {
	if log := w.world.Requests(); len(log) > 0 {
		w.run.lost[log[len(log)-1].RequestID] = true
	}
}
