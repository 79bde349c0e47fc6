package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// app is one call of the program: its input and output, and the flags that every verb has.
type app struct {
	env    map[string]string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer

	// wire wraps the transport of a sandbox. It is nil except in tests, which use it to add TLS sockets.
	wire func(http.RoundTripper) http.RoundTripper

	talk     sync.Mutex     // held while lines are printed
	progress *progress      // on a terminal, while a session is open; otherwise nil
	redact   *rest.Redactor // knows both secrets after they are read; created when the run begins
	tally    *tally         // of this run; created when it begins
	clock    clock
	flags    globalFlags
	said     map[string]bool // by sayOnce
	headed   bool            // the heading of the mail was printed
	current  *output         // where the result of the verb goes; nil until that is known
}

// runFunc is the type of run.
type runFunc func(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int

// run is the whole program except for signals and the exit of the process. It returns the exit status.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return (&app{env: environment(environ), stdin: stdin, stdout: stdout, stderr: stderr}).execute(ctx, args)
}

func (a *app) execute(ctx context.Context, args []string) (status int) {
	a.redact = rest.NewRedactor()
	defer func() {
		if r := recover(); r != nil {
			status = report.Internal
			a.progress.stop()
			text := "internal error: " + secret.Panic(r)
			a.say("%s; please report it with what follows", text)
			fmt.Fprintf(a.stderr, "%s", debug.Stack()) // contains addresses, not values
			if a.current != nil {
				_ = a.current.fail(ctx, &statusError{status, errors.New(text)}) // already printed
			}
		}
	}()
	muteLibraries()
	defer muteLibraries()
	a.tally = newTally()
	a.stdout = &outlet{to: a.stdout, clear: a.clearProgress}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.stdin)
	root.SetErr(&foreign{app: a})
	status = a.end(root.ExecuteContext(ctx))
	a.sayClock()
	a.sayCost()
	return status
}

// end prints an error and its hint. A configuration with several mistakes has a line for each of them. It returns the exit
// status.
func (a *app) end(err error) int {
	if err == nil {
		return report.OK
	}
	status := statusOf(err)
	var many config.Errors
	switch {
	case errors.As(err, new(*ended)):
	case errors.As(err, &many):
		var lines []string
		for _, one := range many {
			lines = append(append(lines, one.Error()), hintLines(one)...)
		}
		a.sayLines(lines...)
	default:
		a.sayLines(append([]string{err.Error()}, hintLines(err)...)...)
	}
	return status
}

// beginProgress makes a new progress and returns it; nil if stderr is not a terminal that can remove a line. With -v the messages
// show how far the run has come. It holds the lock, because a library may log something about a connection of an earlier session
// at the same time.
func (a *app) beginProgress() *progress {
	a.talk.Lock()
	defer a.talk.Unlock()
	a.progress = nil
	if isTerminal(a.stderr) && a.env["TERM"] != "dumb" && a.flags.verbose == 0 {
		a.progress = newProgress(a.stderr, &a.talk)
	}
	return a.progress
}

func (a *app) clearProgress() {
	a.talk.Lock()
	defer a.talk.Unlock()
	a.progress.clear()
}

// say prints a line on stderr.
func (a *app) say(format string, args ...any) { a.sayLines(fmt.Sprintf(format, args...)) }

// sayOnce prints lines like sayLines, unless this call of the program has printed them already: init opens several sessions.
func (a *app) sayOnce(lines ...string) {
	key := strings.Join(lines, "\n")
	if a.said[key] {
		return
	}
	if a.said == nil {
		a.said = map[string]bool{}
	}
	a.said[key] = true
	a.sayLines(lines...)
}

// sayLines prints lines on stderr that belong together. It holds a lock, so that lines of concurrent requests do not come
// between them.
func (a *app) sayLines(lines ...string) {
	a.talk.Lock()
	defer a.talk.Unlock()
	a.progress.clear()
	for _, line := range lines {
		line = "callroll: " + report.Harmless(strings.ReplaceAll(line, "\n", "; "))
		for _, part := range report.Wrap(line, "  ", width(a.stderr)) {
			fmt.Fprintln(a.stderr, part)
		}
	}
}

