package config_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/config"
)

// The way to sign in is the one that is configured, in the file or in the environment that Azure's own tools use. Two ways are
// a mistake that names both and where each comes from.
func TestAuth(t *testing.T) {
	for name, test := range map[string]struct {
		entra string
		env   map[string]string
		want  config.Auth
		says  string // where the way comes from
		wrong []string
	}{
		"nothing":                  {want: config.AuthAuto},
		"a secret file":            {entra: "client_secret_file: secret", want: config.AuthSecret, says: "callroll.yaml:1"},
		"a secret in a variable":   {env: map[string]string{"AZURE_CLIENT_SECRET": "s"}, want: config.AuthSecret, says: "AZURE_CLIENT_SECRET"},
		"a command":                {entra: "client_secret_command: [op, read, x]", want: config.AuthSecret, says: "client_secret_command in"},
		"a certificate":            {entra: "certificate_file: c.pem", want: config.AuthCertificate, says: "certificate_file in"},
		"a certificate of Azure's": {env: map[string]string{"AZURE_CLIENT_CERTIFICATE_PATH": "/c.pem"}, want: config.AuthCertificate, says: "AZURE_CLIENT_CERTIFICATE_PATH"},
		"Kubernetes": {entra: "federated: kubernetes", env: map[string]string{"AZURE_FEDERATED_TOKEN_FILE": "/t"},
			want: config.AuthFederated, says: "entra.federated in"},
		"Kubernetes by the variable": {env: map[string]string{"AZURE_FEDERATED_TOKEN_FILE": "/t"}, want: config.AuthFederated, says: "AZURE_FEDERATED_TOKEN_FILE"},
		"GitHub":                     {entra: "federated: github", want: config.AuthFederated, says: "entra.federated in"},
		"a token file":               {entra: "federated_token_file: t", want: config.AuthFederated, says: "federated_token_file in"},
		"a managed identity":         {entra: "managed_identity: system", want: config.AuthManagedIdentity, says: "managed_identity in"},
		"named":                      {entra: "auth: managed-identity", want: config.AuthManagedIdentity, says: "managed_identity"},
		"named, of two": {entra: "auth: certificate, certificate_file: c.pem", env: map[string]string{"AZURE_CLIENT_SECRET": "s"},
			want: config.AuthCertificate, says: "certificate_file in"},

		"two in the file": {entra: "client_secret_file: secret, certificate_file: c.pem",
			wrong: []string{"a client secret (entra.client_secret_file in", "a certificate (entra.certificate_file in", "callroll.yaml:1"}},
		"the file and a variable": {entra: "certificate_file: c.pem", env: map[string]string{"AZURE_CLIENT_SECRET": "s"},
			wrong: []string{"a client secret (AZURE_CLIENT_SECRET)", "a certificate (entra.certificate_file in", "set entra.auth to secret or certificate"}},
		"a pod with a secret": {entra: "client_secret_file: secret", env: map[string]string{"AZURE_FEDERATED_TOKEN_FILE": "/t"},
			wrong: []string{"a client secret (entra.client_secret_file in", "a federated token (AZURE_FEDERATED_TOKEN_FILE)"}},
		"two sources of the secret": {entra: "client_secret_file: secret, client_secret_command: [x]", wrong: []string{"client_secret_command", "remove one of them"}},
		"two sources in a pod":      {entra: "federated: kubernetes, federated_token_file: t", env: map[string]string{"AZURE_FEDERATED_TOKEN_FILE": "/t"}, wrong: []string{"entra.federated", "remove one of them"}},
		"two sources of a token": {entra: "federated: github, federated_token_file: t",
			wrong: []string{"entra.federated: there are two federated tokens: the one of github, and the file of entra.federated_token_file in ", ":1; remove one of them"}},
		"a job and a pod": {entra: "federated: azure-devops", env: map[string]string{"AZURE_FEDERATED_TOKEN_FILE": "/t"},
			wrong: []string{"entra.federated: there are two federated tokens: the one of azure-devops, and the file of AZURE_FEDERATED_TOKEN_FILE; remove one of them"}},
		"a pod, named in another way": {entra: "federated: github, auth: secret, client_secret_file: secret", env: map[string]string{"AZURE_FEDERATED_TOKEN_FILE": "/t"},
			want: config.AuthSecret, says: "client_secret_file in"},
		"the file of another way": {entra: "auth: certificate, certificate_file: c.pem, client_secret_file: nope",
			want: config.AuthCertificate, says: "certificate_file in"},
		"the path of another way": {entra: "auth: certificate, certificate_file: c.pem, client_secret_file: '${NOPE}/x'",
			want: config.AuthCertificate, says: "certificate_file in"},
		"the password of another way": {entra: "auth: secret, client_secret_file: secret, certificate_password_file: nope",
			want: config.AuthSecret, says: "client_secret_file in"},
		"the secret's id of another way": {entra: "auth: certificate, certificate_file: c.pem",
			env: map[string]string{"AZURE_CLIENT_SECRET": "11111111-2222-4333-8444-555555555555"}, want: config.AuthCertificate, says: "certificate_file in"},
		"a file that is missing":       {entra: "client_secret_file: nope, auth: secret", wrong: []string{"cannot read the secret"}},
		"a file, and auto":             {entra: "client_secret_file: nope, certificate_file: c.pem", wrong: []string{"cannot read the secret"}},
		"a file, and a misspelled way": {entra: "client_secret_file: nope, auth: certificat", wrong: []string{"cannot read the secret", "is none of"}},
		"an unknown way":               {entra: "auth: password", wrong: []string{`"password" is none of auto, secret, certificate, federated, managed-identity`}},
		"an unknown source":            {entra: "federated: gitlab", wrong: []string{`"gitlab" is none of kubernetes, github and azure-devops`, "federated_token_file"}},
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "entra: {"+test.entra+"}\n")
			if err := os.WriteFile(filepath.Join(filepath.Dir(path), "secret"), []byte("the-secret"), 0o600); err != nil {
				t.Fatal(err)
			}
			c, err := config.Load(t.Context(), config.Options{Path: path, Env: test.env})
			if test.wrong != nil {
				for _, word := range test.wrong {
					if err == nil || !strings.Contains(err.Error(), word) {
						t.Errorf("error %v, want %q in it", err, word)
					}
				}
				return
			}
			if err != nil || c.Entra.Auth != test.want || !strings.Contains(c.EntraAuth(), test.says) {
				t.Errorf("Auth is %s by %q, %v; want %s by %s", c.Entra.Auth, c.EntraAuth(), err, test.want, test.says)
			}
		})
	}
}

