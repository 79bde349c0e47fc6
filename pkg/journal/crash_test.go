package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/push"
)

// A crash leaves a line half written, at any byte of it: all before it is read, the reader says so, what follows is
// whole again, and not a byte of what is there is taken away.
func TestLineHalfWritten(t *testing.T) {
	const half = `{"format":1,"kind":"intent","run":"x","group":"g9","name":"Zoë"}`
	for _, tail := range []string{half[:1], half[:20], half[:len(half)-3], half[:strings.Index(half, "ë")+1], "\x00\x00\x00\x00", "garbage\n", half[:30] + "\n", "\x00\n"} {
		t.Run(tail, func(t *testing.T) {
			dir := t.TempDir()
			j := open(t, dir)
			write(t, j, "a", change("b", "", "a b"), push.Done)
			spill(t, month(dir), tail)
			was := content(t, month(dir))

			h := read(t, j)
			if len(h.Runs()) != 1 || len(h.Notes) != 1 || !strings.Contains(h.Notes[0], month(dir)+", line 6") {
				t.Errorf("after the crash: %d runs, notes %q; want 1 and the file with line 6", len(h.Runs()), h.Notes)
			}
			again := open(t, dir)
			if notes := read(t, again).Notes; len(notes) != 1 || !strings.Contains(notes[0], month(dir)+", line 6") {
				t.Errorf("after it was healed: notes %q; want the file with line 6", notes)
			}
			write(t, again, "a b", change("c", "", "a b c"), push.Done)
			h = read(t, open(t, dir)) // which does not tell it for a year
			if len(h.Runs()) != 2 || h.Runs()[0].Groups[0].Outcome != push.Done || len(h.Notes) != 0 {
				t.Errorf("after the next run: %+v, notes %q", h.Runs(), h.Notes)
			}
			if !strings.HasPrefix(content(t, month(dir)), was) {
				t.Error("what was there is not there any more")
			}
			if n := strings.Count(content(t, month(dir)), `"kind":"cut"`); n != 1 {
				t.Errorf("the line is marked %d times", n)
			}
		})
	}
}

// A process may die while others have the journal open already: their lines do not run into its half one.
func TestHalfLineOfAnotherProcess(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	r := begin(t, j)
	must(t, r.Noted(time.Now()))
	spill(t, month(dir), `{"format":1,"kind":"inte`)
	must(t, r.Intent(group("a"), change("b", "", "a b")))
	h := read(t, j)
	if len(h.OpenIntents(host, client)) != 1 || len(h.Notes) != 0 {
		t.Errorf("open intents %v, notes %q", h.OpenIntents(host, client), h.Notes)
	}
}

// Only the newline is missing: the line is whole, and counts.
func TestLineWithoutItsNewline(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	r := begin(t, j)
	must(t, r.Intent(group("a"), change("b", "", "a b")))
	text := content(t, month(dir))
	must(t, os.WriteFile(month(dir), []byte(strings.TrimSuffix(text, "\n")), 0o600))
	for range 2 {
		if h := read(t, j); len(h.OpenIntents(host, client)) != 1 || len(h.Notes) != 0 {
			t.Errorf("open intents %v, notes %q", h.OpenIntents(host, client), h.Notes)
		}
		begin(t, open(t, dir))
	}
}

// A last line that is broken is tolerated in an old month as well; the next month does not make it a middle.
func TestHalfLineOfAnOldMonth(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	must(t, begin(t, j).End(0, nil))
	must(t, os.Rename(month(dir), filepath.Join(dir, "2020-01.jsonl")))
	spill(t, filepath.Join(dir, "2020-01.jsonl"), `{"form`)
	must(t, begin(t, j).Noted(time.Now()))
	if h := read(t, j); len(h.Runs()) != 2 || len(h.Notes) != 1 {
		t.Errorf("%d runs, notes %q", len(h.Runs()), h.Notes)
	}
}

