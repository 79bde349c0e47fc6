//go:build unix

package config_test

import (
	"path/filepath"
	"syscall"
	"testing"

	"github.com/callroll/callroll/pkg/config"
)

// A configuration that comes through a pipe can be read once: nobody writes to it again.
func TestWhereOfAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, _, known := config.Where(config.Options{Path: path}); known || got != path {
		t.Errorf("Where of a pipe: %q, %v; want its path, and that nothing else is known", got, known)
	}
}
