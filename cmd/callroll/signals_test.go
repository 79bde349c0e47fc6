package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/secret"
)

// stubborn is the variable that makes the test binary a process whose run goes on after it was told to stop.
const stubborn = "TEST_STUBBORN"

// pidFile is the variable that makes it a process that has started a command for a secret, too. It names the file in which the
// command writes its process id and that of the process that it starts.
const pidFile = "TEST_PID_FILE"

// runOn says when it has begun and when it is told to stop, and does not end. Its command does not hear of the first signal.
func runOn(ctx context.Context, _, _ []string, _ io.Reader, stdout, _ io.Writer) int {
	if path := os.Getenv(pidFile); path != "" {
		script := `sleep 600 & echo $$ $! > "$1.new"; mv "$1.new" "$1"; wait`
		go func() {
			_, _ = secret.ReadCommand(context.WithoutCancel(ctx), []string{"sh", "-c", script, "sh", path}, os.Environ())
		}()
		for _, err := os.Stat(path); err != nil; _, err = os.Stat(path) {
			time.Sleep(time.Millisecond)
		}
	}
	fmt.Fprintln(stdout, "running")
	<-ctx.Done()
	fmt.Fprintln(stdout, context.Cause(ctx))
	select {}
}

// The first signal asks a run to stop, which may take as long as a PUT in flight. The second one ends the process at once, and
// with it the command that returns a secret, and what that has started.
func TestTheSecondSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows sends no signals")
	}
	for _, test := range []struct {
		first, second syscall.Signal
		want          int
	}{{syscall.SIGTERM, syscall.SIGINT, report.Interrupted}, {syscall.SIGINT, syscall.SIGTERM, report.Terminated}} {
		pids := filepath.Join(t.TempDir(), "pids")
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), stubborn+"=yes", pidFile+"="+pids)
		stdout, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		giveUp := time.AfterFunc(20*time.Second, func() { _ = child.Process.Kill() })
		lines := bufio.NewScanner(stdout)
		for _, step := range []struct {
			wait string
			send os.Signal
		}{{"running", test.first}, {"stopped by " + test.first.String(), test.second}} {
			if !lines.Scan() || lines.Text() != step.wait {
				t.Fatalf("%q, want %q", lines.Text(), step.wait)
			}
			if err := child.Process.Signal(step.send); err != nil {
				t.Fatal(err)
			}
		}
		_ = child.Wait()
		if giveUp.Stop(); child.ProcessState.ExitCode() != test.want {
			t.Errorf("%v and then %v: it ended with %d, want %d", test.first, test.second, child.ProcessState.ExitCode(), test.want)
		}
		data, err := os.ReadFile(pids)
		if err != nil || len(strings.Fields(string(data))) != 2 {
			t.Fatalf("%q, %v: want two processes", data, err)
		}
		for _, pid := range strings.Fields(string(data)) {
			wantGone(t, pid)
		}
	}
}

// wantGone waits until a process has ended, and ends it if it does not.
func wantGone(t *testing.T, pid string) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		state, err := exec.Command("ps", "-o", "stat=", "-p", pid).Output()
		if err != nil || strings.HasPrefix(strings.TrimSpace(string(state)), "Z") { // its parent has not collected it yet
			return
		}
		if time.Now().After(deadline) {
			break
		}
	}
	t.Errorf("process %s is still there", pid)
	n, err := strconv.Atoi(pid)
	do(t, err)
	left, err := os.FindProcess(n)
	do(t, err)
	_ = left.Kill()
}
