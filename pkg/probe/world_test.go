package probe_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/secret"
)

const unknown = "99999999-0000-4000-8000-000000000099"

func user(n int) string  { return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n) }
func group(n int) string { return fmt.Sprintf("bbbbbbbb-0000-4000-8000-%012d", n) }

// scene is an org with 60 accounts, of whom the last one is inactive, and with two groups. The first one is for the probe.
type scene struct {
	t      *testing.T
	world  *sandbox.World
	opts   probe.Options
	before func(*http.Request) error // an error takes the place of the answer
	lists  func(body string) string  // changes an answer with a list of groups

	state *probe.State // what the keeper has
	dead  bool         // the process was killed
	keeps int
}

func newScene(t *testing.T, switches sandbox.Switches, members ...int) *scene {
	t.Helper()
	org := sandbox.Genesys{
		Region: "mypurecloud.ie", ClientID: "client", ClientSecret: "genesys-secret", Permissions: []string{"directory:group:edit"},
		Switches: switches, Groups: []sandbox.GenesysGroup{
			{ID: group(1), DisplayName: "Throw-away", ExternalID: "desk-1", Version: 5},
			{ID: group(2), DisplayName: "Support", Version: 9, Members: []sandbox.GenesysMember{{Value: user(1)}, {Value: user(2)}}},
		},
	}
	for n := range 60 {
		org.Users = append(org.Users, sandbox.GenesysUser{ID: user(n), UserName: fmt.Sprintf("person%d@contoso.com", n), Active: n != 59})
	}
	for _, n := range members {
		org.Groups[0].Members = append(org.Groups[0].Members, sandbox.GenesysMember{Value: user(n)})
	}
	s := &scene{t: t, world: sandbox.New(sandbox.Entra{}, org)}
	s.opts = probe.Options{
		Keeper: s, Unknown: unknown, Configured: []string{"Support"}, WithoutMembers: true, ReadBack: 30 * time.Second, Linger: rest.Linger,
	}
	s.connect()
	s.with(append(members, 3, 59)...)
	return s
}

// connect creates a connection, as a new process does.
func (s *scene) connect() {
	region, err := genesys.ParseRegion("mypurecloud.ie")
	s.do(err)
	client, err := rest.NewHTTPClient(rest.HTTPOptions{Transport: s})
	s.do(err)
	s.opts.Conn, err = genesys.Connect(genesys.Options{
		Region: region, ClientID: "client", Secret: secret.New("genesys-secret"), HTTP: client,
		Retry: rest.Retry{Attempts: 2, Base: time.Millisecond, Max: time.Millisecond},
	})
	s.do(err)
}

func (s *scene) do(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// with names the accounts that the probe may use.
func (s *scene) with(numbers ...int) {
	s.opts.Accounts = nil
	for _, n := range numbers {
		s.opts.Accounts = append(s.opts.Accounts, membership.Account{ID: user(n), Active: n != 59})
	}
}

var errKilled = errors.New("the process was killed")

// RoundTrip implements http.RoundTripper.
func (s *scene) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.dead {
		return nil, errKilled
	}
	if s.before != nil {
		if err := s.before(r); err != nil {
			return nil, err
		}
	}
	answer, err := s.world.RoundTrip(r)
	if err == nil && s.lists != nil && r.URL.Path == "/api/v2/scim/groups" {
		body, err := io.ReadAll(answer.Body)
		s.do(err)
		changed := s.lists(string(body))
		answer.Body, answer.ContentLength = io.NopCloser(strings.NewReader(changed)), int64(len(changed))
	}
	return answer, err
}

// Keep implements probe.Keeper.
func (s *scene) Keep(state probe.State) error {
	if s.dead {
		return errKilled
	}
	s.keeps++
	s.state = &state
	return nil
}

// Drop implements probe.Keeper.
func (s *scene) Drop() error {
	if s.dead {
		return errKilled
	}
	s.state = nil
	return nil
}

func (s *scene) edit(change func(*sandbox.Genesys)) {
	s.t.Helper()
	s.do(s.world.Edit(func(_ *sandbox.Entra, org *sandbox.Genesys) { change(org) }))
}

// run probes the first group.
func (s *scene) run(ctx context.Context) (map[string]string, error) {
	findings, err := probe.Run(ctx, group(1), s.opts)
	found := map[string]string{}
	for _, f := range findings {
		text := f.Text
		if f.Result != probe.Found {
			text = string(f.Result) + ": " + text
		}
		found[f.Name] = text
	}
	return found, err
}

// shape is a group without its version, with the members sorted.
func shape(g sandbox.GenesysGroup) string {
	var ids []string
	for _, m := range g.Members {
		ids = append(ids, m.Value)
	}
	slices.Sort(ids)
	return g.DisplayName + " " + g.ExternalID + " " + strings.Join(ids, ",")
}

// wantBefore checks that the groups are as they were in the beginning, that the other group was never written, and that every PUT
// names only those whom it may name.
func (s *scene) wantBefore(what string, was sandbox.Genesys) {
	s.t.Helper()
	now := s.world.Genesys()
	for i := range was.Groups {
		if got, want := shape(now.Groups[i]), shape(was.Groups[i]); got != want {
			s.t.Errorf("%s: the group is\n%s\nand was\n%s", what, got, want)
		}
	}
	if now.Groups[1].Version != was.Groups[1].Version {
		s.t.Errorf("%s: another group was written", what)
	}
	may := []string{unknown}
	for _, a := range s.opts.Accounts {
		may = append(may, a.ID)
	}
	for _, r := range s.world.Requests() {
		if r.Method != http.MethodPut {
			continue
		}
		body := string(r.Body)
		for _, id := range may {
			body = strings.ReplaceAll(body, `{"value":"`+id+`"}`, "")
		}
		if strings.Contains(body, "value") || !strings.HasSuffix(r.Path, group(1)) || r.IfMatch == "" {
			s.t.Errorf("%s: PUT %s %s", what, r.Path, r.Body)
		}
	}
}