// A command comes before the variables of other tools, and after callroll's own variable.
func TestCommandsAndVariables(t *testing.T) {
	env := map[string]string{"GENESYS_CLIENT_SECRET": "other", "AZURE_CLIENT_SECRET": "other"}
	text := "genesys: {client_secret_command: [x]}\nentra: {client_secret_command: [x]}\n"
	if c := load(t, text, env, 0); !c.GenesysSecret.IsZero() || !c.EntraSecret.IsZero() {
		t.Errorf("the secrets are %q and %q, want those of the commands", c.GenesysSecret.Reveal(), c.EntraSecret.Reveal())
	}
	env["CALLROLL_ENTRA_CLIENT_SECRET_COMMAND"] = "[y]"
	if c := load(t, "{}", env, 0); !c.EntraSecret.IsZero() || c.Entra.ClientSecretCommand[0] != "y" {
		t.Errorf("the secret is %q, want that of the command in the environment", c.EntraSecret.Reveal())
	}
	if _, err := config.Load(t.Context(), config.Options{Path: write(t, "entra: {client_secret_command: hunter2}")}); err == nil ||
		strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "must be a list of the program") {
		t.Errorf("a text in place of a command: %v", err)
	}
	delete(env, "CALLROLL_ENTRA_CLIENT_SECRET_COMMAND")
	env["CALLROLL_GENESYS_CLIENT_SECRET"], env["CALLROLL_ENTRA_CLIENT_SECRET"] = "own", "own"
	if c := load(t, text, env, 0); c.GenesysSecret.Reveal() != "own" || c.EntraSecret.Reveal() != "own" {
		t.Errorf("the secrets are %q and %q, want callroll's own", c.GenesysSecret.Reveal(), c.EntraSecret.Reveal())
	}
}

// Nothing of Azure's environment is ignored silently.
func TestNotesOfUnusedVariables(t *testing.T) {
	id := "11111111-2222-4333-8444-555555555555"
	c := load(t, "entra:\n  auth: certificate\n  certificate_file: c.pem\n  tenant_id: contoso.example\n", map[string]string{
		"AZURE_CLIENT_CERTIFICATE_PASSWORD": "p", "IDENTITY_ENDPOINT": "http://localhost",
		"AZURE_TENANT_ID": id, "AZURE_CLIENT_ID": id, "AZURE_CLIENT_SECRET": "s3cret", "AZURE_USERNAME": "u", "AZURE_FEDERATED_TOKEN_FILE": "/t",
	}, 0)
	for _, want := range []string{
		"AZURE_TENANT_ID is not used, because of entra.tenant_id in", "AZURE_CLIENT_SECRET is not used, because entra.auth is certificate",
		"AZURE_USERNAME is not used", "IDENTITY_ENDPOINT is not used", "AZURE_FEDERATED_TOKEN_FILE is not used, because entra.auth is certificate",
	} {
		if !slices.ContainsFunc(c.Notes, func(note string) bool { return strings.Contains(note, want) }) {
			t.Errorf("no note has %q: %q", want, c.Notes)
		}
	}
	if text := strings.Join(c.Notes, "\n"); strings.Contains(text, "AZURE_CLIENT_ID") || strings.Contains(text, "s3cret") {
		t.Errorf("the notes are %s", text)
	}
}

