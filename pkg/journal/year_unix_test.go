//go:build unix

package journal_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// quarter is how often a crontab usually starts a run, and runsOfAYear is how often that is in a year.
const (
	quarter     = 15 * time.Minute
	runsOfAYear = 365 * 24 * 4
)

// steady are groups that are in step, but for the first one, which is refused.
func steady(groups int) []push.Outcome {
	out := make([]push.Outcome, 0, groups)
	for i := range groups {
		g := plan.Group{ID: fmt.Sprintf("8f30ea83-9899-4b93-8781-%012d", i), Name: fmt.Sprintf("Support Tier %d", i)}
		out = append(out, push.Outcome{Group: g, Status: push.InStep})
	}
	out[0].Status, out[0].Detail = push.Refused, "would lose all 13 members and be empty"
	return out
}

// once plays what a run does with its journal.
func once(t testing.TB, dir string, outcomes []push.Outcome) {
	j, err := journal.Open(dir, journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	release, err := j.Lock(t.Context(), host, client, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	h, err := j.Read()
	if err != nil {
		t.Fatal(err)
	}
	of := info()
	of.Live, of.Config = true, "/etc/callroll/callroll.yaml"
	r := j.Begin(of)
	h.OpenIntents(host, client)
	h.Memory(of)
	for _, o := range outcomes {
		h.Knows(host, client, o.Group.ID)
		h.Unsettled(host, client, o.Group.ID, nil)
		h.Repeated(host, client, o.Group.ID)
		h.Taken(host, client, o.Group.ID)
		if err := r.Outcome(o); err != nil {
			t.Fatal(err)
		}
	}
	r.Causes([]journal.Cause{{What: "refused", Where: outcomes[0].Group.Name}})
	if err := r.End(4, map[string]int{"in step": len(outcomes) - 1, "refused": 1}); err != nil {
		t.Fatal(err)
	}
}

// grown plays a journal in which nothing changes, up to now.
func grown(t testing.TB, dir string, outcomes []push.Outcome, runs int) {
	for range runs {
		once(t, dir, outcomes)
		time.Sleep(quarter)
	}
}

// cpuTime is what this process has used of the processor.
func cpuTime(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func sizeOf(t testing.TB, dir string) (total int64) {
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		total += info.Size()
	}
	return total
}

// Incident 42: a run without change writes one short line, whatever the number of groups.
func TestARunWithoutChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, groups := range []int{1, 50, 500} {
			dir := t.TempDir()
			outcomes := steady(groups)
			grown(t, dir, outcomes, 3)
			before := sizeOf(t, dir)
			grown(t, dir, outcomes, 10)
			if grew := sizeOf(t, dir) - before; grew > 10*100 { // a year of that is 3.5 MB
				t.Errorf("ten runs with %d groups wrote %d bytes", groups, grew)
			}
			runs := read(t, open(t, dir)).Runs()
			if len(runs) != 13 || runs[0].Status != 4 || runs[0].Like != runs[12].Info.ID || runs[0].Info.ID == runs[1].Info.ID {
				t.Errorf("runs: %+v", runs[0])
			}
		}
	})
}

// year plays a year of runs that ends now, every quarter of an hour. The lines of most runs are copied from those of the
// run before: to play them all takes minutes.
func year(t testing.TB, dir string, outcomes []push.Outcome) {
	now := time.Now()
	ok := testing.RunTests(func(string, string) (bool, error) { return true, nil }, []testing.InternalTest{{Name: "year", F: func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(now.Add(-runsOfAYear * quarter)))
			for time.Now().Before(now) {
				grown(t, dir, outcomes, 2)
				copied(t, dir, min(500, int(time.Until(now)/quarter)))
			}
		})
	}}})
	if !ok {
		t.Fatal("the year could not be played")
	}
}

// copied copies the last run as often as runs says, but not into another month.
func copied(t testing.TB, dir string, runs int) {
	names, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	path := names[len(names)-1]
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := data[bytes.LastIndexByte(data[:len(data)-1], '\n')+1:]
	var text []byte
	stamps := regexp.MustCompile(`"run":"[^-]*-[^"]*"`)
	for i := 0; i < runs && time.Now().UTC().Format("2006-01.jsonl") == filepath.Base(path); i++ {
		at := time.Now().UTC()
		text = append(text, stamps.ReplaceAll(last, fmt.Appendf(nil, `"run":"%s-%08x"`, at.Format("20060102T150405Z"), i))...)
		time.Sleep(quarter)
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// A year of runs every quarter of an hour in which nothing happens: what one run costs after it, on the disk, in time and in
// memory. Most of a run's time is its writes to the disk, of which the processor time is free.
//
//	go test ./pkg/journal -run '^$' -bench BenchmarkYear -benchmem
func BenchmarkYear(b *testing.B) {
	for _, groups := range []int{50, 500} {
		b.Run(fmt.Sprint(groups), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "state")
			outcomes := steady(groups)
			year(b, dir, outcomes)
			b.ReportAllocs()
			began := cpuTime(b)
			for b.Loop() {
				once(b, dir, outcomes)
			}
			b.ReportMetric(float64((cpuTime(b)-began).Microseconds())/1e3/float64(b.N), "cpu-ms/op")
			b.ReportMetric(float64(sizeOf(b, dir))/1e6, "MB-on-disk")
		})
	}
}
