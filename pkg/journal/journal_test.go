package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/push"
)

func TestDir(t *testing.T) {
	for _, test := range []struct {
		name, configured string
		env              map[string]string
		want             string
		bad              bool
	}{
		{"configured", "/srv/state", map[string]string{"STATE_DIRECTORY": "/a", "HOME": "/h"}, "/srv/state", false},
		{"none", "none", map[string]string{"STATE_DIRECTORY": "/a"}, "", false},
		{"systemd", "", map[string]string{"STATE_DIRECTORY": "/a:/b", "XDG_STATE_HOME": "/x", "HOME": "/h"}, "/a", false},
		{"XDG", "", map[string]string{"XDG_STATE_HOME": "/x", "HOME": "/h"}, "/x/callroll", false},
		{"XDG that is to be ignored", "", map[string]string{"XDG_STATE_HOME": "x", "HOME": "/h"}, "/h/.local/state/callroll", false},
		{"home", "", map[string]string{"HOME": "/h"}, "/h/.local/state/callroll", false},
		{"an empty home", "", map[string]string{"HOME": "", "XDG_STATE_HOME": ""}, "/var/lib/callroll", false},
		{"nothing set", "", nil, "/var/lib/callroll", false},
		{"another folder for every caller", "state", map[string]string{"HOME": "/h"}, "", true},
		{"a tilde", "~/state", map[string]string{"HOME": "/h"}, "", true},
		{"a relative home", "", map[string]string{"HOME": "h"}, "", true},
	} {
		got, err := journal.Dir(test.configured, test.env)
		if bad := errors.Is(err, journal.ErrUnusable); bad != test.bad || !bad && (got != test.want || err != nil) {
			t.Errorf("%s: Dir(%q, %v) = %q, %v; want %q, an error: %v", test.name, test.configured, test.env, got, err, test.want, test.bad)
		}
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b")
	j := open(t, dir)
	must(t, begin(t, j).End(0, nil))
	release, err := j.Lock(t.Context(), host, client, 0)
	must(t, err)
	defer release()
	info, err := os.Stat(dir)
	must(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("the folder has %o", info.Mode().Perm())
	}
	files, err := os.ReadDir(dir)
	must(t, err)
	if len(files) != 2 {
		t.Errorf("files: %v; want a month and a lock", files)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s has %o (%v)", f.Name(), info.Mode().Perm(), err)
		}
	}
}

// Incident 20: a folder that cannot be written is a clear error, and another one than a full disk.
func TestUnusableFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	for _, dir := range []string{file, filepath.Join(file, "below"), filepath.Join(file, "far", "below"), "/proc/callroll"} {
		_, err := journal.Open(dir, journal.Options{})
		if !errors.Is(err, journal.ErrUnusable) || errors.Is(err, journal.ErrDisk) || !strings.Contains(err.Error(), dir) {
			t.Errorf("Open(%s): %v; want ErrUnusable with the folder", dir, err)
		}
	}
	// The folder is well, and the file of the month is not.
	dir := t.TempDir()
	must(t, os.Mkdir(month(dir), 0o700))
	if _, err := journal.Open(dir, journal.Options{}); !errors.Is(err, journal.ErrUnusable) {
		t.Errorf("Open with a folder in the place of a file: %v; want ErrUnusable", err)
	}
}

// What Open writes to see whether it can is more than an empty file, which a full disk still takes; and it is taken away.
func TestFullDisk(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	if exists(filepath.Join(dir, ".probe")) {
		t.Error("Open left behind what it wrote to see whether it can")
	}
	j.FillDisk("/dev/full")
	err := j.Prove()
	if !errors.Is(err, journal.ErrDisk) || errors.Is(err, journal.ErrUnusable) || !strings.Contains(err.Error(), dir) {
		t.Errorf("Open on a full disk: %v; want ErrDisk with the folder", err)
	}
	probe := filepath.Join(t.TempDir(), "probe")
	must(t, os.WriteFile(probe, nil, 0o600))
	j.FillDisk(probe)
	must(t, j.Prove())
	if n := len(content(t, probe)); n < 4096 {
		t.Errorf("Open wrote %d bytes to see whether it can", n)
	}
	j.FillDisk("/dev/full")
	if err := begin(t, j).End(0, nil); !errors.Is(err, journal.ErrDisk) {
		t.Errorf("End on a full disk: %v; want ErrDisk", err)
	}
}

// The disk fills up in the course of a run: no method keeps quiet about it.
func TestDiskFillsUp(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	r := begin(t, j)
	j.FillDisk("/dev/full")
	g := change("b", "", "a b")
	_, closing := r.Close(journal.Intent{}, nil)
	for name, err := range map[string]error{
		"Intent":    r.Intent(group("a"), g),
		"Outcome":   r.Outcome(push.Outcome{Group: g, Status: push.Done}),
		"Noted":     r.Noted(time.Now()),
		"Told":      r.Told([]journal.Cause{{What: "refused", Where: "x"}}, nil),
		"Close":     closing,
		"CloseGone": r.CloseGone(journal.Intent{}),
		"End":       r.End(0, nil),
	} {
		if !errors.Is(err, journal.ErrDisk) || errors.Is(err, journal.ErrUnusable) {
			t.Errorf("%s: %v; want ErrDisk", name, err)
		}
	}
}

