package config_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/membership"
)

// mistakes returns a line for each thing that is wrong with a configuration, without the path of its file.
func mistakes(t *testing.T, text string, env map[string]string) []string {
	t.Helper()
	path := write(t, text)
	_, err := config.Load(t.Context(), config.Options{Path: path, Env: env})
	if err == nil {
		return nil
	}
	return strings.Split(strings.ReplaceAll(err.Error(), path, "F"), "\n")
}

func wantMistakes(t *testing.T, text string, env map[string]string, want ...string) {
	t.Helper()
	got := mistakes(t, text, env)
	short := func(lines []string) (out []string) {
		for i, line := range lines {
			if i < len(want) && strings.HasSuffix(want[i], "…") && strings.HasPrefix(line, strings.TrimSuffix(want[i], "…")) {
				line = want[i]
			}
			out = append(out, line)
		}
		return out
	}
	if diff := cmp.Diff(want, short(got)); diff != "" {
		t.Errorf("%s\n-want +got\n%s", text, diff)
	}
}

// Every mistake is reported at once, whatever finds it, and by file and line; what is in no file comes last.
func TestEveryMistakeAtOnce(t *testing.T) {
	wantMistakes(t, `timeout: 0s
retry: {attempts: 0, base: soon, max: soon}
groups:
  - genesys: Sales
    entra: [Sales Team, 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3]
    nested: sometimes
    exclude: [Temps, Interns]
  - Support
  - {}
  - genesys: [Sales]
    enrta: 9f38f614-5202-483c-b823-0b9b342dd812
  - genesys: Sales
    entra: 9f38f614-5202-483c-b823-0b9b342dd812
entra:
  client_secret: hunter2
  client_secret_file: nowhere
  tenant_id: contoso/x
genesys: single
match: {upn: mail}
match: [mail]
mach: x
ca_file: [x]
`, map[string]string{"CALLROLL_LIMITS_ADD_FLOOR": "many", "CALLROLL_GENESIS_REGION": "x", "CALLROLL_STATE_DIR": "state"},
		"F:1: timeout: must be a duration like 10m: no run may go on for ever",
		"F:2: retry.attempts: must be at least 1: a request is sent once",
		`F:2: retry.base: must be a duration like 30s, 10m or 7d, not "soon"`,
		`F:2: retry.max: must be a duration like 30s, 10m or 7d, not "soon"`,
		`F:5: groups[0].entra: "Sales Team" is not an object id…`,
		`F:6: groups[0].nested: must be true or false, not "sometimes"`,
		`F:7: groups[0].exclude: "Temps" is neither…`,
		`F:7: groups[0].exclude: "Interns" is neither…`,
		"F:8: groups[1]: must be keys like entra and genesys, not a single value",
		"F:9: groups[2]: has no genesys…",
		"F:9: groups[2]: has no entra…",
		"F:10: groups[3].genesys: must be text, not a list",
		"F:11: groups[3].enrta: unknown key; did you mean entra?",
		`F:12: groups[4]: is called "Sales" like groups[0]; give one of them another name`,
		`F:12: groups[4].genesys: "Sales" is the target of groups[0] already…`,
		"F:15: entra.client_secret: a secret does not belong in this file…",
		"F:16: entra.client_secret_file: cannot read the secret: no such file…",
		`F:17: entra.tenant_id: "contoso/x" is neither…`,
		"F:18: genesys: must be keys with values, not a single value",
		"F:19: match: must be a list of texts, not a mapping",
		"F:20: match: is set twice, first in line 19",
		"F:21: mach: unknown key; did you mean match?",
		"F:22: ca_file: must be text, not a list",
		"CALLROLL_GENESIS_REGION: no setting has this name; did you mean CALLROLL_GENESYS_REGION?",
		"CALLROLL_LIMITS_ADD_FLOOR: must be a whole number from 0, not \"many\"",
		`CALLROLL_STATE_DIR: "state" is relative…`,
	)
}

