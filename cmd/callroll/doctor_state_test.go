//go:build linux

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
)

// A state folder on a disk that can only be read is a failure before the first run, and not during it.
func TestDoctorOnAReadOnlyDisk(t *testing.T) {
	mounts, err := os.ReadFile("/proc/self/mounts")
	do(t, err)
	readOnly := ""
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 3 && strings.HasPrefix(fields[3]+",", "ro,") && !strings.Contains(fields[1], `\`) {
			if info, err := os.Stat(fields[1]); err == nil && info.IsDir() {
				readOnly = fields[1]
			}
		}
	}
	if readOnly == "" {
		t.Skip("no disk of this machine is read-only")
	}
	dir := play(t, "[]")
	config := strings.Replace(file(t, dir, "callroll.yaml"), "state_dir: state", "state_dir: "+readOnly+"/a/callroll", 1)
	do(t, os.WriteFile(filepath.Join(dir, "callroll.yaml"), []byte(config), 0o600))
	got := timed(t.Context(), t, dir, "doctor")
	if got.status != report.Config || !strings.Contains(got.stdout, "fail  state: ") ||
		!strings.Contains(got.stdout, "cannot be written to: read-only file system") {
		t.Errorf("status %d: %s", got.status, got.stdout)
	}
}
