package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/secret"
)

// globalFlags are the flags of every verb.
type globalFlags struct {
	config  string
	sandbox string
	timeout span
	verbose int
	noColor bool
}

func (g *globalFlags) register(fs *pflag.FlagSet) {
	fs.StringVar(&g.config, "config", "", "configuration `FILE` (default callroll.yaml here, or in /etc/callroll;\n"+
		`on Windows in %ProgramData%\callroll)`)
	fs.StringVar(&g.sandbox, "sandbox", "", "use the services of the sandbox in folder `DIR` instead of the real ones")
	fs.Var(&g.timeout, "timeout", "stop the run after `DURATION` (default 10m)")
	fs.CountVarP(&g.verbose, "verbose", "v", "print progress and cost; -vv prints every request")
	fs.BoolVar(&g.noColor, "no-color", false, "no colours, even on a terminal")
}

// verbFlags are the flags of the verbs that work on groups. Each verb registers the ones that it has.
type verbFlags struct {
	groups   []string
	limits   limitFlags
	out      outFlags
	expires  span
	exitCode bool
	dryRun   bool

	groupsName string // of the argument that groups comes from; empty for the flag --group

	allowOlder bool // of push only
	lockWait   span
	quiet      bool
}

// registerPlanning registers the flags of every verb that plans.
func (f *verbFlags) registerPlanning(fs *pflag.FlagSet) {
	f.registerGroups(fs)
	f.limits.register(fs)
	f.out.register(fs)
	f.out.registerSummary(fs)
}

func (f *verbFlags) registerWrites(fs *pflag.FlagSet) {
	fs.BoolVar(&f.dryRun, "dry-run", false, "show what would be changed, and change nothing")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "print only what is new and what is over, and once a day what lasts")
	f.lockWait.orZero = true
	fs.Var(&f.lockWait, "lock-wait", "wait up to `DURATION` for another run to end (default: do not wait)")
}

func (f *verbFlags) registerExpires(fs *pflag.FlagSet) {
	f.expires.Duration = 24 * time.Hour
	fs.Var(&f.expires, "expires", "`DURATION` for which the file can be used")
}

func (f *verbFlags) registerExitCode(fs *pflag.FlagSet) {
	fs.BoolVar(&f.exitCode, "exit-code", false, "exit with status 10 if there is something to change")
}

// registerGroups registers the flag that chooses the groups to work on.
func (f *verbFlags) registerGroups(fs *pflag.FlagSet) {
	fs.StringArrayVar(&f.groups, "group", nil, "work only on the group `NAME` (repeatable)")
}

// outFlags say where and how the result is written.
type outFlags struct {
	output    string
	file      string
	summary   bool // of the text on stdout
	dataFirst bool // JSON is the default format of stdout, unless -o names a file
}

func (o *outFlags) registerFormat(fs *pflag.FlagSet) {
	byDefault := textFormat
	if o.dataFirst {
		byDefault = "json; text with -o"
	}
	fs.StringVar(&o.output, "output", "",
		fmt.Sprintf("`FORMAT` of the report on stdout: %s (default %s)", orList(formatNames()), byDefault))
}

func (o *outFlags) registerSummary(fs *pflag.FlagSet) {
	fs.BoolVar(&o.summary, "summary", false,
		"print one line for each group, without names; JSON, Markdown and HTML still have everything")
}

func (o *outFlags) register(fs *pflag.FlagSet) {
	o.registerFormat(fs)
	fs.StringVarP(&o.file, "out", "o", "", "write the JSON to `FILE`; - writes it to stdout instead of the text")
}

// format returns the name of the format of stdout.
func (o *outFlags) format() string {
	switch {
	case o.output != "":
		return o.output
	case o.dataFirst && o.file == "":
		return jsonFormat
	}
	return textFormat
}

// check returns an error if the format is unknown. It changes -o - to --output json without a file, because both write the
// JSON to stdout; together with another format, -o - is an error.
func (o *outFlags) check() error {
	if o.output != "" && !slices.Contains(formatNames(), o.output) {
		return usage(fmt.Errorf("--output %q is neither %s", secret.Mask(o.output), strings.Join(formatNames(), " nor ")))
	}
	if o.file == stdio {
		if o.output != "" && o.output != jsonFormat {
			return usage(fmt.Errorf("-o - writes the JSON to stdout, where --output %s writes the %[1]s; leave one of them out", o.output))
		}
		o.output, o.file = jsonFormat, ""
	}
	return nil
}

// limitFlags change the limits for this run only.
type limitFlags struct {
	allowRemovals  []string
	allowAdditions []string
	release        []string
	noRemovals     bool
}

func (l *limitFlags) register(fs *pflag.FlagSet) {
	fs.StringArrayVar(&l.allowRemovals, "allow-removals", nil,
		"allow exactly N removals of a group in this run, as `GROUP=N` (repeatable)")
	fs.StringArrayVar(&l.allowAdditions, "allow-additions", nil,
		"allow exactly N additions to a group in this run, as `GROUP=N` (repeatable)")
	fs.StringArrayVar(&l.release, "release", nil, "let a member in doubt be removed in this run, as `GROUP=USERNAME` (repeatable)")
	fs.BoolVar(&l.noRemovals, "no-removals", false, "remove nobody in this run")
}

// span is the value of a flag (pflag.Value): a duration greater than 0, or also 0.
type span struct {
	time.Duration
	orZero bool
}

func (s *span) Set(text string) error {
	d, err := config.ParseDuration(text)
	switch {
	case err == nil && (d > 0 || d == 0 && s.orZero):
		s.Duration = d
		return nil
	case s.orZero:
		return errors.New("must be 0 or a duration like 10m")
	}
	return errors.New("must be a duration like 10m or 7d")
}

// String returns 0 without a unit for 0. The help does not show a default of 0.
func (s *span) String() string {
	if s.Duration == 0 {
		return "0"
	}
	return s.Duration.String()
}

func (s *span) Type() string { return "duration" }
