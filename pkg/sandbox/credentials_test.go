package sandbox_test

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// addCredential adds a credential to a folder, and returns it with the text of the files in secrets.
func addCredential(t *testing.T, w *sandbox.World, dir string, o sandbox.CredentialOptions) (string, map[string]string) {
	t.Helper()
	credential, err := w.AddCredential(o)
	if err != nil {
		t.Fatalf("%+v: %v", o, err)
	}
	files := map[string]string{}
	entries, err := os.ReadDir(filepath.Join(dir, "secrets"))
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		path := filepath.Join(dir, "secrets", entry.Name())
		data, err := os.ReadFile(path)
		if info, statErr := os.Stat(path); err != nil || statErr != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v, mode %v", path, err, statErr, info.Mode())
		}
		files[entry.Name()] = string(data)
	}
	if credential.Shell != "" {
		if out, err := exec.Command("sh", "-ec", credential.Shell).CombinedOutput(); err != nil {
			t.Errorf("%s: %v %s", credential.Shell, err, out)
		}
	}
	return string(credential.Config), files
}

func openFolder(t *testing.T) (*sandbox.World, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "it's here")
	w, err := sandbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w, dir
}

func signInTo(t *testing.T, w *sandbox.World, cred confidential.Credential) error {
	t.Helper()
	_, err := msalSignIn(t, w, cred)
	return err
}

func certificateIn(t *testing.T, text string) (confidential.Credential, *x509.Certificate) {
	t.Helper()
	chain, key, err := confidential.CertFromPEM([]byte(text), "")
	if err != nil {
		t.Fatal(err)
	}
	return certificateCredential(t, chain[0], key), chain[0]
}

func TestAddedCertificateSignsIn(t *testing.T) {
	w, dir := openFolder(t)
	config, files := addCredential(t, w, dir, sandbox.CredentialOptions{Certificate: true, Days: 7})
	if want := "certificate_file: secrets/entra.pem\n"; !strings.Contains(config, want) || !strings.Contains(config, w.Entra().ClientID) {
		t.Errorf("configuration %s, want %s", config, want)
	}
	first, certificate := certificateIn(t, files["entra.pem"])
	if left := time.Until(certificate.NotAfter); left < 6*24*time.Hour || left > 7*24*time.Hour {
		t.Errorf("it ends in %s", left)
	}
	if err := signInTo(t, w, first); err != nil {
		t.Error(err)
	}
	_, files = addCredential(t, w, dir, sandbox.CredentialOptions{Certificate: true, Expired: true})
	second, _ := certificateIn(t, files["entra.pem"])
	if err := signInTo(t, w, second); err == nil || !strings.Contains(err.Error(), "The key used is expired") {
		t.Errorf("expired certificate: %v", err)
	}
	if err := signInTo(t, w, first); err != nil || len(w.Entra().Certificates) != 2 {
		t.Errorf("the first of %d certificates: %v", len(w.Entra().Certificates), err)
	}
}

func TestAddedTokenFileSignsIn(t *testing.T) {
	for kind, want := range map[string]string{"kubernetes": "federated: kubernetes\n", "file": "federated_token_file: secrets/file.jwt\n"} {
		w, dir := openFolder(t)
		config, files := addCredential(t, w, dir, sandbox.CredentialOptions{Federated: kind})
		if !strings.Contains(config, want) {
			t.Errorf("configuration %s, want %s", config, want)
		}
		if err := signInTo(t, w, tokenCredential(files[kind+".jwt"])); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
		before := w.Entra()
		_, files = addCredential(t, w, dir, sandbox.CredentialOptions{Federated: kind, Expired: true})
		if diff := cmp.Diff(before, w.Entra()); diff != "" {
			t.Errorf("%s again: %s", kind, diff)
		}
		if err := signInTo(t, w, tokenCredential(files[kind+".jwt"])); err == nil || !strings.Contains(err.Error(), "AADSTS700024") {
			t.Errorf("%s, expired: %v", kind, err)
		}
		if kind == "kubernetes" {
			path, err := filepath.Abs(filepath.Join(dir, "secrets", "kubernetes.jwt"))
			if got := environment(files["kubernetes.env"])["AZURE_FEDERATED_TOKEN_FILE"]; err != nil || got != path {
				t.Errorf("AZURE_FEDERATED_TOKEN_FILE is %s, want %s", got, path)
			}
		}
	}
}

