package main

import (
	"time"

	"github.com/spf13/pflag"
)

// verbFlags are those of the verbs that work on groups. A verb registers the ones that it has.
type verbFlags struct {
	groups   groupFlags
	limits   limitFlags
	out      outFlags
	expires  span
	exitCode bool
	dryRun   bool
	// allowOlder is push's alone.
	allowOlder bool
	lockWait   pause
	quiet      bool
}

// registerPlanning registers what every verb has that plans.
func (f *verbFlags) registerPlanning(fs *pflag.FlagSet) {
	f.groups.register(fs)
	f.limits.register(fs)
	f.out.register(fs)
	f.out.registerSummary(fs)
}

func (f *verbFlags) registerWrites(fs *pflag.FlagSet) {
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "speak only of what is new, of what is over, and once a day of what lasts")
	fs.Var(&f.lockWait, "lock-wait", "wait this `LONG` for another run to end (default: not at all)")
}

func (f *verbFlags) registerExpires(fs *pflag.FlagSet) {
	f.expires = span(24 * time.Hour)
	fs.Var(&f.expires, "expires", "how `LONG` the file may be used")
}

func (f *verbFlags) registerExitCode(fs *pflag.FlagSet) {
	fs.BoolVar(&f.exitCode, "exit-code", false, "end with 10 if there is something to change")
}

func (f *verbFlags) registerDryRun(fs *pflag.FlagSet) {
	fs.BoolVar(&f.dryRun, "dry-run", false, "write nothing, and show what would be written")
}

// early says whether a run that fails before its work begins looks up whether that is news. A dry run leaves nothing behind.
func (f *verbFlags) early() bool { return f.quiet && !f.dryRun }
