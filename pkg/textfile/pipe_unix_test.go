//go:build unix

package textfile_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/callroll/callroll/pkg/textfile"
)

// A pipe is read to its end, as the shell makes it of <(…), and a named one is waited for: its writer may begin later.
func TestPipe(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go write(w)
	if data, _, err := textfile.Read(t.Context(), fmt.Sprintf("/dev/fd/%d", r.Fd()), 10); err != nil || string(data) != "text" {
		t.Errorf("a pipe: %q, %v", data, err)
	}
	path := pipe(t)
	go func() {
		if w, err := os.OpenFile(path, os.O_WRONLY, 0); err == nil {
			write(w)
		}
	}()
	if data, _, err := textfile.Read(t.Context(), path, 10); err != nil || string(data) != "text" {
		t.Errorf("a named pipe: %q, %v", data, err)
	}
}

// A pipe without a writer, and one whose writer writes nothing, are waited for as long as the context says.
func TestSilentPipe(t *testing.T) {
	cause := errors.New("enough")
	silent := pipe(t)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, path := range []string{silent, fmt.Sprintf("/dev/fd/%d", r.Fd())} {
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(cause)
		if _, _, err := textfile.Read(ctx, path, 10); !errors.Is(err, cause) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v, want the cause and the path", path, err)
		}
	}
}

func TestDevice(t *testing.T) {
	if _, _, err := textfile.Read(t.Context(), "/dev/zero", 1<<20); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("/dev/zero: %v", err)
	}
	if _, _, err := textfile.Read(t.Context(), os.DevNull, 10); !errors.Is(err, textfile.ErrEmpty) {
		t.Errorf("%s: %v", os.DevNull, err)
	}
}

func pipe(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func write(w *os.File) {
	_, _ = w.WriteString("te")
	_, _ = w.WriteString("xt")
	_ = w.Close()
}
