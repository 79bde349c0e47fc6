package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/report"
)

// stubborn is the variable that makes the test binary a process whose run goes on after it was told to stop.
const stubborn = "TEST_STUBBORN"

// runOn says when it has begun and when it is told to stop, and does not end.
func runOn(ctx context.Context, _, _ []string, _ io.Reader, stdout, _ io.Writer) int {
	fmt.Fprintln(stdout, "running")
	<-ctx.Done()
	fmt.Fprintln(stdout, context.Cause(ctx))
	select {}
}

// The first signal asks a run to stop, which may take as long as a PUT in flight. The second one ends the process at once.
func TestTheSecondSignal(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows sends no signals")
	}
	for _, test := range []struct {
		first, second syscall.Signal
		want          int
	}{{syscall.SIGTERM, syscall.SIGINT, report.Interrupted}, {syscall.SIGINT, syscall.SIGTERM, report.Terminated}} {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), stubborn+"=yes")
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
	}
}
