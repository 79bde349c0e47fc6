//go:build linux || darwin

package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/callroll/callroll/pkg/report"
)

// somebody is a user who is neither root nor the one of the tests.
const somebody = 54321

// text writes a text.
func text(s string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, s)
		return err
	}
}

// chown gives something away; links are not followed.
func chown(t *testing.T, paths ...string) {
	t.Helper()
	for _, path := range paths {
		if err := os.Lchown(path, somebody, somebody); err != nil {
			t.Fatal(err)
		}
	}
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make files of another user")
	}
}

// Somebody else decides neither what -o overwrites nor where it goes, in a folder like /tmp or one of their own. It is found out
// before anything is sent, and again when it is written.
func TestOutFilesOfOthers(t *testing.T) {
	needRoot(t)
	for name, plant := range map[string]func(t *testing.T, shared, victim string) (out string){
		"a link to a file": func(t *testing.T, shared, victim string) string {
			out := filepath.Join(shared, "plan.json")
			do(t, os.Symlink(victim, out))
			chown(t, out)
			return out
		},
		"a link to a file that is not there yet": func(t *testing.T, shared, victim string) string {
			out := filepath.Join(shared, "plan.json")
			do(t, os.Symlink(victim+".new", out))
			chown(t, out)
			return out
		},
		"a link to a folder": func(t *testing.T, shared, victim string) string {
			link := filepath.Join(shared, "reports")
			do(t, os.Symlink(filepath.Dir(victim), link))
			chown(t, link)
			return filepath.Join(link, filepath.Base(victim))
		},
		"a relative link in a folder of theirs": func(t *testing.T, shared, victim string) string {
			dir := filepath.Join(shared, "theirs")
			do(t, os.Mkdir(dir, 0o755))
			to, err := filepath.Rel(dir, victim)
			do(t, err)
			do(t, os.Symlink(to, filepath.Join(dir, "plan.json")))
			chown(t, dir, filepath.Join(dir, "plan.json"))
			return filepath.Join(dir, "plan.json")
		},
		"a link of one's own to a link of theirs": func(t *testing.T, shared, victim string) string {
			link, out := filepath.Join(shared, "link"), filepath.Join(t.TempDir(), "plan.json")
			do(t, os.Symlink(victim, link))
			chown(t, link)
			do(t, os.Symlink(link, out))
			return out
		},
		"a link to a descriptor": func(t *testing.T, shared, _ string) string {
			out := filepath.Join(shared, "plan.json")
			do(t, os.Symlink("/dev/stdout", out))
			chown(t, out)
			return out
		},
		"a file": func(t *testing.T, shared, _ string) string {
			out := filepath.Join(shared, "plan.json")
			do(t, os.WriteFile(out, []byte("theirs"), 0o666))
			chown(t, out)
			return out
		},
		"a pipe": func(t *testing.T, shared, _ string) string {
			out := filepath.Join(shared, "plan.json")
			do(t, syscall.Mkfifo(out, 0o666))
			chown(t, out)
			return out
		},
		"a file behind a link of one's own": func(t *testing.T, shared, _ string) string {
			file, out := filepath.Join(shared, "file"), filepath.Join(t.TempDir(), "plan.json")
			do(t, os.WriteFile(file, []byte("theirs"), 0o666))
			chown(t, file)
			do(t, os.Symlink(file, out))
			return out
		},
	} {
		t.Run(name, func(t *testing.T) {
			shared, victim := t.TempDir(), filepath.Join(t.TempDir(), "passwd")
			do(t, os.Chmod(shared, 0o777|os.ModeSticky))
			do(t, os.WriteFile(victim, []byte("root"), 0o644))
			out := plant(t, shared, victim)
			before, _ := os.Lstat(out)
			for what, err := range map[string]error{"writable": writable(out), "writeFile": writeFile(out, text("{}"))} {
				if err == nil || !strings.Contains(err.Error(), "another user") || !strings.Contains(err.Error(), fmt.Sprint(somebody)) {
					t.Errorf("%s: %v; want a refusal that names the user", what, err)
				}
			}
			after, _ := os.Lstat(out)
			if before != nil && !os.SameFile(before, after) {
				t.Error("it was replaced")
			}
			if got := file(t, filepath.Dir(victim), "passwd"); got != "root" {
				t.Errorf("the file that the link leads to has %q now", got)
			}
			if left := leftovers(t, filepath.Dir(victim), "passwd"); len(left) > 0 {
				t.Errorf("there is %v besides", left)
			}
			if left := leftovers(t, shared, "plan.json", "reports", "theirs", "link", "file"); len(left) > 0 {
				t.Errorf("there is %v besides", left)
			}
		})
	}
}

