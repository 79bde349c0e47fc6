package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/setup"
)

// completionTime is the maximum time for reading the configuration while a shell waits for a completion.
const completionTime = time.Second

// completions returns the functions that complete the values of flags, by the name of the flag.
func (a *app) completions() map[string]cobra.CompletionFunc {
	return map[string]cobra.CompletionFunc{
		"group":           a.completeGroups(""),
		"allow-removals":  a.completeGroups("="),
		"allow-additions": a.completeGroups("="),
		"release":         a.completeGroups("="),
		"entra-prefix":    cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp),
		"genesys-prefix":  cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp),
		"probe":           cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp),
		"with":            cobra.FixedCompletions(nil, cobra.ShellCompDirectiveNoFileComp),
		"output":          cobra.FixedCompletions(formatNames(), cobra.ShellCompDirectiveNoFileComp),
		"sandbox":         cobra.FixedCompletions(nil, cobra.ShellCompDirectiveFilterDirs),
	}
}

// addCompletions adds completions to every command below cmd.
func addCompletions(cmd *cobra.Command, functions map[string]cobra.CompletionFunc) {
	for name, function := range functions {
		if cmd.Flags().Lookup(name) != nil || cmd.PersistentFlags().Lookup(name) != nil {
			_ = cmd.RegisterFlagCompletionFunc(name, function) // fails only for a flag that does not exist
		}
	}
	for _, below := range cmd.Commands() {
		addCompletions(below, functions)
	}
}

// addCompletionExamples adds examples to the commands of cobra that write the script for a shell.
func addCompletionExamples(root *cobra.Command) {
	examples := map[string]string{
		"completion": "  callroll completion bash > callroll.bash\n  callroll completion powershell > callroll.ps1",
		"bash": "  callroll completion bash > ~/.local/share/bash-completion/completions/callroll\n" +
			"  callroll completion bash --no-descriptions > callroll.bash",
		"fish": "  callroll completion fish > ~/.config/fish/completions/callroll.fish\n" +
			"  callroll completion fish --no-descriptions > callroll.fish",
		"powershell": "  callroll completion powershell > callroll.ps1\n" +
			"  callroll completion powershell --no-descriptions > callroll.ps1",
		"zsh": "  callroll completion zsh > ~/.zfunc/_callroll\n  callroll completion zsh --no-descriptions > ~/.zfunc/_callroll",
	}
	made, _, err := root.Find([]string{"completion"})
	if err != nil {
		return
	}
	for _, cmd := range append(made.Commands(), made) {
		cmd.Example = examples[cmd.Name()]
	}
}

// configured returns the configuration for a completion, without its secrets, or nil if there is none. Mistakes in it are
// ignored: a completion must print nothing else.
func (a *app) configured(ctx context.Context) *config.Config {
	opts := a.configOptions()
	opts.WithoutSecrets = true
	ctx, cancel := context.WithTimeout(ctx, completionTime)
	defer cancel()
	c, _ := config.Load(ctx, opts)
	return c
}

// completeGroups completes the name of a group of the configuration, and what follows it. A name that cannot be typed is left
// out.
func (a *app) completeGroups(after string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, _ []string, toComplete string) ([]string, cobra.ShellCompDirective) {
		directive := cobra.ShellCompDirectiveNoFileComp
		if after != "" {
			directive |= cobra.ShellCompDirectiveNoSpace
		}
		var names []string
		if c := a.configured(cmd.Context()); c != nil {
			for _, g := range c.Groups {
				if strings.HasPrefix(g.Name, toComplete) && report.Harmless(g.Name) == g.Name {
					names = append(names, g.Name+after)
				}
			}
		}
		slices.Sort(names)
		return names, directive
	}
}

// completeRuns completes the id of a run that has changed something, the latest first.
func (a *app) completeRuns(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ids := []string{"latest\tthe latest run that changed something"}
	c := a.configured(cmd.Context())
	if c == nil {
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
	a.sandboxState(c)
	dir, err := setup.StateDir(c, a.env)
	if err != nil || dir == journal.None {
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
	history, err := journal.ReadDir(dir)
	if err != nil {
		return ids, cobra.ShellCompDirectiveNoFileComp
	}
	for _, run := range history.Runs() { // the latest first
		changes := run.Inverse()
		if len(changes) == 0 {
			continue
		}
		what, added, removed := changes[0].Name, 0, 0
		if len(changes) > 1 {
			what = fmt.Sprintf("%d groups", len(changes))
		}
		for _, change := range changes { // what would undo the run
			added, removed = added+len(change.Remove), removed+len(change.Add)
		}
		about := fmt.Sprintf("%s: %s, +%d -%d", run.Info.Command, what, added, removed)
		ids = append(ids, report.Harmless(run.Info.ID)+"\t"+report.Harmless(about))
	}
	return ids, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}
