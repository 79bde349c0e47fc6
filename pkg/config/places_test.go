package config_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/callroll/callroll/pkg/config"
)

// What is wrong elsewhere in a file does not hide where its runs are remembered.
func TestWhere(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		text, env, want string
		known           bool
	}{
		"an unknown key":       {"state_dir: /srv/state\ngruops: []\n", "", "/srv/state", true},
		"relative":             {"state_dir: state\nx: 1\n", "", filepath.Join(dir, "state"), true},
		"none":                 {"state_dir: none\nx: 1\n", "", "none", true},
		"the default":          {"x: 1\n", "", "", true},
		"from the environment": {"state_dir: state\n", "/srv/other", "/srv/other", true},
		"not YAML":             {"state_dir: [\n", "", "", false},
	} {
		path := filepath.Join(dir, "callroll.yaml")
		if err := os.WriteFile(path, []byte(test.text), 0o600); err != nil {
			t.Fatal(err)
		}
		gotPath, got, known := config.Where(config.Options{Path: path, Env: map[string]string{"CALLROLL_STATE_DIR": test.env}})
		if gotPath != path || got != test.want || known != test.known {
			t.Errorf("%s: %q, %q, %v; want %q, %v", name, gotPath, got, known, test.want, test.known)
		}
	}
	if _, _, known := config.Where(config.Options{Path: filepath.Join(dir, "none.yaml")}); known {
		t.Error("a file that is not there is known")
	}
}
