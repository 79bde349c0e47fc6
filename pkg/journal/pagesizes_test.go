package journal_test

import (
	"maps"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/journal"
)

// What was learned is believed for a day from when it was learned, and for one host.
func TestPageSizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		j, err := journal.Open(dir, journal.Options{})
		if err != nil {
			t.Fatal(err)
		}
		keep := func(host string, sizes journal.PageSizes) {
			t.Helper()
			if err := j.KeepPageSizes(host, sizes); err != nil {
				t.Fatal(err)
			}
		}
		wants := func(host string, want journal.PageSizes) {
			t.Helper()
			if got := journal.ReadPageSizes(dir, host); !maps.Equal(got, want) {
				t.Errorf("%s: %v, want %v", host, got, want)
			}
		}
		path := filepath.Join(dir, "page-sizes.json")
		wants("a", nil)
		if keep("a", nil); exists(path) {
			t.Error("a run that has learned nothing leaves a file")
		}
		keep("a", journal.PageSizes{"users": 25})
		keep("b", journal.PageSizes{"groups": 50})
		wants("a", journal.PageSizes{"users": 25})
		wants("b", journal.PageSizes{"groups": 50})
		time.Sleep(23 * time.Hour)
		keep("a", journal.PageSizes{"users": 25}) // used, and not learned again
		time.Sleep(time.Hour)
		wants("a", nil)
		keep("a", journal.PageSizes{"users": 100})
		wants("a", journal.PageSizes{"users": 100})
		for name, text := range map[string]string{
			"a time in the future": `{"a":{"learned":"2050-01-01T00:00:00Z","pageSizes":{"users":25}}}`,
			"no JSON":              "half of it",
			"another shape":        `[]`,
			"empty":                "",
		} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if got := journal.ReadPageSizes(dir, "a"); got != nil {
				t.Errorf("%s: %v", name, got)
			}
			keep("a", journal.PageSizes{"users": 25})
			wants("a", journal.PageSizes{"users": 25})
		}
	})
}
