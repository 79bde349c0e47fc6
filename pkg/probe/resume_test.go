package probe_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/sandbox"
)

// killed returns a scene in which a probe has added person 3 and removed person 2, and was killed a moment ago.
func killed(t *testing.T) *scene {
	t.Helper()
	s := newScene(t, sandbox.Switches{}, 1, 3)
	s.with(1, 2, 3)
	s.state = &probe.State{
		Group: group(1), DisplayName: "Throw-away", ExternalID: new("desk-1"), Members: []string{user(1), user(2)}, Version: "older",
		Previous: []string{user(1)}, Written: [][]string{{user(1), user(3)}}, Open: true, Sent: time.Now(),
	}
	return s
}

func (s *scene) members(numbers ...int) {
	s.edit(func(org *sandbox.Genesys) {
		org.Groups[0].Members = nil
		for _, n := range numbers {
			org.Groups[0].Members = append(org.Groups[0].Members, sandbox.GenesysMember{Value: user(n)})
		}
	})
}

// A group that came into the configuration after the kill is not written, and the state is kept.
func TestPutBackOfAConfiguredGroup(t *testing.T) {
	for ref, renamed := range map[string]string{
		"Throw-away": "", "throw-away ": "Another", strings.ToUpper(group(1)): "", "Sales": "Sales",
	} {
		s := killed(t)
		s.opts.Configured = []string{"Support", ref}
		if renamed != "" {
			s.edit(func(org *sandbox.Genesys) { org.Groups[0].DisplayName = renamed })
		}
		was := s.world.Genesys()
		err := probe.PutBack(t.Context(), *s.state, s.opts)
		refused, ok := errors.AsType[*probe.RefusedError](err)
		if !ok || refused.Before == nil || !strings.Contains(err.Error(), "the configuration has it by now") || s.state == nil {
			t.Errorf("%q: %v", ref, err)
		}
		s.wantBefore(ref, was)
		if now := s.world.Genesys(); now.Groups[0].Version != was.Groups[0].Version {
			t.Errorf("%q: the group was written", ref)
		}
	}
}

// The members that were read before the last write count only with the version that they had then.
func TestMembersBeforeTheLastWrite(t *testing.T) {
	for _, same := range []bool{true, false} {
		s := killed(t)
		s.members(1)
		if same {
			g, err := genesys.NewReader(s.opts.Conn).Group(t.Context(), group(1))
			s.do(err)
			s.state.Version = g.Version
		}
		err := probe.PutBack(t.Context(), *s.state, s.opts)
		got := shape(s.world.Genesys().Groups[0])
		if back := strings.HasSuffix(got, user(1)+","+user(2)); back != same || errors.As(err, new(*probe.ForeignError)) == same {
			t.Errorf("the same version %t: %s, %v", same, got, err)
		}
	}
}

// What the probe wrote earlier than its last write is no longer the work of the probe.
func TestMembersOfAnEarlierWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, sandbox.Switches{}, 1, 2)
		s.with(1, 2, 3, 59)
		puts := 0
		s.before = func(r *http.Request) error {
			if r.Method == http.MethodPut {
				if puts++; puts > 2 { // the first one has added person 3, and the third one removes them
					s.dead = true
					return errKilled
				}
			}
			return nil
		}
		_, _ = s.run(t.Context())
		s.dead, s.before = false, nil
		s.members(1, 2, 3)
		s.edit(func(org *sandbox.Genesys) { org.Groups[0].Version += 7 })
		if slices.ContainsFunc(s.state.Written, func(set []string) bool { return slices.Equal(set, []string{user(1), user(2), user(3)}) }) {
			t.Fatalf("the last write gives the same members: %+v", s.state)
		}
		s.connect()
		was := s.world.Genesys()
		if err := probe.PutBack(t.Context(), *s.state, s.opts); !errors.As(err, new(*probe.ForeignError)) {
			t.Error(err)
		}
		s.wantBefore("an earlier write", was)
	})
}

// After an old probe only members whom this call names come back: somebody may have removed the others.
func TestOldProbe(t *testing.T) {
	for _, c := range []struct {
		age  time.Duration
		with []int
		back bool
	}{
		{time.Minute, nil, true}, {9 * time.Minute, nil, true}, {11 * time.Minute, nil, false}, {-11 * time.Minute, nil, false},
		{11 * time.Minute, []int{1, 3}, false}, {11 * time.Minute, []int{2}, true}, {30 * 24 * time.Hour, []int{2}, true},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := killed(t)
			s.with(c.with...)
			s.state.Sent = time.Now().Add(-c.age)
			err := probe.PutBack(t.Context(), *s.state, s.opts)
			got := shape(s.world.Genesys().Groups[0])
			refused, isRefused := errors.AsType[*probe.RefusedError](err)
			switch {
			case strings.HasSuffix(got, user(1)+","+user(2)) != c.back, c.back && err != nil, c.back == (s.state != nil):
				t.Errorf("%s, %v: %s, %v", c.age, c.with, got, err)
			case !c.back && (!isRefused || refused.Before == nil || fmt.Sprint(refused.Unnamed) != fmt.Sprint([]string{user(2)})):
				t.Errorf("%s, %v: %v", c.age, c.with, err)
			}
		})
	}
}

// Another probe, with another state folder, writes the group and puts it back. Its members are as this probe knows them, and its
// version is not: nothing is put over that.
func TestAnotherProbe(t *testing.T) {
	for name, is := range map[string]func(r *http.Request, puts int) bool{
		"between two writes": func(r *http.Request, puts int) bool { return puts == 1 && r.URL.RawQuery != "" },
		"before a write":     func(r *http.Request, puts int) bool { return r.Method == http.MethodPut && puts == 1 },
		"before an experiment": func(r *http.Request, puts int) bool {
			return r.Method == http.MethodPut && puts == 3
		},
	} {
		synctest.Test(t, func(t *testing.T) { // the list of groups is waited for
			s := newScene(t, sandbox.Switches{}, 1, 2)
			puts := 0
			var was *sandbox.Genesys
			s.before = func(r *http.Request) error {
				if r.Method == http.MethodPut {
					puts++
				}
				if was == nil && is(r, puts) {
					s.edit(func(org *sandbox.Genesys) { org.Groups[0].Version += 7 })
					now := s.world.Genesys()
					was = &now
				}
				return nil
			}
			_, err := s.run(t.Context())
			if was == nil || !errors.As(err, new(*probe.ForeignError)) || s.state == nil {
				t.Fatalf("%s: %v", name, err)
			}
			s.wantBefore(name, *was)
			if got := s.world.Genesys().Groups[0].Version; got != was.Groups[0].Version {
				t.Errorf("%s: the group was written", name)
			}
		})
	}
}

// A group that has all accounts is not written with the same members, which would show before it takes effect.
func TestManyMembersFromTheBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var numbers []int
		for n := range 26 {
			numbers = append(numbers, 10+n)
		}
		s := newScene(t, sandbox.Switches{UnknownMember: "dropped", LateApplication: sandbox.Duration(5 * time.Second)}, numbers...)
		s.with(numbers...)
		was := s.world.Genesys()
		got, err := s.run(t.Context())
		if err != nil || got[probe.ManyMembers] != "all 26" || s.state != nil {
			t.Errorf("%q, %v", got, err)
		}
		s.wantBefore("many", was)
	})
}
