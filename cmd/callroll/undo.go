package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
)

func (a *app) undoCommand() *cobra.Command {
	var f verbFlags
	cmd := &cobra.Command{
		Use:   "undo RUN|latest",
		Short: "Undo the changes of one run",
		Long: "Undo the changes of one run, as the journal has them: people who were added are removed, and people who were removed\n" +
			"are added. What others have changed since stays. callroll undo list shows the runs. The next sync makes the changes\n" +
			"again, unless their cause is corrected or the group is paused.",
		Example: "  callroll undo latest --dry-run\n  callroll undo latest --group 'Support Tier 1'",
		Args:    oneArg("name one run, or latest; callroll undo list shows them: callroll undo"),

		ValidArgsFunction: a.completeRuns,
		RunE: func(cmd *cobra.Command, args []string) error {
			v := &verb{app: a, name: "undo", flags: &f, need: needs{genesys: true}}
			return v.run(cmd.Context(), func(ctx context.Context) error { return v.undo(ctx, args[0]) })
		},
	}
	f.registerPlanning(cmd.Flags())
	f.registerWrites(cmd.Flags())
	cmd.AddCommand(&cobra.Command{
		Use:   "list",
		Short: "Show the runs that changed something",
		Long:  "Show the runs that changed something, as the journal has them. Nothing is sent to any service.",

		Example: "  callroll undo list\n  callroll undo list --config /etc/callroll/callroll.yaml",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.inSession(cmd.Context(), needs{}, a.undoList, nil)
		},
	})
	return cmd
}

func (v *verb) undo(ctx context.Context, id string) error {
	s := v.session
	history, err := s.history()
	if err != nil {
		return err
	}
	run, err := find(history, v.conn.Host(), s.config.Genesys.ClientID, id)
	if err != nil {
		return err
	}
	entra, err := s.entraIfAny(ctx)
	if err != nil {
		return err
	}
	changed := false
	err = v.write(ctx, func(s pipeline.Settings) (pipeline.Result, error) {
		result, err := pipeline.Undo(ctx, entra, v.org(), v.writer(), run, s)
		if err == nil && len(result.Outcomes) == 0 {
			v.app.sayNothingToUndo(run)
		}
		changed = slices.ContainsFunc(result.Outcomes, func(o push.Outcome) bool { return o.Status == push.Done })
		return result, err
	})
	if changed {
		v.app.say("the next sync makes the change again, unless its cause is corrected or the group is paused")
	}
	return err
}

// sayNothingToUndo prints why there is nothing to undo for a run.
func (a *app) sayNothingToUndo(run journal.RunRecord) {
	where := ""
	if len(run.Inverse()) > 0 {
		where = " in the groups that --group names"
	}
	said := fmt.Sprintf("run %s has changed nothing%s", run.Info.ID, where)
	a.sayLines(said, "hint: callroll undo list shows what each run has changed")
}

// history reads the journal without changing it.
func (s *session) history() (*journal.History, error) {
	dir, err := s.stateDir()
	if err != nil {
		return nil, err
	}
	if dir == journal.None {
		return nil, s.config.At("state_dir", fmt.Errorf("is none: without a state folder no run is known"))
	}
	history, err := journal.ReadDir(dir)
	return history, s.stateError(err)
}

// find returns the run with the given id. For "latest" it returns the latest run that changed something in this org and was
// not an undo itself.
func find(history *journal.History, host, clientID, id string) (journal.RunRecord, error) {
	if id == "latest" {
		for _, run := range history.Runs() {
			if run.Info.Host == host && run.Info.ClientID == clientID && run.Info.Command != "undo" && len(run.Inverse()) > 0 {
				return run, nil
			}
		}
		return journal.RunRecord{}, usage(fmt.Errorf("no run has changed anything yet"))
	}
	run, ok := history.Run(id)
	if !ok {
		return journal.RunRecord{}, usage(fmt.Errorf("there is no run %q; callroll undo list shows them", id))
	}
	return run, nil
}

func (a *app) undoList(_ context.Context, s *session) error {
	history, err := s.history()
	if err != nil {
		return err
	}
	var rows [][]string
	for _, run := range history.Runs() {
		for _, change := range run.Inverse() {
			rows = append(rows, []string{
				report.Harmless(run.Info.ID), run.Began.Local().Format(time.DateTime), report.Harmless(run.Info.Command),
				fmt.Sprintf("+%d -%d", len(change.Remove), len(change.Add)), report.Harmless(change.Name),
			})
		}
	}
	if len(rows) == 0 {
		dir, _ := s.stateDir() // history has used it
		a.say("no run has changed anything yet, by the state folder %s", dir)
		return nil
	}
	to := report.Text{W: a.stdout, Width: width(a.stdout)}
	return to.Table([]string{"run", "began", "command", "people", "group"}, rows, false)
}