// An intent that is not on the disk is an error: /dev/null takes every write, and cannot sync.
func TestIntentIsSynced(t *testing.T) {
	j := open(t, t.TempDir())
	j.FillDisk("/dev/null")
	r := begin(t, j)
	g := change("b", "", "a b")
	if err := r.Intent(group("a"), g); err == nil {
		t.Error("Intent did not sync")
	}
	must(t, r.Outcome(push.Outcome{Group: g, Status: push.Done}))
	if err := r.End(0, nil); err == nil {
		t.Error("End did not sync")
	}
}

// A run that lasts over the end of a month is one run, and lines of two months come in their order.
func TestMonths(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2000, 1, 31, 23, 59, 59, 0, time.UTC)))
		dir := t.TempDir()
		j := open(t, dir)
		first := write(t, j, "a", change("b", "", "a b"), push.Done)
		over := begin(t, j)
		g := change("c", "", "a b c")
		must(t, over.Intent(group("a", "b"), g))
		time.Sleep(2 * time.Second)
		must(t, over.Outcome(push.Outcome{Group: g, Status: push.Done}))
		must(t, over.End(4, map[string]int{"changed": 1}))
		last := begin(t, j)
		must(t, last.Noted(time.Now()))

		if !exists(filepath.Join(dir, "2000-01.jsonl")) || !exists(filepath.Join(dir, "2000-02.jsonl")) {
			t.Error("there are not two months")
		}
		var ids []string
		runs := read(t, j).Runs()
		for _, r := range runs {
			ids = append(ids, r.Info.ID)
		}
		if want := []string{last.ID(), over.ID(), first.ID()}; !slices.Equal(ids, want) {
			t.Errorf("runs: %v; want the newest first: %v", ids, want)
		}
		if !slices.IsSortedFunc([]string{first.ID()[:16], over.ID()[:16], last.ID()[:16]}, strings.Compare) || first.ID()[:17] != "20000131T235959Z-" {
			t.Errorf("IDs do not sort by time: %s, %s, %s", first.ID(), over.ID(), last.ID())
		}
		r := runs[1]
		if r.Status != 4 || r.Counts["changed"] != 1 || r.Ended.Sub(r.Began) != 2*time.Second || r.Groups[0].Outcome != push.Done {
			t.Errorf("the run over two months: %+v", r)
		}
		if runs[0].Status != -1 || !runs[0].Ended.IsZero() {
			t.Errorf("a run that has not ended: %+v", runs[0])
		}
	})
}

// keeping makes files of months, and lets a run end in the folder.
func keeping(t *testing.T, o journal.Options, status int, names ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range names {
		must(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	j, err := journal.Open(dir, o)
	must(t, err)
	must(t, begin(t, j).End(status, nil))
	return dir
}

func TestKeep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2001, 3, 10, 0, 0, 0, 0, time.UTC)))
		names := []string{"2000-01.jsonl", "2000-02.jsonl", "2000-12.jsonl", "2001-02.jsonl", "2001-03.jsonl", "old.jsonl", "2000-01.txt"}
		for _, test := range []struct {
			keep   time.Duration
			status int
			clock  journal.Clock
			gone   int // how many of names
		}{
			{374 * 24 * time.Hour, 0, journal.ClockRight, 1}, // 1 March 2000: what follows January was begun in February
			{374 * 24 * time.Hour, 0, journal.ClockUnknown, 1},
			{374 * 24 * time.Hour, 0, journal.ClockWrong, 0},
			{374 * 24 * time.Hour, 4, journal.ClockRight, 0},
			{374 * 24 * time.Hour, 7, journal.ClockRight, 0},
			{375 * 24 * time.Hour, 0, journal.ClockRight, 0},
			{0, 0, journal.ClockRight, 0},                   // 400 days
			{68 * 24 * time.Hour, 0, journal.ClockRight, 2}, // 1 January
			{69 * 24 * time.Hour, 0, journal.ClockRight, 1},
			{9 * 24 * time.Hour, 0, journal.ClockRight, 3}, // 1 March
			{10 * 24 * time.Hour, 0, journal.ClockRight, 2},
			{time.Nanosecond, 0, journal.ClockRight, 3}, // there may be a line of this month in 2001-02.jsonl
		} {
			dir := keeping(t, journal.Options{Keep: test.keep, Clock: func() journal.Clock { return test.clock }}, test.status, names...)
			for i, name := range names {
				if got, want := exists(filepath.Join(dir, name)), i >= test.gone; got != want {
					t.Errorf("%+v: %s is there: %v", test, name, got)
				}
			}
		}
	})
}

// Incident 39: a clock that is years ahead for one run costs no month, whether it is found out or not.
func TestTheNewestTwoStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		write(t, open(t, dir), "a", change("b", "", "a b"), push.Done)
		time.Sleep(40 * 24 * time.Hour)
		write(t, open(t, dir), "a b", change("c", "", "a b c"), push.Done)
		time.Sleep(10 * 365 * 24 * time.Hour)
		must(t, begin(t, open(t, dir)).End(0, nil))
		for name, want := range map[string]bool{"2000-01.jsonl": false, "2000-02.jsonl": true, "2010-02.jsonl": true} {
			if exists(filepath.Join(dir, name)) != want {
				t.Errorf("%s is there: %v", name, !want)
			}
		}
	})
}
