//go:build unix

package secret_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/callroll/callroll/pkg/secret"
)

func TestWhoMayWriteTheSecret(t *testing.T) {
	for mode, want := range map[fs.FileMode]struct{ refused, read bool }{
		0o600: {}, 0o660: {}, 0o640: {}, 0o644: {read: true}, 0o664: {read: true}, 0o444: {read: true},
		0o666: {refused: true, read: true}, 0o602: {refused: true},
	} {
		// Kubernetes mounts a secret as a link to a file in a folder that is a link itself.
		dir := t.TempDir()
		data := filepath.Join(dir, "..2026", "entra")
		path := filepath.Join(dir, "entra")
		for _, err := range []error{
			os.Mkdir(filepath.Dir(data), 0o755), os.WriteFile(data, []byte(hidden), 0o600), os.Chmod(data, mode),
			os.Symlink("..2026", filepath.Join(dir, "..data")), os.Symlink("..data/entra", path),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		got, err := secret.ReadFile(t.Context(), path)
		if refused := err != nil; refused != want.refused || refused == (got.Reveal() == hidden) {
			t.Errorf("%v: %v", mode, err)
		}
		wanted := "everybody may write the secret file " + path
		if err != nil && (!strings.Contains(err.Error(), wanted) || strings.Contains(err.Error(), hidden)) {
			t.Errorf("%v: %v; want the path", mode, err)
		}
		if read := secret.EverybodyReads(path); read != want.read {
			t.Errorf("%v: EverybodyReads = %v", mode, read)
		}
	}
}

// A path that leads to nothing may be the secret. One that leads somewhere is shown.
func TestSecretInPlaceOfAPath(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	file, dangling := filepath.Join(dir, "file"), filepath.Join(dir, "dangling")
	for _, err := range []error{os.WriteFile(file, nil, 0o600), os.Symlink("nowhere", dangling)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, value := range []string{
		hidden, "/" + hidden, dir + "/" + hidden, file + "/" + hidden, hidden + "\x00", strings.Repeat(hidden, 300),
	} {
		_, err := secret.ReadFile(t.Context(), value)
		if err == nil || strings.Contains(err.Error(), hidden) || !strings.Contains(err.Error(), "not shown") {
			t.Errorf("ReadFile(%q): %v", value, err)
		}
	}
	for _, path := range []string{file, dangling, dir} {
		if _, err := secret.ReadFile(t.Context(), path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("ReadFile(%q): %v, want the path", path, err)
		}
	}
}

// A pipe is read, as the shell makes it of <(…); one that nobody writes to is waited for as long as the context says.
func TestSecretFromAPipe(t *testing.T) {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := secret.ReadFile(ctx, path); !errors.Is(err, cause) || !strings.Contains(err.Error(), path) {
		t.Errorf("of a pipe that nobody writes to: %v", err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	go func() {
		_, _ = w.WriteString(hidden + "\n")
		_ = w.Close()
	}()
	if got, err := secret.ReadFile(t.Context(), fmt.Sprintf("/dev/fd/%d", r.Fd())); got.Reveal() != hidden {
		t.Errorf("of a pipe: %q, %v", got.Reveal(), err)
	}
}
