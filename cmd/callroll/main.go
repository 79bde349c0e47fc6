// Command callroll makes the members of Genesys Cloud groups the same as the members of Microsoft Entra groups. It is the
// command line of package pipeline: it reads flags and configuration, prints the result and chooses the exit status.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

func main() { os.Exit(process(run)) }

// process calls run with the arguments, environment and streams of the process. A signal cancels the context.
func process(run runFunc) int {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(28) // with the default of 100 a run takes 23 MiB more for 500 groups with 1,000 members each
	}
	signal.Ignore(syscall.SIGPIPE) // a reader that closes the pipe must not stop a write half-way
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopping()...)
	ctx, stop := context.WithCancelCause(context.Background())
	go func() {
		stop(&signalError{<-signals})
		os.Exit((&signalError{<-signals}).status()) // the second signal ends the process at once
	}()
	return run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
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
