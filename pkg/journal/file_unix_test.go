//go:build unix

package journal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/journal"
)

// A folder in which everybody may write is refused, also with a sticky bit, and also by who only reads; one in which a group
// may write is not (Kubernetes, fsGroup).
func TestWhoMayWriteInTheFolder(t *testing.T) {
	for mode, refused := range map[fs.FileMode]bool{
		0o700: false, 0o755: false, 0o770: false, 0o775: false, 0o775 | fs.ModeSetgid: false,
		0o777: true, 0o777 | fs.ModeSticky: true, 0o702: true,
	} {
		dir := filepath.Join(t.TempDir(), "state")
		must(t, os.Mkdir(dir, 0o700))
		must(t, os.Chmod(dir, mode))
		_, err := journal.Open(dir, journal.Options{})
		_, readErr := journal.ReadDir(dir)
		if errors.Is(err, journal.ErrUnusable) != refused || errors.Is(readErr, journal.ErrUnusable) != refused {
			t.Errorf("with %v: Open: %v; ReadDir: %v; want a refusal: %v", mode, err, readErr, refused)
		}
		if refused && (!strings.Contains(err.Error(), dir) || !strings.Contains(err.Error(), "everybody may write there")) {
			t.Errorf("with %v: %v", mode, err)
		}
		if files, _ := os.ReadDir(dir); refused && len(files) > 0 {
			t.Errorf("with %v: something was written: %v", mode, files)
		}
	}
}

// So is a file of the journal that everybody may write, and not one that a group may.
func TestWhoMayWriteAFile(t *testing.T) {
	for mode, refused := range map[fs.FileMode]bool{
		0o600: false, 0o644: false, 0o660: false, 0o664: false, 0o666: true, 0o602: true,
	} {
		for _, name := range []string{thisMonth(), "2020-01.jsonl", "lock-x", "2020-01.jsonl.damaged"} {
			dir := t.TempDir()
			must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
			must(t, os.Chmod(filepath.Join(dir, name), mode))
			_, err := journal.Open(dir, journal.Options{Keep: 100 * 365 * 24 * time.Hour})
			if got := errors.Is(err, journal.ErrUnusable); got != refused || refused && !strings.Contains(err.Error(), name) {
				t.Errorf("%s with %v: %v; want a refusal: %v", name, mode, err, refused)
			}
		}
	}
}

// unusual makes what is not a regular file.
func unusual(t *testing.T, path string) map[string]func() {
	elsewhere := filepath.Join(t.TempDir(), "elsewhere")
	must(t, os.WriteFile(elsewhere, []byte("keep me\n"), 0o600))
	t.Cleanup(func() {
		if content(t, elsewhere) != "keep me\n" {
			t.Error("a link was followed")
		}
	})
	return map[string]func(){
		"a link":             func() { must(t, os.Symlink(elsewhere, path)) },
		"a link to nothing":  func() { must(t, os.Symlink(elsewhere+".new", path)) },
		"a link to a device": func() { must(t, os.Symlink("/dev/zero", path)) },
		"a pipe":             func() { must(t, syscall.Mkfifo(path, 0o600)) },
		"a folder":           func() { must(t, os.Mkdir(path, 0o700)) },
	}
}

// Nothing but a regular file is opened in the folder, and nothing is waited for: an open of a pipe would not return.
func TestNoRegularFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	j := open(t, dir)
	release, err := j.Lock(t.Context(), host, client, 0)
	must(t, err)
	release()
	locks, _ := filepath.Glob(filepath.Join(dir, "lock-*"))
	for _, name := range []string{
		thisMonth(), "2020-01.jsonl", filepath.Base(locks[0]), ".probe", thisMonth() + ".damaged", "of no meaning",
	} {
		path := filepath.Join(dir, name)
		for what, plant := range unusual(t, path) {
			if name == "of no meaning" && what == "a folder" {
				continue // such as lost+found
			}
			must(t, os.RemoveAll(path))
			plant()
			_, err := journal.Open(dir, journal.Options{})
			_, readErr := journal.ReadDir(dir)
			for _, err := range []error{err, readErr} {
				if !errors.Is(err, journal.ErrUnusable) || !strings.Contains(err.Error(), path+" is ") ||
					!strings.Contains(err.Error(), "not a regular file") {
					t.Errorf("%s in place of %s: %v; want ErrUnusable with the path", what, name, err)
				}
			}
			must(t, os.RemoveAll(path))
		}
	}
	must(t, os.Mkdir(filepath.Join(dir, "lost+found"), 0o700))
	open(t, dir)
}

// What is put there after the folder was opened is not opened either.
func TestNoRegularFileLater(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	j := open(t, dir)
	r := begin(t, j)
	release, err := j.Lock(t.Context(), host, client, 0)
	must(t, err)
	release()
	locks, _ := filepath.Glob(filepath.Join(dir, "lock-*"))
	for what, plant := range unusual(t, month(dir)) {
		must(t, os.RemoveAll(month(dir)))
		plant()
		if err := r.End(0, nil); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s in place of a month, later: %v", what, err)
		}
	}
	must(t, os.RemoveAll(month(dir)))
	for what, plant := range unusual(t, locks[0]) {
		must(t, os.RemoveAll(locks[0]))
		plant()
		if _, err := j.Lock(t.Context(), host, client, 0); !errors.Is(err, journal.ErrUnusable) {
			t.Errorf("%s in place of the lock, later: %v", what, err)
		}
	}
}