// A key that is set twice hides nothing: neither what is wrong with the second value, nor what is missing beside it.
func TestTwiceHidesNothing(t *testing.T) {
	wantMistakes(t, `timeout: 5m
timeout: soon
groups:
  - {genesys: Sales, entra: Sales Team}
groups:
  - genesys: Sales
    entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3
    nested: true
    nested: maybe
entra: {cloud: [x]}
entra:
  tenant_id: contoso/x
  tenat_id: x
`, nil,
		"F:2: timeout: is set twice, first in line 1",
		`F:2: timeout: must be a duration like 30s, 10m or 7d, not "soon"`,
		`F:4: groups[0].entra: "Sales Team" is not an object id…`,
		"F:5: groups: is set twice, first in line 3",
		`F:6: groups[1]: is called "Sales" like groups[0]; give one of them another name`,
		`F:6: groups[1].genesys: "Sales" is the target of groups[0] already…`,
		"F:9: groups[1].nested: is set twice, first in line 8",
		`F:9: groups[1].nested: must be true or false, not "maybe"`,
		"F:10: entra.cloud: must be text, not a list",
		"F:11: entra: is set twice, first in line 10",
		`F:12: entra.tenant_id: "contoso/x" is neither…`,
		"F:13: entra.tenat_id: unknown key; did you mean entra.tenant_id?",
	)
	c, _ := config.Load(t.Context(), config.Options{Path: write(t, "entra: {tenant_id: t}\nentra: {cloud: global}\n")})
	if err := c.NeedEntra(); err == nil || !strings.Contains(err.Error(), "entra.client_id: is not set") {
		t.Errorf("%v; want the client id to be missing", err)
	}
}

// The YAML reader stops at an anchor that is not there, and the other mistakes are reported all the same, each with its line.
func TestMissingAnchors(t *testing.T) {
	const missing = "a value that begins with * refers to an anchor, and there is none before it; put the value in quotes if it is text"
	wantMistakes(t, `# the calls
---
timeout: 0s
ca_file: *root
match: [mail, *key]
groups:
  - genesys: Sales
    entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3
    protect: [*everybody, "*@x"]
    nested: maybe
  - <<: *common
    mode: [x]
  - *support
  - {genesys: *root, entra: x}
genesys: {<<: *api, regoin: x}
`, nil,
		"F:3: timeout: must be a duration like 10m: no run may go on for ever",
		"F:4: ca_file: "+missing,
		"F:5: match: "+missing,
		"F:9: groups[0].protect: "+missing,
		`F:10: groups[0].nested: must be true or false, not "maybe"`,
		"F:11: groups[1].<<: "+missing,
		"F:12: groups[1].mode: must be text, not a list",
		"F:13: groups[2]: "+missing,
		"F:14: groups[3].genesys: "+missing,
		`F:14: groups[3].entra: "x" is not an object id…`,
		"F:15: genesys.<<: "+missing,
		"F:15: genesys.regoin: unknown key; did you mean genesys.region?",
	)
	wantMistakes(t, "{timeout: *x}", nil, "F: not YAML: "+missing)
	wantMistakes(t, "timeout: 0s\n---\nmatch: mail\n", nil,
		"F:1: timeout: must be a duration like 10m: no run may go on for ever",
		"F:2: a configuration is one YAML document, and here another one begins")
}

// A group that is named twice was probably meant to be another one. Under exclude and protect nobody is harmed by it.
func TestTwiceInAList(t *testing.T) {
	wantMistakes(t, `groups:
  - genesys: Sales
    entra: [1bb21836-d6ec-41ee-8ac6-c8991ed36fd3, 1BB21836-D6EC-41EE-8AC6-C8991ED36FD3, 9f38f614-5202-483c-b823-0b9b342dd812]
    exclude: [a@x, 9f38f614-5202-483c-b823-0b9b342dd812, A@x]
    protect: [b@x, B@x, b@x]
`, nil,
		`F:3: groups[0].entra: "1bb21836-d6ec-41ee-8ac6-c8991ed36fd3" is in the list twice; was another one meant?`,
	)
}

