package main

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// firstHour is a mistake of an admin's first hour.
type firstHour struct {
	config func(string) string                    // changes the configuration
	world  func(*sandbox.Entra, *sandbox.Genesys) // changes both services
	files  func(t *testing.T, dir string)         // changes the folder
	status int                                    // of doctor
	says   []string                               // lines of doctor: regular expressions
}

// with returns a function that replaces one text.
func with(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

// appended returns a function that appends a line.
func appended(line string) func(string) string {
	return func(s string) string { return s + "\n" + line + "\n" }
}

func genesysGroup(org *sandbox.Genesys, name string) *sandbox.GenesysGroup {
	return &org.Groups[slices.IndexFunc(org.Groups, func(g sandbox.GenesysGroup) bool { return g.DisplayName == name })]
}

func entraGroup(tenant *sandbox.Entra, name string) *sandbox.EntraGroup {
	return &tenant.Groups[slices.IndexFunc(tenant.Groups, func(g sandbox.EntraGroup) bool { return g.DisplayName == name })]
}

// written returns a function that writes a line into a file.
func written(name, line string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		do(t, os.WriteFile(filepath.Join(dir, name), []byte(line+"\n"), 0o600))
	}
}

func roles(names ...string) func(*sandbox.Entra, *sandbox.Genesys) {
	return func(tenant *sandbox.Entra, _ *sandbox.Genesys) { tenant.Roles = names }
}

// firstHourMistakes returns all mistakes by what they are.
func firstHourMistakes() map[string]firstHour {
	all := mistakesOfCredentials()
	maps.Copy(all, mistakesOfGenesysGroups())
	maps.Copy(all, mistakesOfEntraAndSettings())
	maps.Copy(all, mistakesOfProvisioning())
	return all
}

// doctor names each mistake, and says what to do.
func TestDoctorKnowsTheMistakes(t *testing.T) {
	t.Parallel()
	for name, m := range firstHourMistakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := play(t, "[]")
			if m.world != nil {
				world, err := sandbox.Open(dir)
				do(t, err)
				do(t, world.Edit(m.world))
				do(t, world.Close())
			}
			if m.files != nil {
				m.files(t, dir)
			}
			config := file(t, dir, sandbox.DemoConfig) + "\nretry: {base: 1ms, max: 2ms}\n"
			if m.config != nil {
				config = m.config(config)
			}
			do(t, os.WriteFile(filepath.Join(dir, sandbox.DemoConfig), []byte(config), 0o600))
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), []string{"doctor", "--sandbox", dir}, nil, strings.NewReader(""), &stdout, &stderr)
			if status != m.status {
				t.Errorf("status %d, want %d", status, m.status)
			}
			for _, line := range m.says {
				if !regexp.MustCompile("(?m)^" + line).MatchString(stdout.String()) {
					t.Errorf("no line %s in\n%s%s", line, stdout.String(), stderr.String())
				}
			}
		})
	}
}

// Every line that shows a mistake is absent without it.
func TestDoctorFindsNoMistake(t *testing.T) {
	t.Parallel()
	dir := play(t, "[]")
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), []string{"doctor", "--sandbox", dir}, nil, strings.NewReader(""), &stdout, &stderr)
	if status != report.OK {
		t.Fatalf("status %d: %s%s", status, stdout.String(), stderr.String())
	}
	for name, m := range firstHourMistakes() {
		missing := func(line string) bool { return !regexp.MustCompile("(?m)^" + line).MatchString(stdout.String()) }
		if !slices.ContainsFunc(m.says, missing) {
			t.Errorf("%s: all lines are there without the mistake", name)
		}
	}
}
