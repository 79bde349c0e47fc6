package main

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/report"
)

// everyVerb calls check for a command and each one below it. It leaves out those that are hidden, and topics of the help.
func everyVerb(cmd *cobra.Command, check func(*cobra.Command)) {
	if cmd.Hidden || !cmd.Runnable() && !cmd.HasSubCommands() {
		return
	}
	check(cmd)
	for _, below := range cmd.Commands() {
		everyVerb(below, check)
	}
}

// Each verb has two examples, and each of them is a call that callroll takes.
func TestExamples(t *testing.T) {
	n := 0
	everyVerb((&app{}).root(), func(cmd *cobra.Command) {
		n++
		examples := strings.Split(cmd.Example, "\n")
		if len(examples) < 2 {
			t.Errorf("%s has %d examples", cmd.CommandPath(), len(examples))
		}
		for _, example := range examples {
			if !strings.HasPrefix(example, "  "+cmd.CommandPath()) {
				t.Errorf("an example of %s is about something else: %s", cmd.CommandPath(), example)
			}
			example, _, _ = strings.Cut(example, " >") // the file that a shell writes
			for call := range strings.SplitSeq(example, "|") {
				checkCall(t, call)
			}
		}
	})
	if n < 25 {
		t.Errorf("there are only %d commands", n)
	}
}

// checkCall reports an error if callroll would not take a call.
func checkCall(t *testing.T, call string) {
	t.Helper()
	var words []string
	for i, part := range strings.Split(call, "'") { // every second part is quoted
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	cmd, args, err := (&app{}).root().Find(words[1:])
	if err == nil {
		err = cmd.ParseFlags(args)
	}
	if err == nil {
		err = cmd.ValidateArgs(cmd.Flags().Args())
	}
	if err != nil || words[0] != "callroll" {
		t.Errorf("%s: %v", call, err)
	}
}

// Every help text ends with the line about the exit status.
func TestHelpEnds(t *testing.T) {
	everyVerb((&app{}).root(), func(cmd *cobra.Command) {
		var out bytes.Buffer
		args := append(strings.Fields(cmd.CommandPath())[1:], "--help")
		if status := run(t.Context(), args, nil, nil, &out, io.Discard); status != report.OK {
			t.Errorf("%v: status %d", args, status)
		}
		if !strings.HasSuffix(out.String(), "\n"+statusHint+"\n") {
			t.Errorf("%v ends with %q", args, out.String()[max(0, out.Len()-80):])
		}
	})
}
