package pipeline_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
)

// begin begins a run in a state folder.
func (s *scene) begin(o pipeline.RunOptions) (*pipeline.Run, error) {
	s.connect()
	o.Info.Command = "sync"
	return pipeline.Begin(s.t.Context(), s.conn, s.settings, o)
}

// A run keeps others out and leaves a record, from which the next one knows what it did.
func TestRun(t *testing.T) {
	s := newScene(t, 3, [][]int{{0, 1}}, [][]int{{0}})
	dir := t.TempDir()
	run, err := s.begin(pipeline.RunOptions{StateDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	var locked *journal.LockedError
	second, err := s.begin(pipeline.RunOptions{StateDir: dir})
	if !errors.As(err, &locked) || second.Locked {
		t.Errorf("a second run: %v, locked: %v; want the lock refused", err, second.Locked)
	}
	if err := second.End(5, nil); err != nil {
		t.Error(err)
	}
	result, err := pipeline.Sync(t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), nil, run.Settings)
	if err != nil {
		t.Fatal(err)
	}
	if err := run.End(0, result.Outcomes); err != nil {
		t.Fatal(err)
	}
	third, err := s.begin(pipeline.RunOptions{StateDir: dir})
	if err != nil || !third.Locked {
		t.Fatalf("after the end: %v, want the lock", err)
	}
	history := third.Settings.Past.History
	record, ok := history.Run(run.Info.ID)
	if !ok || record.Status != 0 || record.Info.ClientID != "client" || record.Counts["changed"] != 1 || len(record.Inverse()) != 1 {
		t.Errorf("the record: %+v", record)
	}
	if was, ok := history.Run(second.Info.ID); !ok || was.Status != 5 {
		t.Errorf("the run that was locked out: %+v", was)
	}
	if err := third.End(0, nil); err != nil {
		t.Error(err)
	}
}

// A run waits for the lock as long as it is told, and has it then.
func TestRunWaitsForTheLock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScene(t, 1, [][]int{{0}}, [][]int{{0}})
		dir := t.TempDir()
		first, err := s.begin(pipeline.RunOptions{StateDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(time.Minute, func() { _ = first.End(0, nil) })
		second, err := s.begin(pipeline.RunOptions{StateDir: dir, LockWait: time.Hour})
		if err != nil {
			t.Fatal(err)
		}
		if err := second.End(0, nil); err != nil {
			t.Error(err)
		}
	})
}

// intent leaves an intent behind, as a run does that is killed while it writes.
func (s *scene) intent(dir string, add, members []int) {
	s.t.Helper()
	run, err := s.begin(pipeline.RunOptions{StateDir: dir})
	if err != nil {
		s.t.Fatal(err)
	}
	g := plan.Group{ID: id(genesysGroupKind, 0), Name: "G0"}
	for _, n := range add {
		g.Add = append(g.Add, plan.Entry{ID: id(accountKind, n)})
	}
	for _, n := range members {
		g.Members = append(g.Members, id(accountKind, n))
	}
	if err := run.Record.Intent(membership.Group{ID: g.ID, Members: g.Members[:1], Version: "1"}, g); err != nil {
		s.t.Fatal(err)
	}
	if err := run.End(70, nil); err != nil { // lets go of the lock; what became of the intent is as open as after a kill
		s.t.Fatal(err)
	}
}

// A run finds out what became of the write of a run that was cut off, and says so.
func TestRunClosesWhatIsOpen(t *testing.T) {
	for became, now := range map[string][]int{"applied": {0, 1}, "not applied": {0}} {
		s := newScene(t, 3, [][]int{{0, 1}}, [][]int{now})
		dir := t.TempDir()
		s.intent(dir, []int{1}, []int{0, 1})
		run, err := s.begin(pipeline.RunOptions{StateDir: dir})
		if err != nil {
			t.Fatal(err)
		}
		said := slices.ContainsFunc(run.Notes, func(n string) bool {
			return strings.HasSuffix(n, " was cut off while it wrote G0: the change was "+became)
		})
		if !said || s.requests("PUT") != 0 {
			t.Errorf("%s: said %q, with %d writes", became, run.Notes, s.requests("PUT"))
		}
		if err := run.End(0, nil); err != nil {
			t.Error(err)
		}
		if again, err := s.begin(pipeline.RunOptions{StateDir: dir}); err != nil || len(again.Notes) > 0 {
			t.Errorf("%s: the next run says %q (%v), want nothing", became, again.Notes, err)
		}
	}
}

// No state folder is a choice, and not a field that was forgotten. A folder that cannot be used is an error that says so.
func TestRunWithoutAStateFolder(t *testing.T) {
	s := newScene(t, 3, [][]int{{0, 1}}, [][]int{{0}})
	var wrong *pipeline.SettingsError
	if _, err := s.begin(pipeline.RunOptions{}); !errors.As(err, &wrong) || wrong.Field != "StateDir" {
		t.Errorf("without a word about it: %v", err)
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"relative", filepath.Join(file, "below")} {
		run, err := s.begin(pipeline.RunOptions{StateDir: dir})
		if !errors.Is(err, journal.ErrUnusable) {
			t.Errorf("%s: %v, want journal.ErrUnusable", dir, err)
		}
		if run.Settings.Journal != nil || run.Record != nil {
			t.Errorf("%s: there is a journal all the same", dir)
		}
	}
	s.settings.Journal = nil
	run, err := s.begin(pipeline.RunOptions{StateDir: journal.None})
	if err != nil {
		t.Fatal(err)
	}
	result, err := pipeline.Sync(t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), nil, run.Settings)
	if err != nil || len(s.members(0)) != 2 {
		t.Errorf("with none: %v, members %v", err, s.members(0))
	}
	if err := run.End(0, result.Outcomes); err != nil {
		t.Error(err)
	}
}

// A run that cannot keep its journal writes nothing, and lets go of the lock.
func TestRunWithADamagedJournal(t *testing.T) {
	s := newScene(t, 1, [][]int{{0}}, [][]int{{0}})
	dir := t.TempDir()
	month := filepath.Join(dir, time.Now().UTC().Format("2006-01")+".jsonl")
	if err := os.WriteFile(month, []byte("damaged\n{}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.begin(pipeline.RunOptions{StateDir: dir}); !errors.Is(err, journal.ErrBroken) {
		t.Fatalf("%v, want journal.ErrBroken", err)
	}
	j, err := journal.Open(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	release, err := j.Lock(context.Background(), s.conn.Host(), s.conn.ClientID(), 0)
	if err != nil {
		t.Fatalf("the lock is still held: %v", err)
	}
	release()
}
