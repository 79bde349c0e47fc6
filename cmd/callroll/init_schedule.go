package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/schedule"
)

// scheduleFlag is the flag of init that prints an entry.
const scheduleFlag = "schedule"

func formatsOfSchedules() []string {
	var names []string
	for _, f := range schedule.Formats() {
		names = append(names, string(f))
	}
	return names
}

// printSchedule prints the entry with which a scheduler runs callroll, and on stderr what to do with it.
func (a *app) printSchedule(ctx context.Context, flags *pflag.FlagSet, format schedule.Format) error {
	if err := onlySchedule(flags); err != nil {
		return usage(err)
	}
	if !slices.Contains(schedule.Formats(), format) {
		return usage(fmt.Errorf("--schedule: %q is none of %s", format, strings.Join(formatsOfSchedules(), ", ")))
	}
	c, err := a.scheduled(ctx, format)
	if err != nil {
		return usage(err)
	}
	entry, err := schedule.Entry(format, c)
	if err != nil {
		return usage(fmt.Errorf("--schedule %s: %w", format, err))
	}
	if _, err := io.WriteString(a.stdout, entry); err != nil {
		return err
	}
	if _, err := os.Stat(c.Config); format.HasPaths() && err != nil {
		a.say("there is no %s on this machine yet; the entry names it", c.Config)
	}
	for i, step := range schedule.Steps(format, c) {
		if step.Command == "" {
			a.say("%d. %s", i+1, step.Text)
			continue
		}
		a.say("%d. %s:", i+1, step.Text)
		a.sayCommand(step.Command)
	}
	return nil
}

// onlySchedule returns an error for flags that say how to write a configuration, which --schedule does not do.
func onlySchedule(flags *pflag.FlagSet) error {
	var others []string
	flags.Visit(func(f *pflag.Flag) {
		if !slices.Contains([]string{scheduleFlag, "config", "sandbox", "verbose", "no-color", "timeout"}, f.Name) {
			others = append(others, "--"+f.Name)
		}
	})
	if len(others) > 0 {
		return fmt.Errorf("--schedule writes no configuration; leave out %s", strings.Join(others, ", "))
	}
	return nil
}

// scheduled returns the paths for an entry: those of this machine where they are known, otherwise the usual ones.
func (a *app) scheduled(ctx context.Context, format schedule.Format) (schedule.Command, error) {
	c := format.Default()
	named := a.flags.config
	switch {
	case a.flags.sandbox != "":
		return c, errors.New("--schedule is for the real services, and not for --sandbox")
	case format == schedule.Kubernetes:
		c.ClientID = a.clientID(ctx)
		return c, nil
	case !format.HasPaths() && named != "":
		return c, fmt.Errorf("the entry for %s reads the callroll.yaml that is deployed with it; leave out --config", format)
	case !format.HasPaths():
		return c, nil
	case (format == schedule.Windows) != (runtime.GOOS == "windows"): // an entry for another machine
		if named != "" {
			c.Config = named
		}
		return c, nil
	}
	if program, err := os.Executable(); err == nil {
		c.Program = program
	}
	if path, _, _ := config.Where(a.configOptions()); path != "" {
		c.Config = path
	}
	return c, nil
}

// clientID returns the client id for Entra that the configuration has. It reads no secret, and not the environment, which may be
// that of another application. If there is none in a configuration that was named, it says so.
func (a *app) clientID(ctx context.Context) string {
	path, _, known := config.Where(a.configOptions())
	id := ""
	if known {
		ctx, cancel := a.patient(ctx)
		defer cancel()
		c, _ := config.Load(ctx, config.Options{Path: path, WithoutSecrets: true}) // the other values do not matter here
		if c != nil && membership.IsID(c.Entra.ClientID) {
			id = c.Entra.ClientID
		}
	}
	if id == "" && a.flags.config != "" {
		a.say("no client id for Entra could be read from %s", path)
	}
	return id
}