// ~ and ${VAR} are expanded in paths, never in secrets.
func TestExpandedPaths(t *testing.T) {
	home := t.TempDir()
	for name, content := range map[string]string{"entra": "${HOME}~x", "genesys": "g"} {
		if err := os.WriteFile(filepath.Join(home, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := map[string]string{"HOME": home, "CREDENTIALS_DIRECTORY": home, "CALLROLL_STATE_DIR": "${HOME}/state"}
	c := load(t, "entra: {client_secret_file: ~/entra}\ngenesys: {client_secret_file: '${CREDENTIALS_DIRECTORY}/genesys'}\nca_file: ~other/ca\n", env, 0)
	if c.EntraSecret.Reveal() != "${HOME}~x" || c.GenesysSecret.Reveal() != "g" || c.StateDir != home+"/state" || filepath.Base(filepath.Dir(c.CAFile)) != "~other" {
		t.Errorf("the secrets are %q and %q, the paths %q and %q", c.EntraSecret.Reveal(), c.GenesysSecret.Reveal(), c.StateDir, c.CAFile)
	}
	for text, word := range map[string]string{
		"entra: {client_secret_file: '${NOWHERE}/x'}": "callroll.yaml:1: entra.client_secret_file: the variable NOWHERE is not set",
		"ca_file: ~/x": "the variable HOME is not set",
	} {
		if _, err := config.Load(t.Context(), config.Options{Path: write(t, text)}); err == nil || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want %q in it", text, err, word)
		}
	}
}

// Neither the folder in which callroll is started nor everybody who can write a file decides which program is run.
func TestPrograms(t *testing.T) {
	if c := load(t, "entra: {client_secret_command: [~/bin/op, '~']}", map[string]string{"HOME": "/home/a"}, 0); c.Entra.ClientSecretCommand[0] != "/home/a/bin/op" || c.Entra.ClientSecretCommand[1] != "~" {
		t.Errorf("the command is %q", c.Entra.ClientSecretCommand)
	}
	for _, program := range []string{"./op", "bin/op", "../op"} {
		_, err := config.Load(t.Context(), config.Options{Path: write(t, "genesys: {client_secret_command: ["+program+"]}")})
		if err == nil || !strings.Contains(err.Error(), "genesys.client_secret_command: the path of the program is relative") {
			t.Errorf("%s: %v", program, err)
		}
	}
	path := write(t, "entra: {certificate_password_command: [op]}")
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	_, err := config.Load(t.Context(), config.Options{Path: path})
	if wanted := runtime.GOOS != "windows"; (err != nil) != wanted || wanted && !strings.Contains(err.Error(), "everybody may write") {
		t.Errorf("a file that everybody may write: %v", err)
	}
}

// Ids of another form are found before anything is sent.
func TestFormOfIDs(t *testing.T) {
	id := "11111111-2222-4333-8444-555555555555"
	for text, want := range map[string]string{
		"entra: {tenant_id: " + id + ", client_id: " + strings.ToUpper(id) + "}": "",
		"entra: {tenant_id: contoso.onmicrosoft.com}":                            "",
		"entra: {tenant_id: contoso}":                                            "neither the id nor a domain",
		"entra: {client_id: callroll}":                                           "entra.client_id: \"callroll\" is not the id of a client",
		"genesys: {client_id: x}":                                                "genesys.client_id: \"x\" is not the id of a client",
	} {
		_, err := config.Load(t.Context(), config.Options{Path: write(t, text)})
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
	_, err := config.Load(t.Context(), config.Options{Path: write(t, "{}"), Env: map[string]string{"AZURE_CLIENT_SECRET": id}})
	if err == nil || !strings.Contains(err.Error(), "AZURE_CLIENT_SECRET: it holds the id of a client secret and not its value") {
		t.Errorf("the id of a secret in place of its value: %v", err)
	}
}