// The whole program ends with 64 before it sends anything.
func TestOutFileOfAnotherIsMisuse(t *testing.T) {
	needRoot(t)
	dir := play(t, "[]")
	timed(t.Context(), t, dir, "groups", "genesys")
	do(t, os.Remove(filepath.Join(dir, "requests.jsonl")))
	do(t, os.WriteFile(filepath.Join(dir, "requests.jsonl"), nil, 0o600))
	out := filepath.Join(t.TempDir(), "plan.json")
	do(t, os.Symlink(filepath.Join(dir, "genesys.json"), out))
	chown(t, out)
	got := timed(t.Context(), t, dir, "sync", "-o", out)
	if got.status != report.Usage || !strings.Contains(got.stderr, "--out: "+out+" is a link that another user made") {
		t.Errorf("got %+v", got)
	}
	if log := file(t, dir, "requests.jsonl"); log != "" {
		t.Errorf("something was sent: %s", log)
	}
}

// The user's own files, links and folders work, and so does a new file anywhere.
func TestOwnOutFiles(t *testing.T) {
	for name, plant := range map[string]func(t *testing.T, dir string) (out, real string){
		"a new file": func(_ *testing.T, dir string) (string, string) {
			return filepath.Join(dir, "plan.json"), filepath.Join(dir, "plan.json")
		},
		"an old file": func(t *testing.T, dir string) (string, string) {
			do(t, os.WriteFile(filepath.Join(dir, "plan.json"), []byte("old and longer"), 0o644))
			return filepath.Join(dir, "plan.json"), filepath.Join(dir, "plan.json")
		},
		"a link": func(t *testing.T, dir string) (string, string) {
			do(t, os.WriteFile(filepath.Join(dir, "real.json"), []byte("old"), 0o600))
			do(t, os.Symlink("real.json", filepath.Join(dir, "plan.json")))
			return filepath.Join(dir, "plan.json"), filepath.Join(dir, "real.json")
		},
		"a link to nothing yet": func(t *testing.T, dir string) (string, string) {
			do(t, os.Symlink(filepath.Join(dir, "real.json"), filepath.Join(dir, "plan.json")))
			return filepath.Join(dir, "plan.json"), filepath.Join(dir, "real.json")
		},
		"a link to a folder, and dots": func(t *testing.T, dir string) (string, string) {
			do(t, os.MkdirAll(filepath.Join(dir, "a", "b"), 0o755))
			do(t, os.Symlink("a/b", filepath.Join(dir, "c")))
			return dir + "//c/.././plan.json", filepath.Join(dir, "a", "plan.json")
		},
		"a folder that cannot be listed": func(t *testing.T, dir string) (string, string) {
			do(t, os.Mkdir(filepath.Join(dir, "a"), 0o300))
			t.Cleanup(func() { do(t, os.Chmod(filepath.Join(dir, "a"), 0o700)) })
			return filepath.Join(dir, "a", "plan.json"), filepath.Join(dir, "a", "plan.json")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			do(t, os.Chmod(dir, 0o777|os.ModeSticky))
			out, real := plant(t, dir)
			do(t, writable(out))
			do(t, writeFile(out, text("{}")))
			info, err := os.Lstat(real)
			do(t, err)
			do(t, os.Chmod(filepath.Dir(real), 0o700))
			if got := file(t, filepath.Dir(real), filepath.Base(real)); got != "{}" || info.Mode() != 0o600 {
				t.Errorf("%s has %q and %v", real, got, info.Mode())
			}
			if left := leftovers(t, filepath.Dir(real), "plan.json", "real.json", "b", "c"); len(left) > 0 {
				t.Errorf("there is %v besides", left)
			}
		})
	}
}

