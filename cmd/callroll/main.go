// Command callroll makes Genesys Cloud groups have exactly the people of Microsoft Entra groups; it is the skin of
// package pipeline, and decides nothing but which exit status a run ends in.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
)

func main() { os.Exit(process(run)) }

// process gives a run what it takes from the process around it: the signals, the arguments and the streams.
func process(run runFunc) int {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		limitMemory()
	}
	signal.Ignore(syscall.SIGPIPE) // whoever stops reading the report does not stop a write half-way
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, stopping()...)
	ctx, stop := context.WithCancelCause(context.Background())
	go func() {
		stop(&signalError{<-signals})
		os.Exit((&signalError{<-signals}).status()) // the second one ends at once
	}()
	return run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr)
}

// stopping lists the signals that stop a run. One that the parent has the process ignore stays ignored: nohup does so with
// the hangup of a terminal, and a shell with the interrupt of what a script starts in the background.
func stopping() []os.Signal {
	signals := []os.Signal{syscall.SIGTERM}
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signals = append(signals, s)
		}
	}
	return signals
}
