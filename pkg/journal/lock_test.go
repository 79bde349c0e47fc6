package journal_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/journal"
)

// TestMain is also what other processes of these tests do.
func TestMain(m *testing.M) {
	var err error
	switch dir := os.Getenv("JOURNAL_DIR"); os.Getenv("JOURNAL_HELPER") {
	case "":
		os.Exit(m.Run())
	case "write":
		err = writeMany(dir)
	case "lock":
		err = holdLock(dir)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func helper(t *testing.T, what, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), "JOURNAL_HELPER="+what, "JOURNAL_DIR="+dir)
	return cmd
}

// holdLock takes the lock, says so, and keeps it until it is killed or told to stop.
func holdLock(dir string) error {
	j, err := journal.Open(dir, journal.Options{})
	if err != nil {
		return err
	}
	if _, err := j.Lock(context.Background(), host, client, 0); err != nil {
		return err
	}
	fmt.Println("held")
	_, err = io.ReadAll(os.Stdin)
	return err
}

// startHolder starts a process that holds the lock.
func startHolder(t *testing.T, dir string) *exec.Cmd {
	t.Helper()
	cmd := helper(t, "lock", dir)
	stdin, err := cmd.StdinPipe()
	must(t, err)
	stdout, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		stdin.Close()
		_ = cmd.Wait()
	})
	if text, err := bufio.NewReader(stdout).ReadString('\n'); text != "held\n" {
		t.Fatalf("the holder says %q, %v", text, err)
	}
	return cmd
}

// Incident 20: of two processes one is refused at once, and told who is at work; kill -9 the first, and the second gets
// the lock, whatever the first has left in the file.
func TestLockOfAProcessThatIsKilled(t *testing.T) {
	dir := t.TempDir()
	holder := startHolder(t, dir)
	j := open(t, dir)
	_, err := j.Lock(t.Context(), host, client, 0)
	var locked *journal.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("Lock: %v; want LockedError", err)
	}
	hostname, _ := os.Hostname()
	if h := locked.Holder; h.PID != holder.Process.Pid || h.Hostname != hostname || time.Since(h.Since) > time.Minute || time.Since(h.Since) < 0 {
		t.Errorf("holder: %+v; want pid %d on %s", h, holder.Process.Pid, hostname)
	}
	for _, want := range []string{fmt.Sprint(holder.Process.Pid), hostname, "since 20"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	must(t, holder.Process.Kill())
	release, err := j.Lock(t.Context(), host, client, 5*time.Second)
	must(t, err)
	release()
}

func TestStaleHolderIsNoLock(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	release, err := j.Lock(t.Context(), host, client, 0)
	must(t, err)
	release()
	release() // as often as one likes
	files, err := filepath.Glob(filepath.Join(dir, "lock-*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("lock files: %v, %v", files, err)
	}
	if strings.Contains(content(t, files[0]), "pid") {
		t.Error("a lock that was given back names its holder")
	}
	for _, text := range []string{"", "\n", "\n{\"pid\":1,\"hostname\":\"h\"}\n", strings.Repeat("x", 10_000), "\x00\x00"} {
		must(t, os.WriteFile(files[0], []byte(text), 0o600))
		release, err := j.Lock(t.Context(), host, client, 0)
		if err != nil {
			t.Errorf("with %.20q in the file: %v", text, err)
			continue
		}
		_, err = j.Lock(t.Context(), host, client, 0)
		var locked *journal.LockedError
		if !errors.As(err, &locked) || locked.Holder.PID != os.Getpid() {
			t.Errorf("with %.20q in the file before: %v", text, err)
		}
		// What cannot be read names nobody, and is a lock all the same.
		must(t, os.Truncate(files[0], 3))
		if _, err = j.Lock(t.Context(), host, client, 0); !errors.As(err, &locked) || locked.Holder.PID != 0 {
			t.Errorf("a holder that cannot be read: %v", err)
		}
		release()
	}
}

// One lock for each org; names are what they may be in a file.
func TestLocksOfSeveralOrgs(t *testing.T) {
	j := open(t, t.TempDir())
	orgs := [][2]string{{host, client}, {host, "22bb"}, {"api.mypurecloud.de", client}, {"../../x", "/etc/passwd"}, {"a_b", ""}, {"a/b", ""},
		{strings.Repeat("h", 300), "\x00\n"}}
	for _, o := range orgs {
		release, err := j.Lock(t.Context(), o[0], o[1], 0)
		if err != nil {
			t.Errorf("Lock(%.20q, %q): %v", o[0], o[1], err)
			continue
		}
		defer release()
	}
	var locked *journal.LockedError
	if _, err := j.Lock(t.Context(), strings.ToUpper(host), strings.ToUpper(client), 0); !errors.As(err, &locked) {
		t.Errorf("the same org in other letters: %v; want LockedError", err)
	}
	if files, _ := filepath.Glob(filepath.Join(j.Dir(), "lock-*")); len(files) != len(orgs) {
		t.Errorf("%d orgs have %d files: %v", len(orgs), len(files), files)
	}
}

// Waiting ends with the lock, with the time, or with the run.
func TestLockWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := open(t, t.TempDir())
		release, err := j.Lock(t.Context(), host, client, 0)
		must(t, err)

		var locked *journal.LockedError
		for _, wait := range []time.Duration{0, 90 * time.Second} {
			began := time.Now()
			_, err = j.Lock(t.Context(), host, client, wait)
			if took := time.Since(began); !errors.As(err, &locked) || took != wait {
				t.Errorf("Lock = %v after %v; want LockedError after %v", err, took, wait)
			}
		}

		stop := errors.New("stopped")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stop) })
		if _, err := j.Lock(ctx, host, client, time.Hour); !errors.Is(err, stop) || errors.As(err, &locked) {
			t.Errorf("Lock in a run that is stopped: %v; want %v", err, stop)
		}

		began := time.Now()
		time.AfterFunc(30*time.Second, release)
		release, err = j.Lock(t.Context(), host, client, time.Minute)
		if took := time.Since(began); err != nil || took < 30*time.Second || took > 31*time.Second {
			t.Errorf("Lock = %v after %v; want it when it is given back after 30 s", err, took)
		}
		release()
	})
}

func TestLockOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	release, err := j.Lock(t.Context(), host, client, 0)
	must(t, err)
	release()
	files, _ := filepath.Glob(filepath.Join(dir, "lock-*"))
	must(t, os.Remove(files[0]))
	full := open(t, dir)
	full.FillDisk("/dev/full")
	if _, err := full.Lock(t.Context(), host, client, 0); !errors.Is(err, journal.ErrDisk) {
		t.Errorf("Lock: %v; want ErrDisk", err)
	}
	must(t, os.Mkdir(files[0], 0o700))
	if _, err := j.Lock(t.Context(), host, client, 0); !errors.Is(err, journal.ErrUnusable) {
		t.Errorf("Lock: %v; want ErrUnusable", err)
	}
}