// A relative path begins where the program stands.
func TestOutFileRelative(t *testing.T) {
	t.Chdir(t.TempDir())
	do(t, os.Mkdir("below", 0o755))
	do(t, writeFile("below/../plan.json", text("{}")))
	if got := file(t, ".", "plan.json"); got != "{}" {
		t.Errorf("plan.json has %q", got)
	}
	for _, path := range []string{"below", "below/", "below/.", ".", "..", "/", "below/.."} {
		if err := writable(path); err == nil || !strings.Contains(err.Error(), "is a folder") {
			t.Errorf("writable(%q) = %v", path, err)
		}
	}
	do(t, os.Symlink("loop", "loop"))
	for _, path := range []string{"loop", "nowhere/plan.json", "plan.json/below", "new/"} {
		if err := writable(path); err == nil {
			t.Errorf("writable(%q) says nothing", path)
		}
	}
}

// What is exchanged between the check and the write is not written to.
func TestOutFileExchanged(t *testing.T) {
	needRoot(t)
	dir, victim := t.TempDir(), filepath.Join(t.TempDir(), "passwd")
	do(t, os.WriteFile(victim, []byte("root"), 0o644))
	inner := filepath.Join(dir, "inner")
	do(t, os.Mkdir(inner, 0o755))
	o, err := findOutFile(filepath.Join(inner, "passwd"))
	do(t, err)
	defer o.close()
	do(t, os.Rename(inner, inner+".away"))
	do(t, os.Symlink(filepath.Dir(victim), inner)) // the folder is a link to another one now
	do(t, o.write(text("{}")))
	if got := file(t, filepath.Dir(victim), "passwd"); got != "root" {
		t.Errorf("the file of the other folder has %q", got)
	}
	theirs := filepath.Join(dir, "new")
	o, err = findOutFile(theirs)
	do(t, err)
	defer o.close()
	do(t, os.WriteFile(theirs, []byte("theirs"), 0o600)) // a file is there all of a sudden
	chown(t, theirs)
	if err := o.write(text("{}")); err == nil || file(t, dir, "new") != "theirs" {
		t.Errorf("write = %v, and the file has %q", err, file(t, dir, "new"))
	}
}

// Descriptors and devices are written to, whoever they belong to.
func TestOutFileStreams(t *testing.T) {
	r, w, err := os.Pipe()
	do(t, err)
	for _, path := range []string{fmt.Sprintf("/dev/fd/%d", w.Fd()), "/dev/null"} {
		do(t, writable(path))
		do(t, writeFile(path, text("{}")))
	}
	do(t, w.Close())
	if got, err := io.ReadAll(r); string(got) != "{}" || err != nil {
		t.Errorf("the pipe got %q, %v", got, err)
	}
	opened, err := os.Create(filepath.Join(t.TempDir(), "opened"))
	do(t, err)
	defer opened.Close()
	path := fmt.Sprintf("/dev/fd/%d", opened.Fd())
	do(t, writable(path))
	do(t, writeFile(path, text("{}")))
	if got := file(t, filepath.Dir(opened.Name()), "opened"); got != "{}" {
		t.Errorf("the file of a descriptor has %q", got)
	}
	do(t, os.Remove(opened.Name()))
	do(t, writeFile(path, text("[1]")))
	if _, err := os.Lstat(opened.Name()); err == nil {
		t.Error("a file that is gone was made again")
	}
}