func tokenCredential(text string) confidential.Credential {
	return confidential.NewCredFromAssertionCallback(func(context.Context, confidential.AssertionRequestOptions) (string, error) {
		return strings.TrimSpace(text), nil
	})
}

// environment reads the variables of an environment file.
func environment(script string) map[string]string {
	values := map[string]string{}
	for _, match := range regexp.MustCompile(`(?m)^export (\w+)='(.*)'$`).FindAllStringSubmatch(script, -1) {
		values[match[1]] = strings.ReplaceAll(match[2], `'\''`, "'")
	}
	return values
}

func TestAddedPipelineSignsIn(t *testing.T) {
	w, dir := openFolder(t)
	addCredential(t, w, dir, sandbox.CredentialOptions{Federated: "github"})
	_, files := addCredential(t, w, dir, sandbox.CredentialOptions{Federated: "azure-devops"})
	github, devOps := environment(files["github.env"]), environment(files["azure-devops.env"])
	a := get(t, w, github["ACTIONS_ID_TOKEN_REQUEST_URL"]+"&audience="+tokenExchange,
		"Authorization: Bearer "+github["ACTIONS_ID_TOKEN_REQUEST_TOKEN"])
	if err := signInTo(t, w, tokenCredential(a.at("value").(string))); err != nil {
		t.Errorf("github: %v", err)
	}
	target := devOps["SYSTEM_OIDCREQUESTURI"] + "?api-version=7.1&serviceConnectionId=" + devOps["AZURESUBSCRIPTION_SERVICE_CONNECTION_ID"]
	a = ask(t, w, "POST", target, "", "Authorization: Bearer "+devOps["SYSTEM_ACCESSTOKEN"])
	if err := signInTo(t, w, tokenCredential(a.at("oidcToken").(string))); err != nil {
		t.Errorf("azure devops: %v", err)
	}
}

func TestAddedManagedIdentitySignsIn(t *testing.T) {
	w, dir := openFolder(t)
	config, files := addCredential(t, w, dir, sandbox.CredentialOptions{ManagedIdentity: true})
	if config != "entra:\n  managed_identity: system\n" {
		t.Errorf("configuration %s", config)
	}
	before := w.Entra()
	addCredential(t, w, dir, sandbox.CredentialOptions{ManagedIdentity: true})
	if diff := cmp.Diff(before, w.Entra()); diff != "" {
		t.Errorf("again: %s", diff)
	}
	values := environment(files["app-service.env"])
	for _, a := range []answer{
		get(t, w, imdsURL, metadata),
		get(t, w, imdsURL+"&client_id="+before.ManagedIdentities.UserAssigned[0].ClientID, metadata),
		get(t, w, values["IDENTITY_ENDPOINT"]+"?api-version=2019-08-01&resource="+graphHost, "X-IDENTITY-HEADER: "+values["IDENTITY_HEADER"]),
	} {
		if a.status != 200 {
			t.Errorf("%d %s", a.status, a.text)
		}
	}
}

func TestCredentialOptions(t *testing.T) {
	w, _ := openFolder(t)
	for want, o := range map[string]sandbox.CredentialOptions{
		"choose one of":               {},
		"choose one of --certificate": {Certificate: true, ManagedIdentity: true},
		`"aws" is none of kubernetes`: {Federated: "aws"},
		"--days: -1 is not between":   {Certificate: true, Days: -1},
		"--days: 3651 is not between": {Certificate: true, Days: 3651},
		"--days is for a certificate": {Federated: "file", Days: 1},
		"that has not expired":        {Certificate: true, Days: 1, Expired: true},
		"--expired is for":            {ManagedIdentity: true, Expired: true},
		"--expired is for a":          {Federated: "github", Expired: true},
	} {
		if _, err := w.AddCredential(o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", o, err, want)
		}
	}
	if _, err := small().AddCredential(sandbox.CredentialOptions{Certificate: true}); err == nil {
		t.Error("a credential without a folder")
	}
	if block, _ := pem.Decode([]byte(strings.Join(w.Entra().Certificates, ""))); block != nil {
		t.Error("an option that was refused has made a certificate")
	}
}
