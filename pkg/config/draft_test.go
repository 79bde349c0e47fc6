package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/secret"
)

// What a draft was given is what Load reads from its text, whatever characters YAML gives a meaning to.
func TestDraftIsRead(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOfN(rapid.RuneFrom([]rune("ab0 :#'\"[]{},&*!|>%@`-?~=<é\\🙂")), 1, 20, -1)
		word := text.Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
		scope, arguments := word.Draw(t, "scope"), rapid.SliceOfN(word, 1, 4).Draw(t, "arguments")
		var d config.Draft
		if err := d.Set("genesys.scope", scope); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(t.Context(), config.Options{Path: "callroll.yaml", Draft: d.Text()})
		if err != nil || c.Genesys.Scope != scope {
			t.Fatalf("%q became %q, %v in\n%s", scope, c.Genesys.Scope, err, d.Text())
		}
		command := config.Draft{}
		if err := command.Set("genesys.client_secret_command", "["+strings.Join(quotedAll(arguments), ", ")+", end]"); err != nil {
			t.Fatal(err)
		}
		again := config.Draft{}
		if err := again.Set("genesys.client_secret_command", command.Get("genesys.client_secret_command")); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(command.Text()), string(again.Text())); diff != "" {
			t.Fatal(diff)
		}
		c, err = config.Load(t.Context(), config.Options{Path: "callroll.yaml", Draft: command.Text()})
		if c == nil || !cmp.Equal(c.Genesys.ClientSecretCommand[1:], append(arguments, "end")[1:]) {
			t.Fatalf("%q, %v in\n%s", arguments, err, command.Text())
		}
	})
}

func quotedAll(words []string) (quoted []string) {
	for _, word := range words {
		quoted = append(quoted, "'"+strings.ReplaceAll(word, "'", "''")+"'")
	}
	return quoted
}

// The text of a draft with everything that callroll init sets.
func TestDraftText(t *testing.T) {
	var d config.Draft
	for key, value := range map[string]string{
		"genesys.region": "mypurecloud.ie", "entra.tenant_id": "contoso.onmicrosoft.com", "entra.auth": "secret",
		"genesys.client_secret_command": "op, read, 'op://callroll/genesys, too'", "ca_file": "/etc/ssl/proxy.pem",
		"entra.send_x5c": "true",
	} {
		if err := d.Set(key, value); err != nil {
			t.Errorf("%s: %v", key, err)
		}
	}
	d.Note("entra.client_secret_file", "the client secret is in the variable GRAPH_CLIENT_SECRET")
	d.Groups = "  - name: Billing\n    entra: 9f38f614-5202-483c-b823-0b9b342dd812\n    genesys: Billing\n"
	lines := []string{}
	for line := range strings.Lines(string(d.Text())) {
		if !strings.HasPrefix(line, "#") && line != "\n" {
			lines = append(lines, line)
		}
	}
	const want = `ca_file: /etc/ssl/proxy.pem
entra:
  tenant_id: contoso.onmicrosoft.com
  auth: secret
  # the client secret is in the variable GRAPH_CLIENT_SECRET
  send_x5c: true
genesys:
  region: mypurecloud.ie
  client_secret_command: [op, read, 'op://callroll/genesys, too']
groups:
  - name: Billing
    entra: 9f38f614-5202-483c-b823-0b9b342dd812
    genesys: Billing
`
	if diff := cmp.Diff(want, strings.Join(lines, "")); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	d.Delete("ca_file")
	d.Delete("entra.client_secret_file")
	if text := string(d.Text()); strings.Contains(text, "proxy") || strings.Contains(text, "GRAPH") {
		t.Errorf("what was deleted is still there: %s", text)
	}
}

// The comments of a new configuration fit on a narrow terminal.
func TestDraftIsNarrow(t *testing.T) {
	var d config.Draft
	for line := range strings.Lines(string(d.Text())) {
		if len(line) > 81 {
			t.Errorf("a line has %d columns: %s", len(line)-1, line)
		}
	}
}

// A draft refuses what cannot be a value of the key.
func TestDraftRefuses(t *testing.T) {
	for key, value := range map[string]string{
		"genesys.regions": "x", "genesys.region": "a\nb", "entra.tenant_id": "a\x1b[2J", "entra.client_id": "a\u2028b",
		"entra.graph_url": "\u202eb", "entra.send_x5c": "perhaps",
		"genesys.client_secret_command": "op read x",
	} {
		if err := new(config.Draft).Set(key, value); err == nil {
			t.Errorf("%s takes %q", key, value)
		}
	}
}

// A mistake in a draft has no line, because there is no file yet. Its secrets come from the caller, and its paths are beside the
// file that it will be.
func TestDraftMistakes(t *testing.T) {
	var d config.Draft
	for key, value := range map[string]string{
		"entra.tenant_id": "not a tenant", "genesys.client_secret_file": "new.secret", "ca_file": "ca.pem",
	} {
		if err := d.Set(key, value); err != nil {
			t.Fatal(err)
		}
	}
	c, err := config.Load(t.Context(), config.Options{
		Path: "/nowhere/callroll.yaml", Draft: d.Text(),
		Secrets: map[string]secret.String{"genesys.client_secret_file": secret.New("typed")},
	})
	if err == nil || err.Error() != `entra.tenant_id: "not a tenant" is neither the id nor a domain of a tenant` {
		t.Errorf("the mistake is %v", err)
	}
	if c.GenesysSecret.Reveal() != "typed" || c.File("ca_file") != "/nowhere/ca.pem" || c.File("timeout") != "" || c.Source("ca_file") != "ca_file" {
		t.Errorf("read %v, %s, %s", c.GenesysSecret.IsZero(), c.CAFile, c.Source("ca_file"))
	}
	if err := c.NeedGroups(); err == nil || !strings.HasPrefix(err.Error(), "groups: there is no group to keep") {
		t.Errorf("without groups: %v", err)
	}
}

// A draft takes what is configured, with paths that hold anywhere.
func TestDraftTakes(t *testing.T) {
	c, err := config.Load(t.Context(), config.Options{
		Path: "/nowhere/callroll.yaml", Draft: []byte("entra: {client_secret_file: secrets/entra, tenant_id: a.example}"),
		Env: map[string]string{"GENESYSCLOUD_REGION": "eu-west-1", "GENESYS_CLIENT_ID": "a\nb"}, WithoutSecrets: true,
	})
	if err != nil && c == nil {
		t.Fatal(err)
	}
	var d config.Draft
	d.Take(c, []string{"entra.client_secret_file", "genesys.region", "genesys.client_id"})
	for key, want := range map[string]string{
		"entra.client_secret_file": "/nowhere/secrets/entra", "genesys.region": "eu-west-1", "entra.tenant_id": "",
		"genesys.client_id": "",
	} {
		if got := d.Get(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}
