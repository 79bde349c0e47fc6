package main

import (
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"
)

// manCommand writes the manual pages. It is for those who build packages, and so it is hidden.
func (a *app) manCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "man DIR",
		Short:  "Write the manual pages into a folder",
		Hidden: true,
		Args:   oneArg("name the folder for the pages: callroll man DIR"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return usage(err)
			}
			root := cmd.Root()
			root.DisableAutoGenTag = true
			addStatusSections(root)
			return doc.GenManTree(root, manHeader(), args[0])
		},
	}
}

// manHeader has the date of the commit, so that pages of the same commit are the same.
func manHeader() *doc.GenManHeader {
	header := &doc.GenManHeader{Section: "1", Source: "callroll " + version(), Manual: "callroll"}
	if info, ok := debug.ReadBuildInfo(); ok {
		if date, err := time.Parse(time.RFC3339, setting(info, "vcs.time")); err == nil {
			header.Date = &date
		}
	}
	return header
}

// addStatusSections adds a section about the exit status to the text of each command. cobra writes the text as Markdown.
func addStatusSections(cmd *cobra.Command) {
	section := statusHint
	if !cmd.HasParent() {
		section = "    " + strings.ReplaceAll(statusTable(), "\n", "\n    ")
	}
	text := cmd.Long
	if text == "" {
		text = cmd.Short
	}
	cmd.Long = text + "\n\n# EXIT STATUS\n\n" + section
	for _, below := range cmd.Commands() {
		addStatusSections(below)
	}
}
