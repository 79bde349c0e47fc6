package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// A hint can be typed as it is, in any folder and in a shell that has other variables.
func TestAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "Max's folder")
	t.Chdir(filepath.Dir(dir))
	quoted := `'` + filepath.Dir(dir) + `/Max'\''s folder`
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"plain.yaml": "match: [mail]\n", "state.yaml": "state_dir: /srv/state\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	plain, state := "Max's folder/plain.yaml", "Max's folder/state.yaml"
	for _, test := range []struct {
		flags globalFlags
		env   map[string]string
		want  string
	}{
		{globalFlags{config: state}, nil, "callroll journal repair --config " + quoted + "/state.yaml'"},
		{globalFlags{}, map[string]string{"CALLROLL_CONFIG": state}, "callroll journal repair --config " + quoted + "/state.yaml'"},
		{
			globalFlags{config: state}, map[string]string{"CALLROLL_STATE_DIR": "/srv/other"},
			"CALLROLL_STATE_DIR=/srv/other callroll journal repair --config " + quoted + "/state.yaml'",
		},
		{
			globalFlags{config: plain}, map[string]string{"STATE_DIRECTORY": "/var/lib/x:/y", "HOME": "/root"},
			"CALLROLL_STATE_DIR=/var/lib/x callroll journal repair --config " + quoted + "/plain.yaml'",
		},
		{
			globalFlags{config: plain}, map[string]string{"HOME": "/home/a b"},
			"CALLROLL_STATE_DIR='/home/a b/.local/state/callroll' callroll journal repair --config " + quoted + "/plain.yaml'",
		},
		{
			globalFlags{sandbox: "Max's folder"}, map[string]string{"CALLROLL_STATE_DIR": "/srv/other"},
			"callroll journal repair --sandbox " + quoted + "'",
		},
		{
			globalFlags{sandbox: "Max's folder", config: plain}, nil,
			"callroll journal repair --sandbox " + quoted + "' --config " + quoted + "/plain.yaml'",
		},
	} {
		s := &session{app: &app{flags: test.flags, env: test.env}}
		options := config.Options{Path: test.flags.config, Env: test.env}
		if test.flags.sandbox != "" {
			s.world = new(sandbox.World)
			options.Env = nil
		}
		var err error
		if s.config, err = config.Load(t.Context(), options); err != nil {
			t.Fatal(err)
		}
		if got := s.again("journal repair"); got != test.want {
			t.Errorf("%+v, %v:\n got %s\nwant %s", test.flags, test.env, got, test.want)
		}
	}
}

// A call without a verb names each verb that --help lists, and no topic of the help.
func TestVerbsAreNamed(t *testing.T) {
	var stderr bytes.Buffer
	if status := run(t.Context(), nil, nil, nil, io.Discard, &stderr); status != report.Usage {
		t.Errorf("status %d", status)
	}
	want := "callroll: say what to do: diff, doctor, explain, fetch, groups, init, journal, map, push, sandbox, show, sync or undo; callroll --help tells more\n"
	if got := stderr.String(); got != want {
		t.Errorf("said %q, want %q", got, want)
	}
}
