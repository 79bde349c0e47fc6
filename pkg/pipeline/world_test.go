package pipeline_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/secret"
)

// id makes an id of the form that both services use; the same kind and number give the same id.
func id(kind, n int) string { return fmt.Sprintf("%08x-0000-4000-8000-%012x", kind, n) }

const (
	personKind = iota + 1
	entraGroupKind
	accountKind
	genesysGroupKind
)

func entraUser(id, name string) sandbox.EntraUser {
	return sandbox.EntraUser{ID: id, UserPrincipalName: name, Mail: name, DisplayName: strings.Split(name, "@")[0], AccountEnabled: true}
}

// scene is a World and the settings to work on it. Person n has account n.
type scene struct {
	t        *testing.T
	world    *sandbox.World
	settings pipeline.Settings
	entra    *graph.Client
	conn     *genesys.Conn
	before   func(*http.Request) // what happens right before the World is asked

	instead func(*http.Request) *http.Response // what answers in its place; nil where the World does
}

// RoundTrip implements http.RoundTripper.
func (s *scene) RoundTrip(r *http.Request) (*http.Response, error) {
	if s.before != nil {
		s.before(r)
	}
	if s.instead != nil {
		if resp := s.instead(r); resp != nil {
			resp.Request = r
			return resp, nil
		}
	}
	return s.world.RoundTrip(r)
}

// newScene makes a World of so many people, each with an account, and of groups: in Entra of the people in wanted, in
// Genesys of the accounts in members, both by number.
func newScene(t *testing.T, people int, wanted, members [][]int) *scene {
	t.Helper()
	entra := sandbox.Entra{
		TenantID: id(9, 1), Domain: "contoso.onmicrosoft.com", ClientID: "app", ClientSecret: "entra-secret",
		Roles: []string{"GroupMember.Read.All", "User.Read.All"},
	}
	org := sandbox.Genesys{
		Region: "mypurecloud.ie", ClientID: "client", ClientSecret: "genesys-secret", Permissions: []string{"directory:group:edit"},
	}
	for n := range people {
		name := fmt.Sprintf("p%d@contoso.com", n)
		entra.Users = append(entra.Users, entraUser(id(personKind, n), name))
		org.Users = append(org.Users, sandbox.GenesysUser{ID: id(accountKind, n), UserName: name, Active: true})
	}
	s := &scene{t: t, settings: pipeline.Settings{
		Match:  membership.DefaultKeys(),
		Policy: plan.Policy{Limits: plan.DefaultLimits()},
		Retry:  rest.Retry{Attempts: 3, Base: time.Millisecond, Max: time.Millisecond},

		ReadBack: pipeline.NotReadBack,
		Journal:  pipeline.NoJournal(),
	}}
	for g := range wanted {
		source := sandbox.EntraGroup{ID: id(entraGroupKind, g), DisplayName: fmt.Sprintf("G%d", g)}
		for _, n := range wanted[g] {
			source.Members = append(source.Members, id(personKind, n))
		}
		target := sandbox.GenesysGroup{ID: id(genesysGroupKind, g), DisplayName: fmt.Sprintf("G%d", g), ExternalID: fmt.Sprintf("x%d", g), Version: 1}
		for _, n := range members[g] {
			target.Members = append(target.Members, sandbox.GenesysMember{Value: id(accountKind, n)})
		}
		entra.Groups, org.Groups = append(entra.Groups, source), append(org.Groups, target)
		s.settings.Mappings = append(s.settings.Mappings, pipeline.Mapping{
			Rule: plan.Rule{Name: target.DisplayName, Entra: []string{source.ID}, Genesys: target.ID, Mode: plan.Mirror},
		})
	}
	s.world = sandbox.New(entra, org)
	s.connect()
	return s
}

// connect makes clients that have not signed in yet, as a new run would.
func (s *scene) connect() {
	s.t.Helper()
	network := &http.Client{Transport: s}
	var err error
	s.entra, err = graph.New(graph.Options{
		TenantID: "contoso.onmicrosoft.com", ClientID: "app", Credential: graph.Credential{Secret: secret.New("entra-secret")}, HTTP: network, Retry: s.settings.Retry,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	region, err := genesys.ParseRegion("mypurecloud.ie")
	if err != nil {
		s.t.Fatal(err)
	}
	s.conn, err = genesys.Connect(genesys.Options{
		Region: region, ClientID: "client", Secret: secret.New("genesys-secret"), HTTP: network, Retry: s.settings.Retry,
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) faults(faults []sandbox.Fault) {
	s.t.Helper()
	if err := s.world.SetFaults(faults); err != nil {
		s.t.Fatal(err)
	}
}

func (s *scene) edit(change func(*sandbox.Entra, *sandbox.Genesys)) {
	s.t.Helper()
	if err := s.world.Edit(change); err != nil {
		s.t.Fatal(err)
	}
}

// sync runs once and returns how each group ended, like "G0 changed, G1 in step".
func (s *scene) sync() (string, pipeline.Result) {
	s.t.Helper()
	s.connect()
	result, err := pipeline.Sync(s.t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), nil, s.settings)
	if err != nil {
		s.t.Fatal(err)
	}
	var out []string
	for _, o := range result.Outcomes {
		out = append(out, o.Group.Name+" "+string(o.Status))
	}
	return strings.Join(out, ", "), result
}

// members returns the numbers of the accounts in a Genesys group, in its order.
func (s *scene) members(g int) []int {
	var out []int
	for _, m := range s.world.Genesys().Groups[g].Members {
		var n int
		if _, err := fmt.Sscanf(m.Value[24:], "%x", &n); err != nil {
			s.t.Fatal(err)
		}
		out = append(out, n)
	}
	return out
}

// requests counts what the World was asked, by method.
func (s *scene) requests(method string) int {
	n := 0
	for _, r := range s.world.Requests() {
		if r.Method == method {
			n++
		}
	}
	return n
}

// upTo returns the numbers from 0 to n-1.
func upTo(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}