// sayCommand prints a command to copy, which belongs to the line before it. It is whole on a line of its own, however narrow the
// terminal is.
func (a *app) sayCommand(command string) {
	a.talk.Lock()
	defer a.talk.Unlock()
	a.progress.clear()
	fmt.Fprintln(a.stderr, "    "+report.Harmless(command))
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "callroll",
		Short: "Give Genesys Cloud groups exactly the members of Entra groups",
		Long: "callroll gives Genesys Cloud groups the members of Microsoft Entra groups, and no others. It refuses changes that\n" +
			"look like a mistake, and says how to allow them.",
		Example:       "  callroll sync --sandbox play\n  callroll init",
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          knownVerb,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return usage(fmt.Errorf("say what to do: %s; callroll --help tells more", verbs(cmd)))
		},
	}
	root.SetOut(a.stdout) // before the commands of cobra are made, which keep it
	root.SetVersionTemplate("callroll {{.Version}} (" + build() + ")\n")
	root.SetFlagErrorFunc(flagError)
	root.PersistentPreRunE = noEmptyFlags
	root.SetHelpCommand(helpCommand())
	a.setHelp(root)
	a.flags.register(root.PersistentFlags())
	root.AddCommand(a.fetchCommand(), a.diffCommand(), a.pushCommand(), a.syncCommand(), a.showCommand(), a.explainCommand(),
		a.doctorCommand(), a.initCommand(), a.groupsCommand(), a.mapCommand(), a.undoCommand(), a.journalCommand(), a.sandboxCommand(),
		a.statusTopic(), a.manCommand())
	addCompletions(root, a.completions())
	root.InitDefaultCompletionCmd()
	addCompletionExamples(root)
	return root
}

// verbs lists the verbs of a command without help and completion, for example "diff, fetch or push".
func verbs(cmd *cobra.Command) string {
	var names []string
	for _, c := range cmd.Commands() {
		if c.IsAvailableCommand() && c.Name() != "help" && c.Name() != "completion" {
			names = append(names, c.Name())
		}
	}
	return orList(names)
}

// orList joins two or more names, for example "diff, fetch or push".
func orList(names []string) string {
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " or " + names[last]
}

// flagError turns an error of the flag parser into a usage error without secrets. If the flag is about a secret, the error
// says where a secret belongs: every user of the machine can read flags in the list of processes.
func flagError(_ *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	switch {
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		err = fmt.Errorf("unknown flag -%s", unknown.GetSpecifiedName()) // the text after it may be a secret
	case errors.As(err, new(*pflag.InvalidSyntaxError)):
		err = errors.New("a flag begins with = after its dashes")
	default:
		err = errors.New(secret.MaskQuoted(err.Error()))
	}
	if strings.Contains(err.Error(), "secret") {
		err = fmt.Errorf("%w: a secret never goes into a flag; name a file that holds it with client_secret_file "+
			"in the configuration, or set GRAPH_CLIENT_SECRET or GENESYS_CLIENT_SECRET", err)
	}
	return usage(err)
}

// noEmptyFlags returns an error for --sandbox "" and other empty flags: because of a variable that is not set, callroll must
// not write to the real services instead of the sandbox.
func noEmptyFlags(cmd *cobra.Command, _ []string) error {
	var err error
	cmd.Flags().Visit(func(f *pflag.Flag) {
		if empty := strings.Trim(f.Value.String(), `[]" `); empty == "" {
			err = usage(fmt.Errorf("--%s is empty", f.Name))
		}
	})
	return err
}

// helpCommand is like cobra's help command, but an unknown topic is a usage error.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Help about any verb or topic",

		Example: "  callroll help sync\n  callroll help exit-status",
		RunE: func(cmd *cobra.Command, args []string) error {
			topic, rest, err := cmd.Root().Find(args)
			if err != nil || topic == nil || len(rest) > 0 {
				return usage(fmt.Errorf("no such help topic: %q", strings.Join(args, " ")))
			}
			topic.InitDefaultHelpFlag()
			return topic.Help()
		},
	}
}

func environment(environ []string) map[string]string {
	env := make(map[string]string, len(environ))
	for _, pair := range environ {
		if name, value, ok := strings.Cut(pair, "="); ok {
			env[name] = value
		}
	}
	return env
}
