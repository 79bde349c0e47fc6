package setup

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/rest"
)

func configured(t *testing.T, text string, env map[string]string) *config.Config {
	t.Helper()
	path := filepath.Join(t.TempDir(), "callroll.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(t.Context(), config.Options{Path: path, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each value of the configuration arrives where it counts.
func TestSettings(t *testing.T) {
	c := configured(t, `
match: [mail]
disabled_users: drop
limits: {remove: 1, remove_floor: 2, remove_total: 3%, remove_total_floor: 4, add: 5%, add_floor: 6, add_empty: 7}
retry: {attempts: 8, base: 9s, max: 10s, retry_after_max: 11s}
groups:
  - name: Sales
    entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3
    exclude: [x@y]
    genesys: G
    nested: true
    mode: add-only
    allow_empty: true
    protect: [a@b]
`, nil)
	s, err := Settings(c)
	if err != nil {
		t.Fatal(err)
	}
	want := plan.Limits{
		Remove: plan.Count(1), RemoveFloor: 2, RemoveTotal: plan.Percent(3), RemoveTotalFloor: 4,
		Add: plan.Percent(5), AddFloor: 6, AddEmpty: 7,
	}
	if s.Policy.Limits != want {
		t.Errorf("limits: %+v, want %+v", s.Policy.Limits, want)
	}
	if want := (rest.Retry{Attempts: 8, Base: 9 * time.Second, Max: 10 * time.Second, RetryAfterMax: 11 * time.Second}); s.Retry != want {
		t.Errorf("retry: %+v, want %+v", s.Retry, want)
	}
	if diff := cmp.Diff([]membership.Key{membership.Mail}, s.Match); diff != "" || !s.DropDisabled {
		t.Errorf("match (-want +got):\n%s, drop disabled: %v", diff, s.DropDisabled)
	}
	m := s.Mappings[0]
	if m.Name != "Sales" || m.Genesys != "G" || !m.Nested || m.Mode != plan.AddOnly || !m.AllowEmpty || len(m.Entra) != 1 ||
		len(m.Exclude) != 1 || len(m.Protect) != 1 || !m.Protect[0].Matches("A@B") {
		t.Errorf("the mapping: %+v", m)
	}
}

func TestRegion(t *testing.T) {
	for _, test := range []struct {
		text string
		env  map[string]string
		want genesys.Region
	}{
		{"genesys: {region: eu-west-1}", nil, genesys.Region{LoginURL: "https://login.mypurecloud.ie", APIURL: "https://api.mypurecloud.ie"}},
		{"match: [mail]", map[string]string{"GENESYS_SUBDOMAIN": "acme"}, genesys.Region{LoginURL: "https://login.mypurecloud.com", APIURL: "https://acme.mypurecloud.com"}},
		{"genesys: {region: eu-west-1, api_url: \"https://a\"}", nil, genesys.Region{LoginURL: "https://login.mypurecloud.ie", APIURL: "https://a"}},
		{"genesys: {region: mypurecloud.ei, login_url: \"https://l\", api_url: \"https://a\"}", nil, genesys.Region{LoginURL: "https://l", APIURL: "https://a"}},
		{"genesys: {login_url: \"https://l\", api_url: \"https://a\"}", nil, genesys.Region{LoginURL: "https://l", APIURL: "https://a"}},
	} {
		got, err := region(configured(t, test.text, test.env))
		if err != nil || got != test.want {
			t.Errorf("%s %v: %v, %v; want %v", test.text, test.env, got, err, test.want)
		}
	}
	for _, one := range []string{"login_url", "api_url"} { // a secret goes to the host of the region all the same
		_, err := region(configured(t, "genesys: {region: mypurecloud.ei, "+one+": \"https://l\"}", nil))
		if err == nil || !strings.Contains(err.Error(), "looks like mypurecloud.ie misspelled") {
			t.Errorf("with %s alone: %v", one, err)
		}
	}
	_, err := region(configured(t, "genesys: {region: api.mypurecloud.ie}", nil))
	if err == nil || !strings.Contains(err.Error(), "genesys.region") || !strings.Contains(err.Error(), `leave out "api."`) {
		t.Errorf("a host in place of a region: %v", err)
	}
}

// A tenant that is configured by its id is the one that memberships have to come from. Its domain says nothing about that.
func TestTenantID(t *testing.T) {
	for tenant, want := range map[string]string{
		"A1B2C3D4-0000-4A00-8000-000000000001": "a1b2c3d4-0000-4a00-8000-000000000001",
		"contoso.onmicrosoft.com":              "", "": "",
		"{a1b2c3d4-0000-4a00-8000-000000000001}": "",
	} {
		if got := tenantID(tenant); got != want {
			t.Errorf("tenantID(%q) = %q, want %q", tenant, got, want)
		}
	}
}

// The state folder is a path that is the same wherever a program is started, or the word that there is none, and never empty:
// that would be a field that was forgotten.
func TestStateDir(t *testing.T) {
	t.Chdir(t.TempDir())
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		text string
		env  map[string]string
		want string
	}{
		{"state_dir: /srv/state", map[string]string{"STATE_DIRECTORY": "/var/lib/x"}, "/srv/state"},
		{"match: [mail]", map[string]string{"STATE_DIRECTORY": "/var/lib/x"}, "/var/lib/x"},
		{"match: [mail]", map[string]string{"HOME": "/home/ann"}, "/home/ann/.local/state/callroll"},
		{"state_dir: none", map[string]string{"HOME": "/home/ann"}, journal.None},
	} {
		got, err := StateDir(configured(t, test.text, nil), test.env)
		if err != nil || got != test.want {
			t.Errorf("%s, %v: %q, %v; want %q", test.text, test.env, got, err, test.want)
		}
	}
	if got, err := StateDir(&config.Config{StateDir: "state"}, nil); err != nil || got != filepath.Join(here, "state") {
		t.Errorf("a relative folder: %q, %v", got, err)
	}
	got, err := StateDir(configured(t, "match: [mail]", nil), map[string]string{"STATE_DIRECTORY": "relative"})
	if err == nil || got != "" || !strings.Contains(err.Error(), "state_dir") {
		t.Errorf("a relative variable: %q, %v", got, err)
	}
}

// roundTrip is a function as a transport.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// The scope of the configuration reaches the wire.
func TestScope(t *testing.T) {
	var form bytes.Buffer
	c := configured(t, "genesys: {region: eu-west-1, client_id: 11111111-2222-4333-8444-555555555555, scope: the-scope}\nretry: {attempts: 1}\n",
		map[string]string{"GENESYS_CLIENT_SECRET": "s"})
	conn, err := Genesys(t.Context(), c, Options{HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		_, _ = form.ReadFrom(r.Body)
		return nil, errors.New("enough")
	})}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := genesys.NewReader(conn).Groups(t.Context(), nil); err == nil || !strings.Contains(form.String(), "scope=the-scope") {
		t.Errorf("the form was %q (%v)", form.String(), err)
	}
}

// Wrong addresses are found for every command, also for one that does not use them.
func TestAddresses(t *testing.T) {
	for text, want := range map[string]string{
		"entra: {login_url: https://login.example/contoso}":                          "entra.login_url: leave out /contoso",
		"entra: {login_url: http://login.example}":                                   "entra.login_url: ",
		"entra: {graph_url: https://graph.example/x/v1.0}":                           "entra.graph_url: leave out /x/v1.0",
		"genesys: {login_url: https://login.example/oauth/token}":                    "genesys.login_url: leave out /oauth/token",
		"genesys: {api_url: https://api.example/api/v2}":                             "genesys.api_url: leave out /api/v2",
		"entra: {cloud: moon}":                                                       "entra.cloud: ",
		"entra: {login_url: https://l.example/, graph_url: https://g.example/proxy}": "",
		"genesys: {login_url: https://l.example/proxy}":                              "",
	} {
		err := Addresses(configured(t, text+"\n", nil))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
