package probe_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/sandbox"
)

// worlds are the behaviours of the service in which a probe is stopped.
func worlds() map[string]sandbox.Switches {
	return map[string]sandbox.Switches{
		"defaults": {},
		"takes everything": {VersionConflict: "accepted", UnknownMember: "dropped", PutWithoutExternalID: "removed", PutWithoutMembers: "emptied",
			MembersShown: 25},
		"takes everything late": {UnknownMember: "dropped", PutWithoutExternalID: "removed", PutWithoutMembers: "emptied",
			LateApplication: sandbox.Duration(5 * time.Second), PutWithoutBody: true},
	}
}

// manyAccounts lets the probe use enough accounts for all experiments.
func (s *scene) manyAccounts() {
	accounts := []int{1, 2, 59}
	for n := range 26 {
		accounts = append(accounts, 10+n)
	}
	s.with(accounts...)
}

// Killed after any request, before or after its answer, a probe is put back by the next one, at once or later.
func TestKilledAfterEachRequest(t *testing.T) {
	for name, switches := range worlds() {
		for _, answered := range []bool{true, false} {
			for n := 1; ; n++ {
				ended := false
				synctest.Test(t, func(t *testing.T) {
					what := fmt.Sprintf("%s, killed at request %d, answered %t", name, n, answered)
					s := newScene(t, switches, 1, 2)
					s.manyAccounts()
					was := s.world.Genesys()
					asked := 0
					s.before = func(r *http.Request) error {
						if asked++; asked < n {
							return nil
						}
						s.dead = true
						if answered { // the service carries it out, and nobody hears of it
							resp, err := s.world.RoundTrip(r)
							if err == nil {
								_ = resp.Body.Close()
							}
						}
						runtime.Goexit() // no line of the probe is carried out after this
						return nil
					}
					killed := make(chan struct{})
					go func() {
						defer close(killed)
						_, _ = s.run(t.Context())
					}()
					<-killed
					ended = asked < n
					s.dead, s.before = false, nil
					s.connect()
					if n%2 == 0 {
						time.Sleep(time.Hour)
					}
					if s.state != nil {
						if err := probe.PutBack(t.Context(), *s.state, s.opts); err != nil {
							t.Errorf("%s: %v", what, err)
						}
					}
					time.Sleep(time.Hour)
					s.wantBefore(what, was)
					if s.state != nil {
						t.Errorf("%s: the state is still kept", what)
					}
				})
				if ended {
					if n < 20 {
						t.Errorf("%s: only %d requests", name, n)
					}
					break
				}
			}
		}
	}
}

// Stopped by a signal at any request, a probe puts the group back itself, in a bounded time.
func TestStoppedAtEachRequest(t *testing.T) {
	for name, switches := range worlds() {
		for n := 1; ; n++ {
			ended := false
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, switches, 1, 2)
				s.manyAccounts()
				was := s.world.Genesys()
				ctx, stop := context.WithCancelCause(t.Context())
				asked := 0
				var stopped time.Time
				s.before = func(*http.Request) error {
					if asked++; asked == n {
						stopped = time.Now()
						stop(errors.New("stopped by a signal"))
					}
					return nil
				}
				got, err := s.run(ctx)
				ended = asked < n
				if !ended && time.Since(stopped) > 22*time.Second {
					t.Errorf("%s: stopped at request %d, it ended after %s", name, n, time.Since(stopped))
				}
				if err != nil && len(got) > 0 || s.state != nil {
					t.Errorf("%s: stopped at request %d: %v", name, n, err)
				}
				time.Sleep(time.Hour)
				s.wantBefore(fmt.Sprintf("%s, stopped at request %d", name, n), was)
			})
			if ended {
				break
			}
		}
	}
}

// Somebody else changes the group before any request: it is left as they made it, and what it was is said.
func TestSomebodyElse(t *testing.T) {
	seen := 0
	for n := 1; ; n++ {
		ended := false
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, sandbox.Switches{PutWithoutMembers: "emptied", UnknownMember: "dropped"}, 1, 2)
			s.manyAccounts()
			asked := 0
			s.before = func(*http.Request) error {
				if asked++; asked == n {
					s.edit(func(org *sandbox.Genesys) {
						org.Groups[0].Members = []sandbox.GenesysMember{{Value: user(40)}, {Value: user(1)}}
					})
				}
				return nil
			}
			_, err := s.run(t.Context())
			ended = asked < n
			got := shape(s.world.Genesys().Groups[0])
			left := strings.HasSuffix(got, user(1)+","+user(40))
			foreign, isForeign := errors.AsType[*probe.ForeignError](err)
			switch {
			case ended:
			case !left:
				t.Errorf("changed before request %d: %s, %v", n, got, err)
			case isForeign:
				seen++
				if fmt.Sprint(foreign.Before.Members) != fmt.Sprint([]string{user(1), user(2)}) || s.state == nil {
					t.Errorf("changed before request %d: it was %v, kept %v", n, foreign.Before.Members, s.state)
				}
			case err == nil && s.state != nil:
				t.Errorf("changed before request %d: no error", n)
			}
		})
		if ended {
			break
		}
	}
	if seen < 20 {
		t.Errorf("%d probes have seen the change", seen)
	}
}

