package main

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/pairing"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/schedule"
)

// initFlags are the flags of init besides those of the questions.
type initFlags struct {
	noInput  bool
	sameName bool
	groups   []string
	prefixes pairing.Prefixes
	schedule string
}

func (a *app) initCommand() *cobra.Command {
	var f initFlags
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a configuration, and try it on both services as it grows",
		Long: "Write a configuration: sign in to both services, choose among the groups that have the same name on both sides, and\n" +
			"show what a first run would change. On a terminal it asks for what no flag says, and a wrong answer can be corrected at\n" +
			"once. Otherwise every answer is a flag or a variable. Every entry has mode: add-only, so that it removes nobody.\n\n" +
			"A secret is never a flag. It stays where it is (a file, a variable, a command), or is typed and kept in a file beside the\n" +
			"configuration. No file is ever replaced, and nothing is written before both services have taken the credentials.\n" +
			"The exit status is that of the diff at the end, which comes after the file is written; without groups there is no diff,\n" +
			"and it is 0. If callroll init stops before, no configuration is written.\n\n" +
			"With --schedule it prints an entry for a scheduler instead, and what to do with it.",
		Example: "  callroll init\n" +
			"  callroll init --no-input --same-name --entra-certificate-file callroll.pem --genesys-region mypurecloud.ie\n" +
			"  callroll init --schedule systemd --config /etc/callroll/callroll.yaml",
		Args: noArgs,
	}
	fs := cmd.Flags()
	flags := map[string]*string{}
	for _, q := range allQuestions() {
		if q.flag != "" {
			flags[q.key] = fs.String(q.flagName(), "", q.flag)
		}
	}
	fs.BoolVar(&f.noInput, "no-input", false, "ask nothing, even on a terminal")
	fs.BoolVar(&f.sameName, "same-name", false, "take all groups whose names are equal")
	fs.StringArrayVar(&f.groups, "group", nil, "take the Genesys group `NAME` and the Entra group of the same name (repeatable)")
	fs.StringVar(&f.prefixes.Entra, "entra-prefix", "", "only Entra groups that begin with `TEXT`, which is not compared")
	fs.StringVar(&f.prefixes.Genesys, "genesys-prefix", "", "only Genesys groups that begin with `TEXT`, which is not compared")
	fs.StringVar(&f.schedule, scheduleFlag, "", "print the entry that runs callroll every fifteen minutes, and write nothing: "+
		"`SCHEDULER` is "+orList(formatsOfSchedules()))
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if f.schedule != "" {
			return a.printSchedule(cmd.Context(), cmd.Flags(), schedule.Format(f.schedule))
		}
		given := map[string]string{}
		for key, value := range flags {
			if *value != "" {
				given[key] = *value
			}
		}
		return a.initialize(cmd.Context(), &f, given)
	}
	return cmd
}

// initialize makes a configuration from the flags and from what is answered.
func (a *app) initialize(ctx context.Context, f *initFlags, given map[string]string) error {
	if f.sameName && len(f.groups) > 0 {
		return usage(errors.New("--same-name takes all groups of equal name, and --group one of them; leave one of them out"))
	}
	path, err := a.newConfigPath()
	if err != nil {
		return err
	}
	base, err := a.initialOptions()
	if err != nil {
		return err
	}
	reading, cancel := a.patient(ctx)
	defer cancel()
	known, err := newAnswers(reading, path, given, base)
	if err != nil {
		return err
	}
	i := &initialization{app: a, flags: f, answers: known}
	if !f.noInput {
		i.prompt = a.prompter()
	}
	if missing := known.missing(); i.prompt == nil && len(missing) > 0 {
		return usage(&hintedError{
			errors.New("there is no answer to some questions: " + strings.Join(missing, ", ")),
			"on a terminal, callroll init asks for them",
		})
	}
	return i.run(ctx)
}

// newConfigPath returns where the new configuration goes. There must be nothing yet.
func (a *app) newConfigPath() (string, error) {
	path := a.configOptions().Path
	if a.flags.sandbox != "" && a.flags.config == "" {
		return "", usage(errors.New("a sandbox has a configuration already; name the new one: --config FILE"))
	}
	if path == "" {
		path = a.env["CALLROLL_CONFIG"]
	}
	if path == "" {
		path = "callroll.yaml"
	}
	if err := absent(path); err != nil {
		return "", usage(err)
	}
	return path, nil
}

