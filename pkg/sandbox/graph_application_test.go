package sandbox_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

func applicationURL(client int) string {
	return graphHost + "/v1.0/applications(appId='" + id(client) + "')"
}

// withRole returns a World whose tokens have one role.
func withRole(role string, change func(*sandbox.Entra)) *sandbox.World {
	e := smallEntra()
	e.Roles = []string{role}
	change(&e)
	return sandbox.New(e, smallGenesys())
}

func TestApplicationShowsWhenItsCredentialsEnd(t *testing.T) {
	end := time.Now().Add(20 * 24 * time.Hour).UTC().Truncate(time.Second)
	good := certificate(t, rsaKeys()[0], -time.Hour, time.Hour)
	w := withRole("Application.ReadWrite.OwnedBy", func(e *sandbox.Entra) {
		e.ClientSecretExpires, e.Certificates = end, []string{pemText(good)}
	})
	a := get(t, w, applicationURL(91)+"?$select=passwordCredentials,keyCredentials", graphToken(t, w))
	ends := func(name string) (found []any) {
		list, _ := a.at(name).([]any)
		for _, item := range list {
			found = append(found, item.(map[string]any)["endDateTime"])
		}
		return found
	}
	if diff := cmp.Diff([]any{end.Format(time.RFC3339)}, ends("passwordCredentials")); diff != "" {
		t.Errorf("%d %s: %s", a.status, a.text, diff)
	}
	if diff := cmp.Diff([]any{good.NotAfter.Format(time.RFC3339)}, ends("keyCredentials")); diff != "" {
		t.Errorf("%d %s: %s", a.status, a.text, diff)
	}
	secrets, _ := a.at("passwordCredentials").([]any)
	if len(secrets) != 1 || secrets[0].(map[string]any)["hint"] != w.Entra().ClientSecret[:3] {
		t.Errorf("the hint is not the beginning of the secret: %s", a.text)
	}
	if a.at("appId") != nil {
		t.Errorf("a property that was not selected: %s", a.text)
	}
	if a = get(t, w, applicationURL(91), graphToken(t, w)); a.at("appId") != id(91) {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestApplicationWithoutSecret(t *testing.T) {
	good := certificate(t, rsaKeys()[0], -time.Hour, time.Hour)
	w := withRole("Application.Read.All", func(e *sandbox.Entra) { e.ClientSecret, e.Certificates = "", []string{pemText(good)} })
	token := signIn(t, w, newClientAssertion(good, rsaKeys()[0]).encode(t)).at("access_token").(string)
	a := get(t, w, applicationURL(91), "Authorization: Bearer "+token)
	if list, ok := a.at("passwordCredentials").([]any); !ok || len(list) != 0 {
		t.Errorf("%d %s", a.status, a.text)
	}
}

func TestApplicationIsRefused(t *testing.T) {
	for _, c := range []struct {
		role, url string
		status    int
	}{
		{"User.Read.All", applicationURL(91), 403},
		{"Application.Read.All", applicationURL(92), 404},
		{"Application.Read.All", applicationURL(91) + "?$select=password", 400},
		{"Application.Read.All", applicationURL(91) + "?$expand=owners", 400},
		{"Application.Read.All", graphHost + "/v1.0/applications", 400},
	} {
		w := withRole(c.role, func(*sandbox.Entra) {})
		if a := get(t, w, c.url, graphToken(t, w)); a.status != c.status {
			t.Errorf("%s: GET %s: %d %s, want %d", c.role, c.url, a.status, a.text, c.status)
		}
	}
}

func TestClientSecretExpires(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := withRole("User.Read.All", func(e *sandbox.Entra) { e.ClientSecretExpires = time.Now().Add(time.Hour) })
		form := entraForm(w.Entra(), graphHost+"/.default")
		checkCode(t, signIn(t, w, form), 0)
		time.Sleep(time.Hour)
		checkCode(t, signIn(t, w, form), 7000222)
	})
}
