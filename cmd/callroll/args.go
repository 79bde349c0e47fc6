package main

import (
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

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usage(fmt.Errorf("unexpected argument %q: %s takes none", secret.Mask(args[0]), cmd.CommandPath()))
	}
	return nil
}

func atMostOneArg(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return usage(fmt.Errorf("unexpected argument %q: %s takes one at most", secret.Mask(args[1]), cmd.CommandPath()))
	}
	return nil
}

func oneFile(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return usage(fmt.Errorf("name one FILE, a plan or a membership file, or - for stdin: %s FILE", cmd.CommandPath()))
	}
	return nil
}
