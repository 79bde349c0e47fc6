package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/secret"
)

// knownVerb returns an error if args names a verb that does not exist. The error suggests verbs with similar names.
func knownVerb(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	cmd.SuggestionsMinimumDistance = 2
	hint := cmd.CommandPath() + " --help lists what there is"
	if near := cmd.SuggestionsFor(args[0]); len(near) > 0 {
		hint = "did you mean " + strings.Join(near, " or ") + "?"
	}
	return usage(fmt.Errorf("unknown verb %q: %s", secret.Mask(args[0]), hint))
}

func noArgs(cmd *cobra.Command, args []string) error { return atMost(0, "none", cmd, args) }

func atMostOneArg(cmd *cobra.Command, args []string) error {
	return atMost(1, "one at most", cmd, args)
}

func atMost(n int, takes string, cmd *cobra.Command, args []string) error {
	if len(args) > n {
		return usage(fmt.Errorf("unexpected argument %q: %s takes %s", secret.Mask(args[n]), cmd.CommandPath(), takes))
	}
	return nil
}

// oneArg returns a check that there is one argument, with this error if there is not.
func oneArg(text string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usage(errors.New(text))
		}
		return nil
	}
}

// verbsOf returns a command that only has verbs below it. say is the error if none of them is named.
func verbsOf(use, short, say, examples string, below ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Example: examples, Args: knownVerb,
		RunE: func(*cobra.Command, []string) error { return usage(errors.New(say)) },
	}
	cmd.AddCommand(below...)
	return cmd
}
