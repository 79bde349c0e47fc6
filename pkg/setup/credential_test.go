package setup

import (
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// A command has the environment of callroll without the secrets that are meant for callroll alone. Its output is redacted from
// then on.
func TestCommandEnvironment(t *testing.T) {
	env := map[string]string{
		"PATH": os.Getenv("PATH"), "GIVEN": "some-value-4711", "CALLROLL_ENTRA_CERTIFICATE_PASSWORD": "p", "AZURE_CLIENT_ID": "",
	}
	c := configured(t, "genesys: {client_secret_command: [sh, -c, 'echo $GIVEN[$CALLROLL_ENTRA_CERTIFICATE_PASSWORD]']}\n", env)
	redact := rest.NewRedactor()
	s, err := fromCommand(t.Context(), c, "genesys.client_secret_command", c.GenesysSecret, c.Genesys.ClientSecretCommand, Options{Env: env, Redact: redact})
	if err != nil || s.Reveal() != "some-value-4711[]" {
		t.Errorf("the command wrote %q, %v", s.Reveal(), err)
	}
	if text := redact.Text("it was some-value-4711[]", 100); strings.Contains(text, "4711") {
		t.Errorf("the output is shown: %q", text)
	}
}

// The cloud is the one of the configuration, or that of the variable that Azure's own tools use.
func TestCloudOfTheEnvironment(t *testing.T) {
	for _, test := range []struct{ text, host, graph, wrong string }{
		{"{}", "", "https://graph.microsoft.com", ""},
		{"{}", "https://login.microsoftonline.com/", "https://graph.microsoft.com", ""},
		{"{}", "https://login.microsoftonline.us/", "https://graph.microsoft.us", ""},
		{"{}", "https://login.windows.net", "https://graph.microsoft.com", ""},
		{"{}", "https://login.microsoftonline.com:443/", "https://graph.microsoft.com", ""},
		{"{}", "login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn", ""},
		{"entra: {cloud: dod}", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us", ""},
		{"{}", "https://login.evil.example", "", "AZURE_AUTHORITY_HOST: this is the sign-in of no cloud"},
		{"{}", "http://login.microsoftonline.us@evil.example", "", "AZURE_AUTHORITY_HOST: this is the sign-in of no cloud"},
	} {
		c := configured(t, test.text, map[string]string{"AZURE_AUTHORITY_HOST": test.host})
		got, err := cloud(c)
		if got.GraphURL != test.graph || (err == nil) != (test.wrong == "") || err != nil && !strings.Contains(err.Error(), test.wrong) {
			t.Errorf("%s with %q: %q, %v; want %q, %q", test.text, test.host, got.GraphURL, err, test.graph, test.wrong)
		}
	}
}

// What is wrong with a credential is found out before anything is sent.
func TestCredentialsThatCannotBeUsed(t *testing.T) {
	ids := "entra: {tenant_id: contoso.example, client_id: 11111111-2222-4333-8444-555555555555, "
	for text, test := range map[string]struct {
		word  string
		cause membership.Cause // empty for a mistake in the configuration
	}{
		ids + "certificate_file: nowhere.pem}": {word: "entra.certificate_file: cannot read the secret: no such file"},
		ids + "certificate_file: empty}":       {word: "it is empty"},
		ids + "certificate_file: text}":        {word: "neither PEM nor PFX"},
		ids + "certificate_file: text, certificate_password_command: [callroll-no-such-program]}": {word: "entra.certificate_password_command: cannot run"},
		ids + "federated_token_file: nowhere}":                                                    {word: "entra.federated_token_file: cannot read"},
		ids + "federated: github}":                                                                {word: "ACTIONS_ID_TOKEN_REQUEST_URL"},
		ids + "federated: azure-devops}":                                                          {word: "SYSTEM_OIDCREQUESTURI"},
		ids + "federated: kubernetes}":                                                            {word: "AZURE_FEDERATED_TOKEN_FILE"},
		ids + "client_secret_command: [echo, 11111111-2222-4333-8444-555555555555]}":              {word: "the id of a client secret and not its value"},
		ids + "client_secret_command: ['false']}":                                                 {word: "false failed", cause: membership.Unavailable},
		"entra: {managed_identity: production}":                                                   {word: `"production" is none of`},
		"entra: {login_url: https://login.microsoftonline.com/contoso, client_secret_command: [echo, x], tenant_id: contoso.example, client_id: 11111111-2222-4333-8444-555555555555}": {word: "login_url: leave out /contoso"},
	} {
		env := map[string]string{"PATH": os.Getenv("PATH")}
		c := configured(t, text+"\n", env)
		for name, content := range map[string]string{"empty": "\n", "text": "no certificate"} {
			if err := os.WriteFile(filepath.Join(filepath.Dir(c.Path), name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		_, err := Entra(t.Context(), c, Options{Env: env, HTTP: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			t.Errorf("%s: %s was asked", text, r.URL)
			return nil, http.ErrServerClosed
		})}})
		if err == nil || !strings.Contains(err.Error(), test.word) {
			t.Errorf("%s: %v, want %q in it", text, err, test.word)
			continue
		}
		if test.cause != "" {
			if membership.CauseOf(err) != test.cause {
				t.Errorf("%s: the cause is %s", text, membership.CauseOf(err))
			}
		} else if !errors.As(err, new(*config.Error)) {
			t.Errorf("%s: %T", text, err)
		}
	}
	if _, known := graph.CloudOfLogin("login.microsoftonline.com.evil.example"); known {
		t.Error("a host that only begins like a cloud is one")
	}
}