// A secret in the place of any other value is not shown, with white space in it or without.
func TestPastedSecrets(t *testing.T) {
	for _, pasted := range []string{"abC8Q~Vg6hJ_kL0pQrStUvWxYz.1234567890AbC", "abC8Q~Vg6hJ_kL0pQrSt UvWxYz.1234567890AbC"} {
		for _, text := range []string{
			"entra: {tenant_id: %q}", "entra: {client_secret_file: %q}", "genesys: {requests_per_minute: %q}", "timeout: %q", "disabled_users: %q",
			"groups: [{genesys: a, entra: %q}]", "groups: [{genesys: a, entra: x, exclude: %q}]", "groups: [{genesys: a, entra: x, unmatched: %q}]",
			"groups: [{name: a, genesys: a, entra: x}, {genesys: %[1]q, entra: x}, {genesys: %[1]q, entra: x}]", "%q: x", "groups: [{nested: %q}]",
		} {
			said := strings.Join(mistakes(t, fmt.Sprintf(text, pasted), nil), "\n")
			if said == "" || strings.Contains(said, "hJ_kL0p") || strings.Contains(said, "Yz.123") {
				t.Errorf("%s: %s", text, said)
			}
		}
		c := load(t, fmt.Sprintf("ca_file: %q", pasted), nil, 0)
		_, err := os.ReadFile(c.CAFile)
		said := c.At("ca_file", err).Error()
		if strings.Contains(said, "Yz.123") || !strings.Contains(said, "ca_file: ") {
			t.Errorf("ca_file: %s", said)
		}
		for variable, key := range map[string]string{"CALLROLL_CA_FILE": "ca_file", "GENESYSCLOUD_REGION": "genesys.region"} {
			c := load(t, nothing, map[string]string{variable: pasted}, 0)
			if said := c.At(key, errors.New(pasted+" is nothing")).Error(); strings.Contains(said, "Yz.123") {
				t.Errorf("%s: %s", variable, said)
			}
		}
		said = strings.Join(mistakes(t, nothing, map[string]string{"CALLROLL_TIMEOUT": pasted, "CALLROLL_STATE_DIR": pasted}), "\n")
		if strings.Contains(said, "Yz.123") || strings.Count(said, "\n") != 1 {
			t.Errorf("in the environment: %s", said)
		}
	}
}

// What is wrong is not missing besides, and what is missing is said at once.
func TestMissing(t *testing.T) {
	for text, want := range map[string]int{
		nothing: 6, "entra: [x]": 3, "genesys: {regoin: x}": 5, "entr: {}": 3,
		"entra: {client_secret_file: nowhere, client_id: []}": 4,
	} {
		c, _ := config.Load(t.Context(), config.Options{Path: write(t, text)})
		var many config.Errors
		if err := config.Join(c.NeedEntra(), c.NeedGenesys()); !errors.As(err, &many) || len(many) != want {
			t.Errorf("%s: %v; want %d things that are missing", text, err, want)
		}
	}
	c, _ := config.Load(t.Context(), config.Options{Path: write(t, "groups: x")})
	if err := c.NeedGroups(); err != nil {
		t.Errorf("groups that are no list: %v besides", err)
	}
}

