package config

import (
	"context"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/textfile"
)

// Where returns the path of the configuration, and its state_dir as far as that can be known although the configuration is
// wrong elsewhere: a run that fails by it is remembered beside the others. known is false if the file cannot be read.
func Where(opts Options) (path, stateDir string, known bool) {
	path, _, err := choose(opts)
	if err != nil || path == "" {
		return path, "", false
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // a pipe was read to its end already
		return absolute(path), "", false
	}
	data, _, err := textfile.Read(context.Background(), path, maxFile) // no regular file has to be waited for
	if err != nil {
		return absolute(path), "", false
	}
	var head struct {
		StateDir string `yaml:"state_dir"`
	}
	if err := yaml.Unmarshal(data, &head); err != nil {
		return absolute(path), "", false
	}
	stateDir = head.StateDir
	if stateDir != "" && stateDir != "none" && !filepath.IsAbs(stateDir) {
		stateDir = filepath.Join(filepath.Dir(absolute(path)), stateDir)
	}
	if fromEnv := opts.Env["CALLROLL_STATE_DIR"]; fromEnv != "" {
		stateDir = fromEnv
	}
	return absolute(path), stateDir, true
}

// absolute leaves a path alone where there is no working directory.
func absolute(path string) string {
	if path == "" {
		return ""
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
