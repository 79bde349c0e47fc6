// Command callroll makes the members of Genesys Cloud groups the same as the members of Microsoft Entra groups. It is the
// command line of package pipeline: it reads flags and configuration, prints the result and chooses the exit status.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

func main() { os.Exit(process(run)) }

// process calls run with the arguments, environment and streams of the process. A signal cancels the context.
func process(run runFunc) int {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(21) // with the default of 100 a run takes 23 MiB more for 500 groups with 1,000 members each
	}
	signal.Ignore(syscall.SIGPIPE) // a reader that closes the pipe must not stop a write half-way
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopping()...)
	var commands secret.Commands
	ctx, stop := context.WithCancelCause(commands.In(context.Background()))
	go func() {
		stop(&signalError{<-signals})
		second := &signalError{<-signals} // ends the process at once
		killAll(&commands)
		os.Exit(second.status())
	}()
	return run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
}

// killAll kills the commands that return secrets. It does not wait for one whose program cannot be started, for example because a
// file server does not answer.
func killAll(commands *secret.Commands) {
	killed := make(chan struct{})
	go func() {
		commands.Kill()
		close(killed)
	}()
	select {
	case <-killed:
	case <-time.After(time.Second):
	}
}

// stopping returns the signals that stop a run. SIGINT and SIGHUP are left out if the parent process has set them to be
// ignored: nohup ignores SIGHUP, and a shell ignores SIGINT for a command that a script starts in the background.
func stopping() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}
