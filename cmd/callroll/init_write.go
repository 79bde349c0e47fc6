package main

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/report"
)

// write writes the secrets that were typed, and then the configuration that names their files.
func (i *initialization) write(p report.Proposal) (err error) {
	var entries strings.Builder
	if err := (report.Text{W: &entries}).Proposal(p); err != nil {
		return err
	}
	var made []string
	defer func() {
		for _, path := range made {
			if err != nil {
				_ = os.Remove(path)
			}
		}
	}()
	options := i.answers.options(config.Options{})
	for _, q := range allQuestions() {
		s, typed := options.Secrets[q.key]
		if !typed {
			continue
		}
		path := filepath.Join(filepath.Dir(i.answers.path), i.answers.draft.Get(q.key))
		if err := createFile(path, []byte(s.Reveal()+"\n")); err != nil {
			return err
		}
		made = append(made, path)
		i.app.say("wrote a secret into %s%s", path, readers())
	}
	if err := createFile(i.answers.path, i.answers.text(entries.String())); err != nil {
		return err
	}
	made = nil
	i.app.say("wrote %s", i.answers.path)
	return nil
}

// readers says who can read a file of createFile. On Windows that follows from its folder.
func readers() string {
	if runtime.GOOS == "windows" {
		return ""
	}
	return ", which only you can read"
}

// diff shows what a run of the new configuration would change.
func (i *initialization) diff(ctx context.Context) error {
	i.app.flags.config = i.answers.path
	v := &verb{app: i.app, name: "diff", flags: &verbFlags{}, need: needs{entra: true, genesys: true}}
	return v.run(ctx, func(ctx context.Context) error { return v.diff(ctx, nil) })
}

// next returns a call of callroll with the new configuration.
func (i *initialization) next(verb string) string {
	words := []string{"callroll", verb}
	if dir := i.app.flags.sandbox; dir != "" {
		words = append(words, report.ShellFlag("--sandbox", dir))
	}
	if !slices.Contains([]string{"callroll.yaml", i.app.env["CALLROLL_CONFIG"]}, i.answers.path) || i.app.flags.sandbox != "" {
		words = append(words, report.ShellFlag("--config", i.answers.path))
	}
	return strings.Join(words, " ")
}
