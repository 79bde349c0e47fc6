package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/probe"
)

func probed() journal.ProbeResult {
	return journal.ProbeResult{
		Host: "api.mypurecloud.ie", Version: "v1.2.3", Ended: time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC),
		Findings: []probe.Finding{{Name: probe.StaleVersion, Result: probe.Found, Text: "409"}},
	}
}

func idOf(n int) string { return fmt.Sprintf("aaaaaaaa-0000-4000-8000-%012d", n) }

func unfinished() probe.State {
	return probe.State{
		Host: "api.mypurecloud.ie", ClientID: "client", Group: idOf(9), DisplayName: "Throw-away", ExternalID: new("x"),
		Members: []string{idOf(1), idOf(2)}, Version: `W/"3"`, Previous: []string{idOf(1)}, Written: [][]string{{}, {idOf(2)}},
		Large: []string{idOf(3)}, Open: true, Sent: time.Date(2026, 11, 28, 7, 0, 0, 0, time.UTC),
	}
}

func TestProbeFiles(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "state")
	if got, err := journal.ReadProbe(dir); got != nil || err != nil {
		t.Errorf("without a folder: %v, %v", got, err)
	}
	j := open(t, dir)
	if got, path, err := journal.ReadUnfinishedProbe(dir); got != nil || err != nil || path != filepath.Join(dir, "probe-unfinished.json") {
		t.Errorf("without a file: %v, %s, %v", got, path, err)
	}
	keeper := j.ProbeKeeper()
	for range 3 { // replaced as a whole each time
		must(t, j.KeepProbe(probed()))
		must(t, keeper.Keep(unfinished()))
	}
	result, err := journal.ReadProbe(dir)
	must(t, err)
	if diff := cmp.Diff(probed(), *result); diff != "" {
		t.Error(diff)
	}
	state, _, err := journal.ReadUnfinishedProbe(dir)
	must(t, err)
	if diff := cmp.Diff(unfinished(), *state); diff != "" {
		t.Error(diff)
	}
	entries, err := os.ReadDir(dir)
	must(t, err)
	for _, e := range entries {
		info, err := e.Info()
		must(t, err)
		if info.Mode().Perm() != 0o600 || len(entries) != 2 {
			t.Errorf("%s: %v of %d", e.Name(), info.Mode(), len(entries))
		}
	}
	must(t, keeper.Drop())
	must(t, keeper.Drop())
	if state, _, err := journal.ReadUnfinishedProbe(dir); state != nil || err != nil {
		t.Errorf("dropped: %v, %v", state, err)
	}
	if _, err := journal.Open(dir, journal.Options{}); err != nil {
		t.Error(err)
	}
}

// A file that cannot be read is an error with its path, and never the same as no file.
func TestProbeFilesThatAreWrong(t *testing.T) {
	for name, text := range map[string]string{
		"empty": "", "half": `{"format":1,"kind":"probe"`, "no JSON": "hello", "another shape": "[]",
		"another kind":  `{"format":1,"kind":"plan"}`,
		"a new format":  `{"format":2,"kind":"probe"}`,
		"unknown field": `{"format":1,"kind":"probe","more":1}`,
	} {
		dir := t.TempDir()
		path := filepath.Join(dir, "probe.json")
		must(t, os.WriteFile(path, []byte(text), 0o600))
		must(t, os.WriteFile(filepath.Join(dir, "probe-unfinished.json"), []byte(strings.ReplaceAll(text, `"probe"`, `"unfinished probe"`)), 0o600))
		if got, err := journal.ReadProbe(dir); got != nil || err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if got, path, err := journal.ReadUnfinishedProbe(dir); got != nil || err == nil || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s, unfinished: %v, %v", name, got, err)
		}
	}
}

// A damaged state is an error, and never a group without members.
func TestDamagedStateOfAProbe(t *testing.T) {
	for name, c := range map[string]struct {
		damage func(*probe.State)
		want   string // no error if it is empty
	}{
		"nobody was in it":  {func(s *probe.State) { s.Members = []string{} }, ""},
		"a clock was set":   {func(s *probe.State) { s.Sent = time.Now().Add(23 * time.Hour) }, ""},
		"no host":           {func(s *probe.State) { s.Host = "" }, "it has no host"},
		"no client":         {func(s *probe.State) { s.ClientID = "" }, "it has no clientId"},
		"no version":        {func(s *probe.State) { s.Version = "" }, "it has no version"},
		"no group":          {func(s *probe.State) { s.Group = "" }, `"" is not an id`},
		"no id of a group":  {func(s *probe.State) { s.Group = "Billing" }, `"Billing" is not an id`},
		"no members":        {func(s *probe.State) { s.Members = nil }, "it has no members"},
		"no id of a member": {func(s *probe.State) { s.Members[1] = "" }, `"" is not an id`},
		"no id before":      {func(s *probe.State) { s.Previous[0] = "ada" }, `"ada" is not an id`},
		"no id written":     {func(s *probe.State) { s.Written[1][0] = "ada" }, `"ada" is not an id`},
		"no id of many":     {func(s *probe.State) { s.Large[0] = "ada" }, `"ada" is not an id`},
		"no time":           {func(s *probe.State) { s.Sent = time.Time{} }, "it does not say when"},
		"in the future":     {func(s *probe.State) { s.Sent = time.Now().Add(25 * time.Hour) }, "was sent in the future"},
	} {
		dir := t.TempDir()
		state := unfinished()
		c.damage(&state)
		must(t, open(t, dir).ProbeKeeper().Keep(state))
		got, path, err := journal.ReadUnfinishedProbe(dir)
		switch {
		case c.want == "":
			if err != nil || got == nil {
				t.Errorf("%s: %v", name, err)
			}
		case err == nil || got != nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// On a full disk the state is not kept, and the one before is still there.
func TestProbeOnAFullDisk(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	dir := t.TempDir()
	j := open(t, dir)
	must(t, j.ProbeKeeper().Keep(unfinished()))
	j.FillDisk("/dev/full")
	if err := j.ProbeKeeper().Keep(probe.State{}); !errors.Is(err, journal.ErrDisk) {
		t.Errorf("Keep: %v", err)
	}
	state, _, err := journal.ReadUnfinishedProbe(dir)
	must(t, err)
	if diff := cmp.Diff(unfinished(), *state); diff != "" {
		t.Error(diff)
	}
}

// A state that is not on the disk is an error: /dev/null takes every write, and cannot sync.
func TestProbeStateIsSynced(t *testing.T) {
	if _, err := os.Stat("/dev/null"); err != nil {
		t.Skip("there is no /dev/null")
	}
	dir := t.TempDir()
	j := open(t, dir)
	must(t, os.WriteFile(filepath.Join(dir, "probe-unfinished.json.new"), nil, 0o600)) // so that the renaming does not fail
	j.FillDisk("/dev/null")
	if err := j.ProbeKeeper().Keep(unfinished()); err == nil {
		t.Error("Keep did not sync")
	}
}