// The next probe puts nothing over what somebody else has made of the group after the kill.
func TestSomebodyElseAfterAKill(t *testing.T) {
	for name, change := range map[string]func(*sandbox.GenesysGroup){
		"members":          func(g *sandbox.GenesysGroup) { g.Members = []sandbox.GenesysMember{{Value: user(40)}} },
		"one of them":      func(g *sandbox.GenesysGroup) { g.Members = g.Members[:1] },
		"externalId":       func(g *sandbox.GenesysGroup) { g.ExternalID = "another" },
		"part of the many": func(g *sandbox.GenesysGroup) { g.Members = []sandbox.GenesysMember{{Value: user(10)}} },
	} {
		s := newScene(t, sandbox.Switches{}, 1, 2)
		s.edit(func(org *sandbox.Genesys) { change(&org.Groups[0]) })
		was := s.world.Genesys()
		state := probe.State{
			Group: group(1), DisplayName: "Throw-away", ExternalID: new("desk-1"), Members: []string{user(1), user(2)}, Open: true,
			Written: [][]string{{user(1), user(2), user(3)}}, Large: []string{user(10), user(11)},
		}
		if name == "part of the many" {
			state.Written = append(state.Written, state.Large)
		}
		s.state = &state
		err := probe.PutBack(t.Context(), state, s.opts)
		if !errors.As(err, new(*probe.ForeignError)) || s.state == nil {
			t.Errorf("%s: %v", name, err)
		}
		s.wantBefore(name, was)
	}
}

// A group is refused before anything is written.
func TestRefused(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scene)
		want   string
	}{
		"configured by name":         {func(s *scene) { s.opts.Configured = []string{"throw-away"} }, "the configuration has it"},
		"a name that looks the same": {func(s *scene) { s.opts.Configured = []string{"Throw-\u0430way"} }, "the configuration has it"},
		"without a space":            {func(s *scene) { s.opts.Configured = []string{" Throw -away"} }, "the configuration has it"},
		"configured by id":           {func(s *scene) { s.opts.Configured = []string{strings.ToUpper(group(1))} }, "the configuration has it"},
		"others":                     {func(s *scene) { s.with(1) }, "1 of its 2 members are not named by --with"},
		"a rule": {func(s *scene) {
			s.edit(func(org *sandbox.Genesys) { org.Switches.RuleMembers = map[string][]string{group(1): {user(3)}} })
		}, "a rule or the owners give it members"},
		"a group in it": {func(s *scene) {
			s.edit(func(org *sandbox.Genesys) {
				org.Groups[0].Members = append(org.Groups[0].Members, sandbox.GenesysMember{Value: group(2), Type: "Group"})
			})
		}, "1 of its members are not users"},
		"not all are shown": {func(s *scene) {
			s.edit(func(org *sandbox.Genesys) { org.Switches.MembersShown = 1 })
		}, "SCIM shows 1 members and Genesys has 2 individual ones"},
	} {
		s := newScene(t, sandbox.Switches{}, 1, 2)
		c.change(s)
		was := s.world.Genesys()
		findings, err := probe.Run(t.Context(), group(1), s.opts)
		if !errors.As(err, new(*probe.RefusedError)) || !strings.Contains(err.Error(), c.want) || findings != nil || s.keeps > 0 {
			t.Errorf("%s: %v, %v; want %q", name, findings, err, c.want)
		}
		s.wantBefore(name, was)
	}
	s := newScene(t, sandbox.Switches{}, 1)
	s.do(s.world.SetFaults([]sandbox.Fault{{Match: "GET /api/v2/groups/*", Status: 403}}))
	if _, err := probe.Run(t.Context(), group(1), s.opts); membership.CauseOf(err) != membership.Denied || s.keeps > 0 {
		t.Errorf("the individual members cannot be read: %v", err)
	}
}

// failing is a keeper on a full disk.
type failing struct{ *scene }

func (f failing) Keep(s probe.State) error {
	if f.keeps > 0 {
		return errors.New("no space left on device")
	}
	return f.scene.Keep(s)
}