// What is no UTF-8 is named by its line.
func TestNotUTF8(t *testing.T) {
	path := write(t, "timeout: 5m\nname: B\xfcro\n")
	_, err := config.Load(t.Context(), config.Options{Path: path})
	if want := path + ":2: a character is not in UTF-8; save the file as UTF-8"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// A merge key brings keys that the mapping does not have itself. What is wrong with them is reported once, where it stands.
func TestMergeKey(t *testing.T) {
	const ids = "1bb21836-d6ec-41ee-8ac6-c8991ed36fd3"
	c := load(t, `
x-common: &common {mode: add-only, protect: [svc-*], nested: true}
x-entra: &entra {client_id: 11111111-2222-4333-8444-555555555555, cloud: usgov}
x-other: &other
  <<: *common
  nested: false
  allow_empty: true
entra: {<<: *entra, cloud: china, tenant_id: t.example}
groups:
  - &first
    genesys: A
    entra: `+ids+`
    <<: *common
  - <<: [*other, *first]
    genesys: B
  - {<<: *first, name: C, genesys: C, mode: paused}
`, nil, 0)
	want := []config.Group{
		{Name: "A", Genesys: "A", Entra: []string{ids}, Mode: "add-only", Protect: []string{"svc-*"}, Nested: true},
		{Name: "B", Genesys: "B", Entra: []string{ids}, Mode: "add-only", Protect: []string{"svc-*"}, AllowEmpty: true},
		{Name: "C", Genesys: "C", Entra: []string{ids}, Mode: "paused", Protect: []string{"svc-*"}, Nested: true},
	}
	if diff := cmp.Diff(want, c.Groups); diff != "" {
		t.Errorf("groups: -want +got\n%s", diff)
	}
	if e := c.Entra; e.ClientID != "11111111-2222-4333-8444-555555555555" || e.Cloud != "china" || e.TenantID != "t.example" {
		t.Errorf("entra: %+v", e)
	}
	for key, line := range map[string]int{
		"groups[1].mode": 2, "groups[1].nested": 6, "groups[1].entra": 12, "groups[2].mode": 16,
		"entra.client_id": 3, "entra.cloud": 8,
	} {
		if got := c.At(key, errors.New("bad")).Error(); !strings.Contains(got, fmt.Sprintf(".yaml:%d: %s: bad", line, key)) {
			t.Errorf("At(%s) = %s, want line %d", key, got, line)
		}
	}
}

func TestMergeKeyMistakes(t *testing.T) {
	wantMistakes(t, `x-common: &common
  nested: sometimes
  protecd: [x]
groups:
  - {genesys: A, entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3, <<: *common}
  - {genesys: B, entra: 9f38f614-5202-483c-b823-0b9b342dd812, <<: *common}
  - {genesys: C, entra: 9f38f614-5202-483c-b823-0b9b342dd812, <<: [Sales]}
  - &own {genesys: D, entra: 9f38f614-5202-483c-b823-0b9b342dd812, <<: *own}
  - {genesys: E, entra: 9f38f614-5202-483c-b823-0b9b342dd812, "<<": *common}
`, nil,
		`F:2: groups[0].nested: must be true or false, not "sometimes"`,
		"F:3: groups[0].protecd: unknown key; did you mean protect?",
		"F:7: groups[2].<<: merges mappings, and here is a single value",
		"F:8: groups[3].<<: merges a mapping into itself",
		"F:9: groups[4].<<: unknown key",
	)
	// Each of these merges the one before it twice. That has to be no work of a power of two.
	text := "x-0: &a0 {nested: true}\n"
	for i := range 100 {
		text += fmt.Sprintf("x-%d: &a%d {<<: [*a%d, *a%d]}\n", i+1, i+1, i, i)
	}
	text += "groups: [{genesys: A, entra: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3, <<: *a100}]\n"
	if c := load(t, text, nil, 0); !c.Groups[0].Nested {
		t.Error("a hundred anchors, each of which merges another, bring nothing")
	}
}

// A known key that is misspelled is a slip, also where it has to do with secrets; anything else of that kind is a secret.
func TestSlipOrSecret(t *testing.T) {
	const secret = "abC8Q~Vg6hJ_kL0pQrStUvWxYz.1234567890AbC"
	const file, refused = "client_secret_file?", "a secret does not belong"
	for name, want := range map[string]string{
		"client_secret_fil": file, "client_secret_flie": file, "client_secretfile": file, "clientsecret_file": file,
		"Client_Secret_File": file, "client_secret_file=x": file,
		"client_secret": refused, "client_secrt": refused, "clientSecret": refused, "secret": refused, "password": refused,
		"login_ur": "login_url?", "client_di": "client_id?",
	} {
		for _, section := range []string{"entra", "genesys"} {
			got := mistakes(t, fmt.Sprintf("%s: {%s: '%s'}\n", section, name, secret), nil)
			wanted := want
			if strings.HasSuffix(want, "?") {
				wanted = "did you mean " + section + "." + want
			}
			if len(got) != 1 || !strings.Contains(got[0], wanted) || strings.Contains(got[0], secret) {
				t.Errorf("%s.%s: %q, want %s", section, name, got, wanted)
			}
		}
	}
	wantMistakes(t, "qqqq: 1\n", nil, "F:1: qqqq: unknown key")
	wantMistakes(t, "x-common: {a: [{client_secret: hunter2, client_secret_file: x}]}\n", nil,
		"F:1: x-common.client_secret: a secret does not belong…")
}

// A file that cannot be one has a sentence of its own.
func TestNoConfiguration(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		write(t, ""): "it is empty", write(t, "\ufeff\r\n"): "it is empty", dir: "it is a folder, not a file",
		filepath.Join(dir, "none.yaml"): "no such file or directory", write(t, strings.Repeat("#", 17<<20)): "it is larger than",
	} {
		c, err := config.Load(t.Context(), config.Options{Path: path})
		var placed *config.Error
		if c != nil || !errors.As(err, &placed) || !strings.HasPrefix(err.Error(), path+": the configuration cannot be read: "+want) {
			t.Errorf("%s: %v, want %s", path, err, want)
		}
	}
	t.Chdir(dir)
	c, err := config.Load(t.Context(), config.Options{})
	if err != nil {
		t.Skip("this machine has a configuration: ", err)
	}
	want := fmt.Sprintf("no callroll.yaml in %s; callroll looked at %s and /etc/callroll/callroll.yaml",
		dir, filepath.Join(dir, "callroll.yaml"))
	if err := c.NeedGroups(); err == nil || err.Error() != want {
		t.Errorf("no file: %v\nwant %s", err, want)
	} else if hint := membership.HintOf(err); hint != "callroll init writes one; name another file with --config or the variable CALLROLL_CONFIG" {
		t.Errorf("no file: hint %q", hint)
	}
	if err := os.Symlink("nowhere", "callroll.yaml"); err != nil {
		t.Fatal(err)
	}
	_, err = config.Load(t.Context(), config.Options{})
	if err == nil || !strings.HasPrefix(err.Error(), "callroll.yaml: the configuration cannot be read") {
		t.Errorf("a link that leads nowhere: %v", err)
	}
}

