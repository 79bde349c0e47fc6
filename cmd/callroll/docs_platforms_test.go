package main

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
)

func TestSecurityReviewGitHub(t *testing.T) {
	var workflow struct {
		Name string
		On   struct {
			Schedule []struct{ Cron string }
			Dispatch any `yaml:"workflow_dispatch"`
		}
		Permissions map[string]string
		Concurrency struct{ Group string }
		Jobs        map[string]struct {
			RunsOn      string `yaml:"runs-on"`
			Environment string
			Timeout     int `yaml:"timeout-minutes"`
			Steps       []struct {
				Uses, Run string
				With, Env map[string]string
			}
		}
	}
	decodeStrictly(t, reviewFile(t, ".github/workflows/callroll.yaml"), &workflow)
	if want := map[string]string{"contents": "read", "id-token": "write"}; !maps.Equal(workflow.Permissions, want) {
		t.Errorf("permissions %v, want %v", workflow.Permissions, want)
	}
	if len(workflow.On.Schedule) != 1 || len(strings.Fields(workflow.On.Schedule[0].Cron)) != 5 || workflow.Concurrency.Group == "" {
		t.Errorf("schedule %v, concurrency %v", workflow.On.Schedule, workflow.Concurrency)
	}
	job := workflow.Jobs["sync"]
	if subject := ":environment:" + job.Environment + "`"; job.Environment == "" || !strings.Contains(reviewText(t), subject) {
		t.Errorf("the page does not name the subject %s", subject)
	}
	env := map[string]string{"ACTIONS_ID_TOKEN_REQUEST_URL": "https://run.example/token", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"}
	var configs []string
	for _, step := range job.Steps {
		if found := shellCommands(t, step.Run); len(found) > 0 {
			configs = append(configs, found...)
			maps.Copy(env, step.Env)
		}
	}
	if !slices.Equal(configs, []string{"callroll.yaml"}) {
		t.Errorf("the steps read the configurations %q", configs)
	}
	checkConfiguration(t, reviewFile(t, "callroll.yaml for GitHub Actions"), env, config.AuthFederated)
}

func TestSecurityReviewAzureDevOps(t *testing.T) {
	var pipeline struct {
		Trigger   string
		Schedules []struct {
			Cron        string
			DisplayName string `yaml:"displayName"`
			Branches    struct{ Include []string }
			Always      bool
		}
		Pool struct {
			VMImage string `yaml:"vmImage"`
		}
		Steps []struct {
			Checkout, Script, Task string
			Timeout                int `yaml:"timeoutInMinutes"`
			Inputs, Env            map[string]string
		}
	}
	decodeStrictly(t, reviewFile(t, "azure-pipelines.yml"), &pipeline)
	if len(pipeline.Schedules) != 1 || len(strings.Fields(pipeline.Schedules[0].Cron)) != 5 || !pipeline.Schedules[0].Always {
		t.Errorf("schedules %+v", pipeline.Schedules)
	}
	env := map[string]string{ // what the agent and the task set
		"SYSTEM_OIDCREQUESTURI": "https://dev.example/token", "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": "4711",
	}
	var configs []string
	for _, step := range pipeline.Steps {
		found := shellCommands(t, step.Inputs["inlineScript"])
		if len(found) > 0 && (step.Task != "AzureCLI@2" || !strings.Contains(reviewText(t), "`"+step.Inputs["azureSubscription"]+"`")) {
			t.Errorf("callroll runs in the step %+v", step)
		}
		if len(found) > 0 {
			configs = append(configs, found...)
			maps.Copy(env, step.Env)
		}
	}
	if !slices.Equal(configs, []string{"callroll.yaml"}) {
		t.Errorf("the steps read the configurations %q", configs)
	}
	checkConfiguration(t, reviewFile(t, "callroll.yaml for Azure DevOps"), env, config.AuthFederated)
}

func TestSecurityReviewGitLab(t *testing.T) {
	var pipeline struct {
		Callroll struct {
			Image, Timeout string
			Rules          []struct{ If string }
			ResourceGroup  string `yaml:"resource_group"`
			Tokens         map[string]struct {
				Audience string `yaml:"aud"`
			} `yaml:"id_tokens"`
			Script []string
		}
	}
	decodeStrictly(t, reviewFile(t, ".gitlab-ci.yml"), &pipeline)
	job := pipeline.Callroll
	if len(job.Rules) != 1 || job.Rules[0].If != `$CI_PIPELINE_SOURCE == "schedule"` || job.ResourceGroup == "" || job.Timeout == "" {
		t.Errorf("the job is %+v", job)
	}
	cloud, err := graph.ParseCloud("global")
	do(t, err)
	if len(job.Tokens) != 1 || job.Tokens["ENTRA_ID_TOKEN"].Audience != cloud.TokenAudience {
		t.Errorf("the tokens are %v", job.Tokens)
	}
	env := map[string]string{"GENESYS_CLIENT_SECRET": "s"}
	for _, line := range job.Script {
		if assignment, command, ok := strings.Cut(line, " callroll "); ok {
			if got := checkCommand(t, strings.Fields("callroll "+command)); got != "callroll.yaml" {
				t.Errorf("callroll reads %s", got)
			}
			name, _, _ := strings.Cut(assignment, "=")
			env[name] = filepath.Join(secretFile(t, "token"), "token")
		}
	}
	checkConfiguration(t, reviewFile(t, "callroll.yaml for GitLab"), env, config.AuthFederated)
}

// unit returns the values of a systemd unit by section and key. Each line is empty, a comment, a section or a key with a value.
func unit(t *testing.T, name, text string) map[string][]string {
	t.Helper()
	values, section := map[string][]string{}, ""
	for i, line := range strings.Split(text, "\n") {
		key, value, isPair := strings.Cut(line, "=")
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case regexp.MustCompile(`^\[[A-Z][A-Za-z]*\]$`).MatchString(line):
			section = strings.Trim(line, "[]")
		case isPair && section != "" && regexp.MustCompile(`^[A-Z][A-Za-z]*$`).MatchString(key):
			values[section+"."+key] = append(values[section+"."+key], value)
		default:
			t.Errorf("%s: line %d is %q", name, i+1, line)
		}
	}
	return values
}

