package main

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/secret"
	"github.com/callroll/callroll/pkg/setup"
)

// projectFile returns a file of the project.
func projectFile(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("../..", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// The service calls callroll as the package installs it: the program, the user, the folders and the secrets exist there.
func TestPackagedService(t *testing.T) {
	service := unit(t, "callroll.service", projectFile(t, ".packaging/callroll.service"))
	one := func(key string) string {
		if len(service[key]) != 1 {
			t.Errorf("%s has the values %q, want one", key, service[key])
			return ""
		}
		return service[key][0]
	}
	command := strings.Fields(one("Service.ExecStart"))
	if got := checkCommand(t, command); got != "/etc/callroll/callroll.yaml" {
		t.Errorf("the service reads %s", got)
	}
	packages := releaseConfiguration(t).Packages[0]
	if want := packages.Bindir + "/callroll"; command[0] != want {
		t.Errorf("the service runs %s, and the package has %s", command[0], want)
	}
	user := strings.Fields(projectFile(t, ".packaging/callroll.sysusers"))
	if user[0] != "u" || one("Service.User") != user[1] || one("Service.Group") != user[1] {
		t.Errorf("the service runs as %q and %q, and the package creates %q", service["Service.User"], service["Service.Group"], user)
	}
	state := packages.content(t, "/var/lib/"+one("Service.StateDirectory"))
	if state.Info.Owner != user[1] || state.Info.Mode != 0o700 {
		t.Errorf("the state folder is %+v", state)
	}
	etc := packages.content(t, "/etc/callroll")
	if etc.Info.Owner != "root" || etc.Info.Group != user[1] || etc.Info.Mode != 0o750 {
		t.Errorf("the folder of the configuration is %+v", etc)
	}
	for key, want := range map[string]string{
		"Type": "oneshot", "UMask": "0077", "ProtectSystem": "strict", "NoNewPrivileges": "yes", "PrivateTmp": "yes",
		"ProtectHome": "yes", "CapabilityBoundingSet": "", "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
	} {
		if got := one("Service." + key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if want := []string{"@system-service", "~@privileged"}; !slices.Equal(service["Service.SystemCallFilter"], want) {
		t.Errorf("the filter of system calls is %q", service["Service.SystemCallFilter"])
	}
}

func TestPackagedTimer(t *testing.T) {
	timer := unit(t, "callroll.timer", projectFile(t, ".packaging/callroll.timer"))
	for key, want := range map[string]string{
		"Timer.OnCalendar": "*:0/15", "Timer.RandomizedDelaySec": "60", "Timer.Persistent": "yes", "Install.WantedBy": "timers.target",
	} {
		if !slices.Equal(timer[key], []string{want}) {
			t.Errorf("%s is %q, want %q", key, timer[key], want)
		}
	}
}

// credentials returns the environment of the service, with a file for each of its secrets.
func credentials(t *testing.T, text string) map[string]string {
	t.Helper()
	service, dir := unit(t, "callroll.service", projectFile(t, ".packaging/callroll.service")), t.TempDir()
	var defaults []string
	for _, value := range service["Service.SetCredential"] {
		name, _, _ := strings.Cut(value, ":")
		if !strings.HasSuffix(value, `:\n`) { // systemd accepts no empty text
			t.Errorf("the default of the secret %s is %q", name, value)
		}
		defaults = append(defaults, name)
	}
	var loaded []string
	for _, value := range service["Service.LoadCredential"] {
		name, source, _ := strings.Cut(value, ":")
		if source != path.Join("/etc/callroll", name) {
			t.Errorf("the secret %s is in %s", name, source)
		}
		loaded = append(loaded, name)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(loaded, defaults) {
		t.Errorf("the secrets are %q, and %q have a default", loaded, defaults)
	}
	return map[string]string{"CREDENTIALS_DIRECTORY": dir, "STATE_DIRECTORY": "/var/lib/callroll"}
}

// sample loads the sample configuration after a change.
func sample(t *testing.T, change func(string) string, env map[string]string) (*config.Config, error) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "callroll.yaml")
	if err := os.WriteFile(file, []byte(change(projectFile(t, ".packaging/callroll.yaml"))), 0o600); err != nil {
		t.Fatal(err)
	}
	return config.Load(t.Context(), config.Options{Path: file, Env: env})
}

// keys returns the keys that an error names.
func keys(err error) []string {
	var found []string
	for _, m := range regexp.MustCompile(`(?m)callroll\.yaml(?::\d+)?: ([a-z_.]+): `).FindAllStringSubmatch(err.Error(), -1) {
		found = append(found, m[1])
	}
	slices.Sort(found)
	return found
}

// The sample lacks what only the admin knows, and nothing else.
func TestSampleConfiguration(t *testing.T) {
	asItIs := func(text string) string { return text }
	c, err := sample(t, asItIs, credentials(t, "a-secret\n"))
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(c.NeedEntra(), c.NeedGenesys(), c.NeedGroups())
	want := []string{"entra.client_id", "entra.tenant_id", "genesys.client_id", "genesys.region", "groups"}
	if !slices.Equal(keys(err), want) {
		t.Errorf("the sample lacks %q, want %q:\n%v", keys(err), want, err)
	}
	// A secret that the admin has not stored yet is what SetCredential gives.
	_, err = sample(t, asItIs, credentials(t, "\n"))
	want = []string{"entra.client_secret_file", "genesys.client_secret_file"}
	if err == nil || !slices.Equal(keys(err), want) {
		t.Errorf("without secrets: %v", err)
	}
}

// completed returns the sample with the values that it lacks, and with its example of a group.
func completed(text string) string {
	text = strings.NewReplacer(`tenant_id: ""`, "tenant_id: contoso.onmicrosoft.com", `region: ""`, "region: mypurecloud.ie",
		`client_id: ""`, "client_id: 1bb21836-d6ec-41ee-8ac6-c8991ed36fd3").Replace(text)
	head, groups, _ := strings.Cut(text, "groups: []\n")
	return head + "groups:\n" + strings.ReplaceAll(groups, "#  ", "  ")
}

func TestSampleCompleted(t *testing.T) {
	c, err := sample(t, completed, credentials(t, "a-secret\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := setup.Settings(c); err != nil {
		t.Error(err)
	}
	if err := errors.Join(c.NeedEntra(), c.NeedGenesys(), c.NeedGroups(), setup.Addresses(c)); err != nil {
		t.Error(err)
	}
	if len(c.Groups) != 1 || c.Groups[0].Mode != "add-only" {
		t.Errorf("the groups are %+v", c.Groups)
	}
}

// Each commented key of the sample is a key of callroll, and has the default of callroll unless it is an example.
func TestSampleComments(t *testing.T) {
	env := credentials(t, "a-secret\n")
	original, err := sample(t, completed, env)
	if err != nil {
		t.Fatal(err)
	}
	examples := []string{
		"secret_expires", "client_secret_command", "certificate_file", "federated", "managed_identity", "client_secret_command",
		"ca_file", "state_dir",
	}
	values := cmp.Options{
		cmpopts.IgnoreUnexported(config.Config{}, secret.String{}), cmpopts.IgnoreFields(config.Config{}, "Path"),
	}
	var found []string
	text := completed(projectFile(t, ".packaging/callroll.yaml"))
	for _, at := range regexp.MustCompile(`(?m)^ *(#)([a-z_0-9]+):`).FindAllStringSubmatchIndex(text, -1) {
		key := text[at[4]:at[5]]
		c, err := sample(t, func(string) string { return text[:at[2]] + text[at[3]:] }, env)
		if c == nil || err != nil && strings.Contains(err.Error(), "unknown key") {
			t.Fatalf("with %s: %v", key, err)
		}
		if slices.Contains(examples, key) {
			found = append(found, key)
			continue
		}
		if diff := cmp.Diff(original, c, values...); err != nil || diff != "" {
			t.Errorf("with %s: %v\n%s", key, err, diff)
		}
	}
	if !slices.Equal(found, examples) {
		t.Errorf("the examples are %q, want %q", found, examples)
	}
}
