package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const advisories = "https://github.com/callroll/callroll/security/advisories/new"

// issueForm is a form as GitHub documents it: docs.github.com, "Syntax for issue forms".
type issueForm struct {
	Name, Description string
	Labels            []string
	Body              []formElement
}

type formElement struct {
	Type       string
	ID         string
	Attributes struct {
		Label, Description, Placeholder, Value, Render string
		Options                                        []yaml.Node
	}
	Validations struct{ Required bool }
}

// The form asks for the version and the report of the doctor, warns of secrets, and keeps to the rules of GitHub.
func TestIssueForm(t *testing.T) {
	var form issueForm
	decodeStrictly(t, projectFile(t, ".github/ISSUE_TEMPLATE/bug.yml"), &form)
	if form.Name == "" || form.Description == "" {
		t.Error("the form has no name or no description")
	}
	asks, ids, labels := map[string]formElement{}, []string{}, []string{}
	for _, e := range form.Body {
		if e.Type == "markdown" {
			if e.Attributes.Value == "" || e.ID != "" {
				t.Errorf("the text is %+v", e)
			}
			continue
		}
		if !slices.Contains([]string{"input", "textarea", "dropdown", "checkboxes"}, e.Type) {
			t.Errorf("%s has the type %s", e.ID, e.Type)
		}
		if !regexp.MustCompile(`^[a-z_-]+$`).MatchString(e.ID) || slices.Contains(ids, e.ID) {
			t.Errorf("the id is %q, after %q", e.ID, ids)
		}
		if e.Attributes.Label == "" || slices.Contains(labels, e.Attributes.Label) {
			t.Errorf("the label of %s is %q, after %q", e.ID, e.Attributes.Label, labels)
		}
		if hasOptions := e.Type == "dropdown" || e.Type == "checkboxes"; hasOptions != (len(e.Attributes.Options) > 0) {
			t.Errorf("%s has %d options", e.ID, len(e.Attributes.Options))
		}
		ids, labels = append(ids, e.ID), append(labels, e.Attributes.Label)
		asks[e.ID] = e
	}
	for id, command := range map[string]string{"version": "`callroll --version`", "doctor": "`callroll doctor --output json`"} {
		if e := asks[id]; !e.Validations.Required || !strings.Contains(e.Attributes.Description, command) {
			t.Errorf("the form does not ask for %s: %+v", command, e)
		}
	}
	checkCommand(t, []string{"callroll", "doctor", "--output", "json"})
	first := form.Body[0].Attributes.Value
	if !strings.Contains(first, "Do not paste secrets") || !strings.Contains(first, advisories) {
		t.Errorf("the form begins with %q", first)
	}
	var confirmed struct {
		Label    string
		Required bool
	}
	options := asks["secrets"].Attributes.Options
	if len(options) != 1 || options[0].Decode(&confirmed) != nil || !confirmed.Required {
		t.Errorf("the last question is %+v", asks["secrets"])
	}
}

func TestSecurityPolicy(t *testing.T) {
	text := projectFile(t, ".github/SECURITY.md")
	for _, want := range []string{
		"<" + advisories + ">", "`callroll --version`", "## Which versions get corrections", "## What you can expect",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the policy lacks %s", want)
		}
	}
	if m := regexp.MustCompile(`\S+@\S+\.\S+`).FindString(text); m != "" {
		t.Errorf("the policy names the address %s", m)
	}
	var choices struct {
		Blank bool                                `yaml:"blank_issues_enabled"`
		Links []struct{ Name, URL, About string } `yaml:"contact_links"`
	}
	decodeStrictly(t, projectFile(t, ".github/ISSUE_TEMPLATE/config.yml"), &choices)
	if len(choices.Links) != 1 || choices.Links[0].URL != advisories {
		t.Errorf("the links are %+v", choices.Links)
	}
}

// The release is made with the GoReleaser that every change is checked with, and is published after it was verified.
func TestReleaseWorkflow(t *testing.T) {
	var workflow struct {
		Name        string
		On          struct{ Push struct{ Tags []string } }
		Permissions map[string]string
		Concurrency struct{ Group string }
		Jobs        map[string]struct {
			RunsOn      string `yaml:"runs-on"`
			Timeout     int    `yaml:"timeout-minutes"`
			Permissions map[string]string
			Steps       []struct {
				Name, Uses, Run string
				With, Env       map[string]string
			}
		}
	}
	decodeStrictly(t, projectFile(t, ".github/workflows/release.yml"), &workflow)
	if workflow.Permissions == nil || len(workflow.Permissions) > 0 || len(workflow.Jobs) != 1 {
		t.Errorf("every job may %v", workflow.Permissions)
	}
	job := workflow.Jobs["release"]
	for _, name := range []string{"contents", "packages", "id-token", "attestations"} {
		if job.Permissions[name] != "write" {
			t.Errorf("the job may %v, which lacks %s", job.Permissions, name)
		}
	}
	var all strings.Builder
	for _, step := range job.Steps {
		all.WriteString(step.Uses + step.Run + "\n")
	}
	pinned := regexp.MustCompile(`github\.com/goreleaser/goreleaser/v2@v[0-9.]+`)
	for _, version := range pinned.FindAllString(all.String(), -1) {
		if version != pinned.FindString(projectFile(t, ".ci/run")) {
			t.Errorf("the release is made with %s", version)
		}
	}
	at := 0
	for _, part := range []string{
		"release --snapshot", ".packaging/check.sh", "release --clean", "attest-build-provenance", "cosign verify-blob",
		".packaging/check.sh draft", "gh attestation verify", "cosign verify ", "--draft=false",
	} {
		next := strings.Index(all.String()[at:], part)
		if next < 0 {
			t.Fatalf("after %q there is no %q", all.String()[:at], part)
		}
		at += next + len(part)
	}
	if !strings.Contains(projectFile(t, ".goreleaser.yaml"), "\nrelease:\n  draft: true\n") {
		t.Error("a release is visible before it is verified")
	}
}