func TestSecurityReviewVM(t *testing.T) {
	service := unit(t, "the service", reviewFile(t, "/etc/systemd/system/callroll.service"))
	timer := unit(t, "the timer", reviewFile(t, "/etc/systemd/system/callroll.timer"))
	if got := checkCommand(t, strings.Fields(strings.Join(service["Service.ExecStart"], " "))); got != "/etc/callroll/callroll.yaml" {
		t.Errorf("the service reads %s", got)
	}
	for what, got := range map[string][]string{
		"oneshot": service["Service.Type"], "callroll": service["Service.StateDirectory"],
		"*:0/15": timer["Timer.OnCalendar"], "timers.target": timer["Install.WantedBy"],
	} {
		if !slices.Equal(got, []string{what}) {
			t.Errorf("the units have %q, want %s", got, what)
		}
	}
	const source = "/etc/callroll/genesys"
	if !slices.Contains(service["Service.LoadCredential"], "genesys:"+source) || !strings.Contains(reviewText(t), "`"+source+"`") {
		t.Errorf("the service loads %q, and the page has to name %s", service["Service.LoadCredential"], source)
	}
	env := map[string]string{"CREDENTIALS_DIRECTORY": secretFile(t, "genesys"), "STATE_DIRECTORY": "/var/lib/callroll"}
	checkConfiguration(t, reviewFile(t, "/etc/callroll/callroll.yaml"), env, config.AuthManagedIdentity)
}

// systemd itself finds nothing wrong with the units.
func TestSecurityReviewUnits(t *testing.T) {
	program, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("there is no systemd-analyze")
	}
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, name := range []string{"callroll.service", "callroll.timer"} {
		text := strings.ReplaceAll(reviewFile(t, "/etc/systemd/system/"+name), "/usr/local/bin/callroll", self)
		files = append(files, filepath.Join(dir, name))
		if err := os.WriteFile(files[len(files)-1], []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := exec.Command(program, append([]string{"verify", "--man=no"}, files...)...).CombinedOutput()
	if err != nil || strings.Contains(string(out), "callroll.") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
}