// initialOptions says where the first answers come from: the environment, or the configuration of the sandbox, which is made if
// it does not exist.
func (a *app) initialOptions() (config.Options, error) {
	if a.flags.sandbox == "" {
		return config.Options{Path: "callroll.yaml", Env: a.env, Draft: []byte("groups:\n")}, nil
	}
	world, err := a.openSandbox(a.flags.sandbox)
	if err != nil {
		return config.Options{}, err
	}
	return config.Options{Path: filepath.Join(a.flags.sandbox, sandbox.DemoConfig)}, world.Close()
}

// initialization is one call of init.
type initialization struct {
	app     *app
	flags   *initFlags
	prompt  *prompter // nil if nothing is asked
	answers *answers
}

func (i *initialization) run(ctx context.Context) error {
	if i.prompt != nil {
		i.app.say("a few questions follow; nothing is written before the end, and Ctrl-C stops")
	}
	if err := i.side(ctx, entraQuestions(), i.tryEntra); err != nil {
		return err
	}
	root := rootQuestion(func(a *answers) bool { return a.untrusted })
	if err := i.side(ctx, append(genesysQuestions(), root), i.tryGenesys); err != nil {
		return err
	}
	pairs, err := i.pairs(ctx)
	if err != nil {
		return err
	}
	if err := i.write(pairs); err != nil {
		return err
	}
	if len(pairs.Pairs) == 0 {
		i.app.say("it has no groups yet; this prints entries to append:")
		i.app.sayCommand(i.next("map --same-name"))
		i.app.say("these list the ids of both sides:")
		i.app.sayCommand(i.next("groups entra"))
		i.app.sayCommand(i.next("groups genesys"))
		return nil
	}
	i.sayNested(ctx, pairs)
	if err := i.diff(ctx); err != nil {
		i.app.say("the configuration stays as it was written; this checks everything:")
		i.app.sayCommand(i.next("doctor"))
		return err
	}
	i.app.say("next, check everything:")
	i.app.sayCommand(i.next("doctor"))
	i.app.say("write a plan that a colleague can review:")
	i.app.sayCommand(i.next("diff") + " -o plan.json")
	i.app.say("and carry it out:")
	i.app.sayCommand(i.next("push plan.json"))
	return nil
}

// side asks questions and tries the answers, until they are right.
func (i *initialization) side(ctx context.Context, questions []question, try func(context.Context) error) error {
	i.answers.untrusted = false
	for open := questions; ; {
		if i.prompt != nil {
			for _, q := range open {
				if err := i.ask(ctx, q); err != nil {
					return err
				}
			}
		}
		err := try(ctx)
		if err == nil || i.prompt == nil || ctx.Err() != nil {
			return err
		}
		i.answers.release(questions)
		i.answers.untrusted = unknownAuthority(err)
		if !slices.ContainsFunc(questions, i.answers.asks) { // the same answers would be tried for ever
			return err
		}
		i.app.end(err)
		if open, err = i.toCorrect(ctx, questions, err); err != nil {
			return err
		}
	}
}

// ask asks one question, if it is open.
func (i *initialization) ask(ctx context.Context, q question) error {
	if !i.answers.asks(q) {
		return nil
	}
	what := query{text: q.text, preset: i.answers.get(q.key), optional: q.optional, hidden: q.typed}
	if what.preset == "" {
		what.preset = q.preset
	}
	if q.typed && !i.answers.typed[strings.TrimSuffix(q.key, typedSuffix)+"_file"].IsZero() {
		what.preset = inPrompt // any text that is not empty
	}
	check := func(answer string) error { return i.answers.set(q, answer) }
	if len(q.choices) > 0 {
		return i.prompt.choose(ctx, what, q.choices, check)
	}
	return i.prompt.ask(ctx, what, check)
}

// tried opens a session with the answers, and does work in it.
func (i *initialization) tried(ctx context.Context, need needs, work func(context.Context, *session) error) error {
	return i.app.inSessionOf(ctx, i.answers.options(i.app.configOptions()), need, work, nil)
}