// What was copied with white space around it is the same id and the same secret.
func TestTrimmed(t *testing.T) {
	c := load(t, "entra: {client_id: \"11111111-2222-4333-8444-555555555555\\n\", tenant_id: ' t.example '}\n", map[string]string{
		"GENESYS_CLIENT_ID": "\ufeff11111111-2222-4333-8444-555555555555\r\n", "GRAPH_CLIENT_SECRET": "\ufeff s\r\n\r\n",
		"CALLROLL_GENESYS_CLIENT_SECRET": "\ufeff\n", "GENESYS_CLIENT_SECRET": "x\n",
	}, 0)
	got := []string{c.Entra.ClientID, c.Entra.TenantID, c.Genesys.ClientID, c.EntraSecret.Reveal(), c.GenesysSecret.Reveal()}
	if diff := cmp.Diff([]string{"11111111-2222-4333-8444-555555555555", "t.example", "11111111-2222-4333-8444-555555555555", "s", "x"}, got); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
}

// A secret in the file is answered with the variables of its own side.
func TestVariableOfASecret(t *testing.T) {
	for key, want := range map[string]string{
		"entra: {client_secret: x}":   "in the variable GRAPH_CLIENT_SECRET",
		"genesys: {client_secret: x}": "in the variable GENESYS_CLIENT_SECRET",
		"client_secret: x":            "in the variable GRAPH_CLIENT_SECRET or GENESYS_CLIENT_SECRET",
	} {
		path := filepath.Join(t.TempDir(), "callroll.yaml")
		if err := os.WriteFile(path, []byte(key+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := config.Load(t.Context(), config.Options{Path: path})
		if err == nil || !strings.Contains(err.Error(), "does not belong in this file") || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", key, err)
		}
	}
}
