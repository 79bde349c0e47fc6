package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/config"
)

// nothing is a configuration that sets nothing.
const nothing = "# nothing is set\n"

// write puts a configuration into a folder of its own and returns its path.
func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "callroll.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func load(t *testing.T, text string, env map[string]string, timeout time.Duration) *config.Config {
	t.Helper()
	c, err := config.Load(t.Context(), config.Options{Path: write(t, text), Env: env, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	c := load(t, nothing, nil, 0)
	if diff := cmp.Diff([]string{"userPrincipalName", "mail"}, c.Match); diff != "" {
		t.Errorf("match: -want +got\n%s", diff)
	}
	want := config.Limits{Remove: "25%", RemoveFloor: 5, RemoveTotal: "10%", RemoveTotalFloor: 20, Add: "100%", AddFloor: 50, AddEmpty: 1000}
	if diff := cmp.Diff(want, c.Limits); diff != "" {
		t.Errorf("limits: -want +got\n%s", diff)
	}
	if want := (config.Retry{Attempts: 5, Base: time.Second, Max: 30 * time.Second, RetryAfterMax: 120 * time.Second}); c.Retry != want {
		t.Errorf("retry: %+v, want %+v", c.Retry, want)
	}
	if c.Entra.Cloud != "global" || c.Genesys.RequestsPerMinute != 300 || c.DisabledUsers != "keep" || c.ReadBack != 30*time.Second || c.Timeout != 10*time.Minute {
		t.Errorf("others: %+v", c)
	}
}

func TestWholeFile(t *testing.T) {
	c := load(t, `
entra:
  tenant_id: contoso.onmicrosoft.com
  client_id: 11111111-2222-4333-8444-555555555555
  cloud: usgov
genesys: {region: eu-west-1, client_id: 11111111-2222-4333-8444-555555555555, scope: 11e5, requests_per_minute: 180}
match: employeeId
disabled_users: drop
limits: {remove: 10, remove_floor: 0, add: 1.5%}
retry: {attempts: 2, base: 10ms}
read_back: 5s
state_dir: none
groups:
  - name: Sales
    entra: [1BB21836-D6EC-41EE-8AC6-C8991ED36FD3, 9f38f614-5202-483c-b823-0b9b342dd812]
    exclude: [Temp@contoso.com]
    genesys: Sales
    nested: true
    mode: add-only
    allow_empty: true
    protect: &common ["svc-*"]
  - entra: fbcd7d9a-68f9-480a-a1b2-fecba1309fcd
    genesys: "2024"
    protect: *common
`, nil, 0)
	want := []config.Group{{
		Name: "Sales", Entra: []string{"1bb21836-d6ec-41ee-8ac6-c8991ed36fd3", "9f38f614-5202-483c-b823-0b9b342dd812"},
		Exclude: []string{"Temp@contoso.com"}, Genesys: "Sales", Nested: true, Mode: "add-only", AllowEmpty: true, Protect: []string{"svc-*"},
	}, {
		Name: "2024", Entra: []string{"fbcd7d9a-68f9-480a-a1b2-fecba1309fcd"}, Genesys: "2024", Protect: []string{"svc-*"},
	}}
	if diff := cmp.Diff(want, c.Groups); diff != "" {
		t.Errorf("groups: -want +got\n%s", diff)
	}
	if c.Genesys.Scope != "11e5" {
		t.Errorf("a text that looks like a number was changed: %q", c.Genesys.Scope)
	}
	if c.Limits.Remove != "10" || c.Limits.RemoveFloor != 0 || c.Limits.Add != "1.5%" || c.Limits.RemoveTotal != "10%" {
		t.Errorf("limits: %+v", c.Limits)
	}
	if diff := cmp.Diff([]string{"employeeId"}, c.Match); diff != "" || c.StateDir != "none" || c.Retry.Base != 10*time.Millisecond {
		t.Errorf("others: %+v", c)
	}
}

// A flag goes before CALLROLL_…, that before the file, that before the aliases, in their order, and those before the
// default.
func TestPrecedence(t *testing.T) {
	env := map[string]string{}
	region := func(file string) string {
		text := "ca_file: x\n"
		if file != "" {
			text = "genesys: {region: " + file + "}\nentra: {tenant_id: " + file + ".example}\n"
		}
		c := load(t, text, env, 0)
		return c.Genesys.Region + " " + c.Entra.TenantID + " " + c.Genesys.Subdomain
	}
	steps := []struct{ set, value, file, want string }{
		{"GENESYS_SUBDOMAIN", "sub", "", "  sub"},
		{"GENESYSCLOUD_REGION", "alias", "", "alias  "},
		{"AZURE_TENANT_ID", "azure.example", "", "alias azure.example "},
		{"GRAPH_TENANT_ID", "graph.example", "", "alias graph.example "},
		{"", "", "file", "file file.example "},
		{"CALLROLL_GENESYS_REGION", "own", "file", "own file.example "},
		{"CALLROLL_ENTRA_TENANT_ID", "own.example", "file", "own own.example "},
	}
	for _, step := range steps {
		if step.set != "" {
			env[step.set] = step.value
		}
		if got := region(step.file); got != step.want {
			t.Errorf("with %v and file %q: %q, want %q", env, step.file, got, step.want)
		}
	}
	c := load(t, "timeout: 5m\n", map[string]string{"CALLROLL_TIMEOUT": "6m"}, 7*time.Minute)
	if c.Timeout != 7*time.Minute {
		t.Errorf("the flag does not win: %s", c.Timeout)
	}
}

// An empty text in the file leaves room for an alias, and is the place of the key. A key that has no alias becomes empty.
func TestEmptyText(t *testing.T) {
	env := map[string]string{"GENESYSCLOUD_REGION": "alias"}
	c := load(t, "genesys: {region: ''}\nentra: {cloud: }\n", env, 0)
	if c.Genesys.Region != "alias" || c.Entra.Cloud != "" {
		t.Errorf("region %q, cloud %q", c.Genesys.Region, c.Entra.Cloud)
	}
	if got := c.At("genesys.region", errors.New("bad")).Error(); !strings.HasSuffix(got, ".yaml:1: genesys.region: bad") {
		t.Errorf("the place is %s", got)
	}
}

// Null is no text and no entry; what YAML takes for something else than text is text in quotes only.
func TestForms(t *testing.T) {
	c := load(t, "ca_file: null\nmatch: ~\nstate_dir: 'true'\ngenesys: {scope: 0x10}\n", map[string]string{"CALLROLL_STATE_DIR": "none"}, 0)
	if c.CAFile != "" || len(c.Match) != 0 || c.Genesys.Scope != "0x10" || c.StateDir != "none" {
		t.Errorf("%+v", c)
	}
	wantMistakes(t, "ca_file: true\nmatch: [mail, '']\ntimeout: ~\nread_back: -1s\ngroups:\n  - {genesys: A, entra: [true], nested: 1}\n", nil,
		"F:1: ca_file: must be text, not true: put it in quotes if it is text",
		"F:2: match: has an empty entry",
		`F:3: timeout: must be a duration like 30s, 10m or 7d, not "~"`,
		`F:4: read_back: must be a duration like 30s, 10m or 7d, not "-1s"`,
		"F:6: groups[0].entra: must be text, not true: put it in quotes if it is text",
		`F:6: groups[0].nested: must be true or false, not "1"`)
}

// Of a key that is set twice the first value counts, and its place.
func TestTheFirstOfTwo(t *testing.T) {
	wantMistakes(t, "timeout: 5m\ntimeout: 0s\ndisabled_users: keeep\ndisabled_users: keep\n", nil,
		"F:2: timeout: is set twice, first in line 1",
		`F:3: disabled_users: "keeep" is neither keep nor drop`,
		"F:4: disabled_users: is set twice, first in line 3")
}

func TestEnvironmentValues(t *testing.T) {
	c := load(t, nothing, map[string]string{
		"CALLROLL_MATCH": "[mail, employeeId]", "CALLROLL_RETRY_ATTEMPTS": "9", "CALLROLL_RETRY_MAX": "9s", "CALLROLL_LIMITS_REMOVE": "7",
		"CALLROLL_PORT": "tcp://10.0.0.1:80", // as Kubernetes sets for a service of that name
	}, 0)
	if diff := cmp.Diff([]string{"mail", "employeeId"}, c.Match); diff != "" || c.Retry.Attempts != 9 || c.Retry.Max != 9*time.Second || c.Limits.Remove != "7" {
		t.Errorf("%+v", c)
	}
	if len(c.Warnings) != 1 || !strings.Contains(c.Warnings[0], "CALLROLL_PORT") {
		t.Errorf("warnings: %q", c.Warnings)
	}
	c = load(t, nothing, map[string]string{"CALLROLL_MATCH": "mail,employeeId"}, 0)
	if diff := cmp.Diff([]string{"mail", "employeeId"}, c.Match); diff != "" {
		t.Errorf("a list with commas: -want +got\n%s", diff)
	}
	for name, value := range map[string]string{"CALLROLL_RETRY_ATTEMPTS": "0", "CALLROLL_RETRY_BASE": "-1s", "CALLROLL_MATCH": "[", "CALLROLL_READ_BAK": "1s"} {
		_, err := config.Load(t.Context(), config.Options{Path: write(t, nothing), Env: map[string]string{name: value}})
		if err == nil || !strings.HasPrefix(err.Error(), name+": ") {
			t.Errorf("%s=%s: %v", name, value, err)
		}
	}
}

func TestSecrets(t *testing.T) {
	path := write(t, "entra: {client_secret_file: e}\ngenesys: {client_secret_file: g}\n")
	for name, text := range map[string]string{"e": "from file\n", "g": "other\r\n"} {
		if err := os.WriteFile(filepath.Join(filepath.Dir(path), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"GRAPH_CLIENT_SECRET": "alias", "GENESYSCLOUD_OAUTHCLIENT_SECRET": "alias"}
	c, err := config.Load(t.Context(), config.Options{Path: path, Env: env})
	if err != nil {
		t.Fatal(err)
	}
	if got := c.EntraSecret.Reveal() + "/" + c.GenesysSecret.Reveal(); got != "from file/other" {
		t.Errorf("beside the configuration: %q", got)
	}
	env["CALLROLL_ENTRA_CLIENT_SECRET"] = "own"
	env["GENESYS_CLIENT_SECRET"], env["CALLROLL_GENESYS_CLIENT_SECRET"] = "  \n", "with a new line\n"
	if c, err = config.Load(t.Context(), config.Options{Path: path, Env: env}); err != nil || c.GenesysSecret.Reveal() != "with a new line" {
		t.Errorf("a new line at the end of a variable: %q, %v", c.GenesysSecret.Reveal(), err)
	}
	delete(env, "CALLROLL_GENESYS_CLIENT_SECRET")
	if c, err = config.Load(t.Context(), config.Options{Path: path, Env: env}); err != nil || c.EntraSecret.Reveal() != "own" {
		t.Errorf("CALLROLL_ENTRA_CLIENT_SECRET does not win: %v", err)
	}
	c, err = config.Load(t.Context(), config.Options{Path: write(t, nothing), Env: env})
	if err != nil || c.GenesysSecret.Reveal() != "alias" {
		t.Errorf("the alias: %v", err)
	}
	_, err = config.Load(t.Context(), config.Options{Path: write(t, "entra:\n  client_secret: hunter2\n")})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "client_secret_file") {
		t.Errorf("a secret in the file: %v", err)
	}
}

func TestNeeds(t *testing.T) {
	c := load(t, nothing, nil, 0)
	for name, err := range map[string]error{"entra": c.NeedEntra(), "genesys": c.NeedGenesys(), "groups": c.NeedGroups()} {
		var placed *config.Error
		if !errors.As(err, &placed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c = load(t, "genesys: {login_url: https://l.example, api_url: https://a.example, client_id: 11111111-2222-4333-8444-555555555555}\n", map[string]string{"GENESYS_CLIENT_SECRET": "s"}, 0)
	if err := c.NeedGenesys(); err != nil {
		t.Errorf("both addresses need no region: %v", err)
	}
}

// At names the place from which a value has come.
func TestAt(t *testing.T) {
	c := load(t, "\ngenesys:\n  region: mars\n", map[string]string{"GRAPH_TENANT_ID": "x.example"}, time.Second)
	for key, want := range map[string]string{
		"genesys.region": ":3: genesys.region: bad", "entra.tenant_id": "GRAPH_TENANT_ID: bad", "entra.client_id": ": entra.client_id: bad", "timeout": "--timeout: bad",
	} {
		if got := c.At(key, errors.New("bad")).Error(); !strings.HasSuffix(got, want) {
			t.Errorf("At(%s) = %q, want …%q", key, got, want)
		}
	}
	if c.At("genesys.region", nil) != nil {
		t.Error("a place makes an error of nothing")
	}
	once := c.At("genesys.region", errors.New("bad"))
	if twice := c.At("match", once); twice.Error() != once.Error() {
		t.Errorf("a second place covers the first: %q", twice)
	}
}

func TestSearchPath(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("callroll.yaml", []byte("ca_file: here"), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(t.Context(), config.Options{})
	if err != nil || c.CAFile != "here" {
		t.Errorf("callroll.yaml in the working directory: %v", err)
	}
	other := write(t, "ca_file: /there")
	if c, err = config.Load(t.Context(), config.Options{Env: map[string]string{"CALLROLL_CONFIG": other}}); err != nil || c.CAFile != "/there" {
		t.Errorf("CALLROLL_CONFIG: %v", err)
	}
}

func FuzzLoad(f *testing.F) {
	f.Add("entra: {tenant_id: x}\ngroups: [{entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3, genesys: y}]\n")
	f.Add("a: &a [*a]\n")
	f.Add("match: *x\n")
	f.Add("? [complex]\n: key\n")
	f.Fuzz(func(t *testing.T, text string) {
		_, err := config.Load(t.Context(), config.Options{Path: write(t, text)})
		var placed *config.Error
		if err != nil && !errors.As(err, &placed) {
			t.Errorf("an error without a place: %v", err)
		}
	})
}