// If the state cannot be kept, nothing more is sent than the PUT that puts the group back.
func TestKeepFails(t *testing.T) {
	for keeps, puts := range map[int]int{0: 2, 1: 0} {
		s := newScene(t, sandbox.Switches{}, 1, 2)
		s.keeps = keeps
		s.opts.Keeper = failing{s}
		was := s.world.Genesys()
		got, err := s.run(t.Context())
		sent := 0
		for _, r := range s.world.Requests() {
			if r.Method == http.MethodPut {
				sent++
			}
		}
		if err != nil || sent != puts || got[probe.WithoutMembers] != "unknown: not tried: the state before the probe could not be kept" {
			t.Errorf("%d PUTs, %q, %v", sent, got, err)
		}
		s.wantBefore("a full disk", was)
	}
}

// One failing request spoils one finding.
func TestOneFailure(t *testing.T) {
	s := newScene(t, sandbox.Switches{}, 1, 2)
	s.do(s.world.SetFaults([]sandbox.Fault{
		{Match: "GET /api/v2/scim/v2/users/" + unknown, Status: 503},
		{Match: "PUT *", Skip: 1, Times: 1, Status: 412, Body: "<html>no</html>"},
	}))
	was := s.world.Genesys()
	got, err := s.run(t.Context())
	if got[probe.UnknownMember] != "unknown: no usable answer: unavailable" || got[probe.InactiveMember] != "taken" || err != nil ||
		got[probe.StaleVersion] != "412, in an answer that has not the form of Genesys' own errors" {
		t.Errorf("%q, %v", got, err)
	}
	s.wantBefore("failures", was)
}

// A service that is much too late: the state is kept, and a later probe puts the group back.
func TestMuchTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, sandbox.Switches{LateApplication: sandbox.Duration(10 * time.Minute)}, 1, 2)
		was := s.world.Genesys()
		_, err := s.run(t.Context())
		if left, ok := errors.AsType[*probe.LeftError](err); !ok || s.state == nil || !left.Before.Open {
			t.Fatalf("%v, kept %+v", err, s.state)
		}
		time.Sleep(time.Hour)
		s.edit(func(org *sandbox.Genesys) { org.Switches.LateApplication = 0 })
		s.do(probe.PutBack(t.Context(), *s.state, s.opts))
		time.Sleep(time.Hour)
		s.wantBefore("much too late", was)
	})
}

// If only the externalId is gone, it is put back.
func TestExternalIDIsPutBack(t *testing.T) {
	s := newScene(t, sandbox.Switches{PutWithoutExternalID: "removed"}, 1, 2)
	was := s.world.Genesys()
	s.edit(func(org *sandbox.Genesys) { org.Groups[0].ExternalID = "" })
	state := probe.State{Group: group(1), ExternalID: new("desk-1"), Members: []string{user(1), user(2)}}
	s.do(probe.PutBack(t.Context(), state, s.opts))
	s.wantBefore("without externalId", was)
}

// A service may give no new version for the members that a group has. Then an open write is over when it was sent long ago.
func TestOpenWrite(t *testing.T) {
	for age, isOver := range map[time.Duration]bool{time.Minute: false, 11 * time.Minute: true} {
		synctest.Test(t, func(t *testing.T) {
			s := newScene(t, sandbox.Switches{LateApplication: sandbox.Duration(time.Hour)}, 1, 2)
			state := probe.State{Group: group(1), ExternalID: new("desk-1"), Members: []string{user(1), user(2)}, Open: true, Sent: time.Now().Add(-age)}
			err := probe.PutBack(t.Context(), state, s.opts)
			if left := errors.As(err, new(*probe.LeftError)); left == isOver || err != nil && !left {
				t.Errorf("sent %s ago: %v", age, err)
			}
		})
	}
}

// A write that shows too late ends the experiments, and the group is as before in the end.
func TestTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, sandbox.Switches{LateApplication: sandbox.Duration(40 * time.Second)}, 1, 2)
		was := s.world.Genesys()
		got, err := s.run(t.Context())
		if got[probe.Shows] != "unknown: a write was accepted and does not show" || !strings.HasPrefix(got[probe.StaleVersion], "unknown: not tried: ") {
			t.Errorf("%q, %v", got, err)
		}
		if left := new(probe.LeftError); s.state != nil && !errors.As(err, &left) {
			t.Errorf("the state is kept, and the error is %v", err)
		}
		time.Sleep(time.Hour)
		if s.state != nil {
			s.do(probe.PutBack(t.Context(), *s.state, s.opts))
			time.Sleep(time.Hour)
		}
		s.wantBefore("too late", was)
	})
}