// Damage that no crash explains is an error with the file and the line, and so is what a newer callroll wrote.
func TestDamage(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(lines []string)
		want error
		line string
	}{
		{"a line cut in the middle", func(l []string) { l[1] = l[1][:len(l[1])/2] + "\n" }, journal.ErrBroken, "line 2"},
		{"a line that is no JSON", func(l []string) { l[2] = "hello\n" }, journal.ErrBroken, "line 3"},
		{"a list", func(l []string) { l[0] = "[]\n" }, journal.ErrBroken, "line 1"},
		{"no format", func(l []string) { l[0] = strings.Replace(l[0], `"format":1,`, ``, 1) }, journal.ErrBroken, "line 1"},
		{"no kind", func(l []string) { l[0] = strings.Replace(l[0], `"kind":"run",`, ``, 1) }, journal.ErrBroken, "line 1"},
		{"two lines in one", func(l []string) { l[0] = strings.TrimSuffix(l[0], "\n") }, journal.ErrBroken, "line 1"},
		{"a list of members that is none", func(l []string) { l[1] = strings.Replace(l[1], `"before":["a"]`, `"before":{}`, 1) }, journal.ErrBroken, "line 2"},
		{"two broken lines at the end", func(l []string) { l[2], l[3] = "x\n", "y" }, journal.ErrBroken, "line 3"},
		{"a line that is too long", func(l []string) { l[1] = `{"format":1,"kind":"` + strings.Repeat("x", 16<<20) + "\"}\n" }, journal.ErrBroken, "line 2: it is longer than"},
		{"a newer format", func(l []string) { l[1] = `{"format":2,"kind":["new"]}` + "\n" }, journal.ErrFormat, "line 2"},
		{"a newer format at the end", func(l []string) { l[3] = `{"format":2,"kind":"run"}` + "\n" }, journal.ErrFormat, "line 4"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, open(t, dir), "a", change("b", "", "a b"), push.Done)
			lines := strings.SplitAfter(strings.TrimSuffix(content(t, month(dir)), "\n"), "\n")[1:] // as older versions wrote them
			lines[3] += "\n"
			test.edit(lines)
			must(t, os.WriteFile(month(dir), []byte(strings.Join(lines, "")), 0o600))
			for range 2 { // to open it does not make damage a crash
				_, err := journal.ReadDir(dir)
				if !errors.Is(err, test.want) || !strings.Contains(err.Error(), month(dir)+", "+test.line) {
					t.Fatalf("ReadDir: %v; want %v with the file and %s", err, test.want, test.line)
				}
				if test.name == "a line that is too long" {
					break // it takes long
				}
				if test.name != "two broken lines at the end" {
					begin(t, open(t, dir))
				}
			}
		})
	}
}

// To open the journal of a newer version does not call its lines cut.
func TestNewerFormatIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	const newer = `{"format":2,"kind":"run"}` + "\n"
	must(t, os.WriteFile(month(dir), []byte(newer), 0o600))
	open(t, dir)
	if got := content(t, month(dir)); got != newer {
		t.Errorf("the file is %q now", got)
	}
}

// A name that is given twice stays with the first run.
func TestOneNameForTwoRuns(t *testing.T) {
	j := open(t, t.TempDir())
	i := info()
	i.ID = "r"
	for range 2 {
		r := j.Begin(i)
		must(t, r.End(0, nil))
	}
	if runs := read(t, j).Runs(); len(runs) != 1 {
		t.Errorf("runs: %+v", runs)
	}
}

// A newer version of the same format may write more than we know.
func TestUnknownKindsAndFields(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	r := begin(t, j)
	must(t, r.Noted(time.Now()))
	spill(t, month(dir), `{"format":1,"kind":"dream","run":"`+r.ID()+`","time":"2026-11-24T06:00:00Z","of":"sheep"}`+"\n")
	spill(t, month(dir), `{"format":1,"kind":"end","run":"`+r.ID()+`","time":"2026-11-24T06:00:00Z","status":7,"mood":["good"]}`+"\n")
	if runs := read(t, j).Runs(); len(runs) != 1 || runs[0].Status != 7 {
		t.Errorf("runs: %+v", runs)
	}
}

// What an old month held may be gone while the run went on: its lines stand alone, and harm nobody.
func TestLinesOfARunThatIsGone(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	r := begin(t, j)
	must(t, r.Noted(time.Now()))
	must(t, os.Remove(month(dir)))
	must(t, r.Intent(group("a"), change("b", "", "a b")))
	must(t, r.End(0, nil))
	now := begin(t, j)
	_, err := now.Close(journal.Intent{Run: r.ID(), GroupRecord: journal.GroupRecord{ID: "g1"}}, nil)
	must(t, err)
	if h := read(t, j); len(h.Runs()) != 1 || len(h.OpenIntents(host, client)) != 0 {
		t.Errorf("runs: %+v", h.Runs())
	}
}
