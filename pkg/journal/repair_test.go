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

// lastMonth is the file before the one that is written now.
func lastMonth() string {
	now := time.Now().UTC()
	return now.AddDate(0, 0, -now.Day()).Format("2006-01") + ".jsonl"
}

// Repair puts aside what is damaged and nothing else: every sound line stays where it is, byte for byte, and every damaged one is
// in the file beside the month.
func TestRepair(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(lines []string)
		bad  []int // the lines that are put aside, from 1
	}{
		{"nothing", func([]string) {}, nil},
		{"a line cut in the middle", func(l []string) { l[1] = l[1][:len(l[1])/2] + "\n" }, []int{2}},
		{"the first line", func(l []string) { l[0] = "[]\n" }, []int{1}},
		{"two lines in a row", func(l []string) { l[1], l[2] = "hello\n", "\x00\x00\n" }, []int{2, 3}},
		{"two lines apart", func(l []string) { l[0], l[2] = "hello\n", "{\n" }, []int{1, 3}},
		{"two lines in one", func(l []string) { l[0] = strings.TrimSuffix(l[0], "\n") }, []int{1}},
		{"a list of members that is none", func(l []string) {
			l[1] = strings.Replace(l[1], `"before":["a"]`, `"before":{}`, 1)
		}, []int{2}},
		{"all but a half line at the end", func(l []string) { l[0], l[1], l[2], l[3] = "a\n", "b\n", "c\n", "d" }, []int{1, 2, 3}},
		{"a line that is too long", func(l []string) { l[1] = strings.Repeat("x", 17<<20) + "\n" }, []int{2}},
		{"a crash before", func(l []string) {
			l[1] += "half\n" + `{"format":1,"kind":"cut","time":"2026-11-24T06:00:00Z"}` + "\n"
		}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			old := filepath.Join(dir, lastMonth())
			write(t, open(t, dir), "a", change("b", "", "a b"), push.Done)
			lines := strings.SplitAfter(content(t, month(dir)), "\n")[1:5] // as older versions wrote them
			test.edit(lines)
			must(t, os.WriteFile(old, []byte(strings.Join(lines, "")), 0o600)) // an old month: nothing heals its end
			must(t, os.Remove(month(dir)))
			second := write(t, open(t, dir), "a b", change("c", "", "a b c"), push.Done)

			lines = strings.SplitAfter(content(t, old), "\n")
			aside, after := "", ""
			for i, l := range lines {
				bad := false
				for _, n := range test.bad {
					bad = bad || n == i+1
				}
				if bad {
					aside += l
					after += strings.Repeat(" ", len(l)-1) + "\n"
				} else {
					after += l
				}
			}
			j := open(t, dir)
			done, err := j.Repair()
			if err != nil || len(done) != len(test.bad) {
				t.Fatalf("Repair = %+v, %v; want lines %v", done, err, test.bad)
			}
			for i, d := range done {
				if d.Path != old || i == 0 && d.Line != test.bad[i] || d.Aside != old+".damaged" {
					t.Errorf("done[%d] = %+v; want line %d of %s", i, d, test.bad[i], old)
				}
			}
			got := content(t, old)
			if test.name == "a line that is too long" { // it becomes several
				got, after = strings.ReplaceAll(got, "\n", " "), strings.ReplaceAll(after, "\n", " ")
			}
			if got != after {
				t.Errorf("the month has %.300q now; want %.300q", got, after)
			}
			if len(test.bad) > 0 && content(t, old+".damaged") != aside || len(test.bad) == 0 && exists(old+".damaged") {
				t.Errorf("what was put aside is not what was damaged")
			}
			h := read(t, j)
			if run, ok := h.Run(second.ID()); !ok || len(run.Inverse()) != 1 {
				t.Errorf("the sound run is not there: %+v", h.Runs())
			}
			if again, err := j.Repair(); len(again) != 0 || err != nil {
				t.Errorf("Repair, again: %+v, %v", again, err)
			}
			must(t, begin(t, open(t, dir)).End(0, nil))
			if h := read(t, j); len(h.Runs()) < 2 {
				t.Errorf("runs: %+v", h.Runs())
			}
		})
	}
}

// Damage at the very end, after which nothing follows but a half line, does not come back as a note for every run.
func TestRepairedEndIsQuiet(t *testing.T) {
	dir := t.TempDir()
	r := write(t, open(t, dir), "a", change("b", "", "a b"), push.Done)
	spill(t, month(dir), "x\ny\n")
	_, err := open(t, dir).Repair() // Open has marked y
	must(t, err)
	h := read(t, open(t, dir))
	if _, ok := h.Run(r.ID()); !ok || len(h.Notes) != 0 {
		t.Errorf("runs %+v, notes %q", h.Runs(), h.Notes)
	}
}

// What a newer version wrote is not damage.
func TestRepairLeavesANewerFormatAlone(t *testing.T) {
	dir := t.TempDir()
	const newer = `{"format":2,"kind":"run"}` + "\n"
	j := open(t, dir)
	must(t, os.WriteFile(month(dir), []byte(newer), 0o600))
	if done, err := j.Repair(); len(done) != 0 || !errors.Is(err, journal.ErrFormat) || content(t, month(dir)) != newer {
		t.Errorf("Repair = %+v, %v, and the file is %q", done, err, content(t, month(dir)))
	}
}

// A line that cannot be kept aside stays where it is.
func TestRepairKeepsWhatItCannotPutAside(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	write(t, j, "a", change("b", "", "a b"), push.Done)
	broken := "broken\n" + content(t, month(dir))
	must(t, os.WriteFile(month(dir), []byte(broken), 0o600))
	must(t, os.Mkdir(month(dir)+".damaged", 0o700))
	if done, err := j.Repair(); len(done) != 0 || err == nil || content(t, month(dir)) != broken {
		t.Errorf("Repair = %+v, %v, and the file is %.40q", done, err, content(t, month(dir)))
	}
}

// All locks are taken, or none.
func TestLockAll(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	var frees []func()
	for _, id := range []string{"one", "two"} {
		free, err := j.Lock(t.Context(), host, id, 0)
		must(t, err)
		frees = append(frees, free)
	}
	frees[0]()
	var locked *journal.LockedError
	if _, err := j.LockAll(t.Context(), 0); !errors.As(err, &locked) {
		t.Errorf("LockAll beside a run: %v; want LockedError", err)
	}
	frees[1]()
	release, err := j.LockAll(t.Context(), 0)
	must(t, err)
	for _, id := range []string{"one", "two"} {
		if _, err := j.Lock(t.Context(), host, id, 0); !errors.As(err, &locked) {
			t.Errorf("Lock(%s) under LockAll: %v; want LockedError", id, err)
		}
	}
	release()
	free, err := j.Lock(t.Context(), host, "one", 0)
	must(t, err)
	free()
}

// A month that is old goes together with what was put aside from it.
func TestExpiryOfWhatWasPutAside(t *testing.T) {
	dir := keeping(t, journal.Options{}, 0, "2001-01.jsonl", "2001-01.jsonl.damaged", "2001-02.jsonl", "2001-02.jsonl.damaged")
	if exists(filepath.Join(dir, "2001-01.jsonl")) || exists(filepath.Join(dir, "2001-01.jsonl.damaged")) {
		t.Error("an old month is still there")
	}
	if !exists(filepath.Join(dir, "2001-02.jsonl.damaged")) {
		t.Error("what was put aside from a month that stays is gone")
	}
}
