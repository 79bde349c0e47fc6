package journal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// state is all that a history knows of the past, but for the runs that ended.
func (h *History) state(t *testing.T) string {
	t.Helper()
	data, err := json.MarshalIndent(checkpoint{Orgs: h.orgs, Told: h.told, Recent: h.recent, Runs: h.kept(), Noted: h.noted}, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// player plays runs that a seed decides, of two configurations, on two orgs.
type player struct {
	t   *testing.T
	r   *rand.Rand
	dir string
	j   *Journal
}

func newPlayer(t *testing.T, seed uint64) player {
	t.Helper()
	dir := t.TempDir()
	j, err := Open(dir, Options{Keep: 100 * 24 * time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	return player{t, rand.New(rand.NewPCG(seed, 1)), dir, j}
}

func (p player) run() {
	j := p.j
	h, err := j.Read()
	if err != nil {
		p.t.Fatal(err)
	}
	n := p.r.IntN(2)
	info := RunInfo{Config: fmt.Sprintf("/etc/%d.yaml", n), Host: fmt.Sprintf("host%d", n), ClientID: "c", Live: p.r.IntN(2) == 0}
	if !info.Live {
		info.Taken = time.Now().UTC().Truncate(time.Second).Add(-time.Duration(p.r.IntN(3)) * time.Minute)
	}
	run := j.Begin(info)
	must := func(err error) {
		if err != nil {
			p.t.Fatal(err)
		}
	}
	for _, intent := range h.OpenIntents(info.Host, "c") {
		_, err := run.Close(intent, []string{"a", "b"})
		must(err)
	}
	status := []int{0, 0, 0, 4, 7}[p.r.IntN(5)]
	if status == 7 {
		run.Causes([]Cause{{"unavailable", info.Host}})
		must(run.End(status, nil))
		return
	}
	for i := range 5 {
		if !p.group(run, i) {
			return // it died
		}
	}
	if p.r.IntN(4) == 0 {
		must(run.Told([]Cause{{"refused", "g1"}}, []Cause{{"refused", "g2"}}))
	}
	if status == 4 {
		run.Causes([]Cause{{"refused", "g1"}})
	}
	must(run.End(status, map[string]int{"in step": 5}))
}

// group ends one group of a run. It is false if the run dies of it.
func (p player) group(run *Run, i int) bool {
	g := plan.Group{ID: fmt.Sprintf("g%d", i), Name: fmt.Sprintf("Group %d", i), Members: []string{"a"}}
	out := push.Outcome{Group: g, Status: push.InStep}
	var err error
	switch p.r.IntN(40) {
	case 0:
		out.Status, out.Detail = push.Refused, "too many"
	case 1:
		out.Status, out.Cause, out.Detail = push.Unavailable, membership.Unavailable, fmt.Sprint("request ", p.r.IntN(100))
	case 2, 3, 4:
		out.Group.Add = []plan.Entry{{ID: "b"}}
		err = run.Intent(membership.Group{ID: g.ID}, out.Group)
		out.Status = []push.Status{push.Done, push.NotApplied, push.Conflict}[p.r.IntN(3)]
	case 5:
		out.Group.Remove = []plan.Entry{{ID: "b"}}
		if err := run.Intent(membership.Group{ID: g.ID, Members: []string{"b"}}, out.Group); err != nil {
			p.t.Fatal(err)
		}
		return false
	}
	if err == nil {
		err = run.Outcome(out)
	}
	if err != nil {
		p.t.Fatal(err)
	}
	return true
}

// same wants what is read by the checkpoint to be what all lines say.
func (p player) same(what string) {
	p.t.Helper()
	quick, err := read(p.dir, true)
	if err != nil {
		p.t.Fatal(err)
	}
	whole, err := read(p.dir, false)
	if err != nil {
		p.t.Fatal(err)
	}
	if diff := cmp.Diff(whole.state(p.t), quick.state(p.t)); diff != "" {
		p.t.Fatalf("%s: -all lines +by the checkpoint\n%s", what, diff)
	}
}

// Whatever happened, and whatever happened to the checkpoint, nothing else is known by it than without it.
func TestCheckpoint(t *testing.T) {
	used := 0
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			p := newPlayer(t, seed)
			path := filepath.Join(p.dir, checkpointFile)
			for range 40 {
				p.run()
				time.Sleep([]time.Duration{15 * time.Minute, 24 * time.Hour, 20 * 24 * time.Hour}[p.r.IntN(3)])
				p.same("after a run")
				if files, err := months(p.dir, time.Now(), map[string]int{}); err == nil && len(fromCheckpoint(p.dir, files, time.Now()).files) > 0 {
					used++
				}
				p.spoil(path)
				p.same("after that was done to the checkpoint")
			}
		})
	}
	if used < 80 {
		t.Errorf("a checkpoint was used %d times", used)
	}
}

// spoil does something to a checkpoint, or to a month that it was made from.
func (p player) spoil(path string) {
	data, err := os.ReadFile(path)
	if err != nil {
		return
	}
	switch p.r.IntN(8) {
	case 0:
		os.Remove(path)
	case 1:
		data = data[:p.r.IntN(len(data))]
		err = os.WriteFile(path, data, 0o600)
	case 2:
		data[p.r.IntN(len(data))] ^= 1 << p.r.IntN(8)
		err = os.WriteFile(path, data, 0o600)
	case 3:
		err = p.edit()
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// edit changes a letter of a month, so that its size and its first line stay.
func (p player) edit() error {
	names, _ := filepath.Glob(filepath.Join(p.dir, "*.jsonl"))
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if changed := bytes.Replace(data, []byte(`"too many"`), []byte(`"too much"`), 1); !bytes.Equal(changed, data) {
			return os.WriteFile(name, changed, 0o600)
		}
	}
	return nil
}

// A sound checkpoint of other bytes is not used: an older one of the same folder, one of another folder, and one of a
// version that kept something else.
func TestCheckpointOfOtherBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPlayer(t, 7)
		other := newPlayer(t, 8)
		path := filepath.Join(p.dir, checkpointFile)
		var old []byte
		for i := range 60 {
			p.run()
			other.run()
			time.Sleep(5 * 24 * time.Hour)
			if i == 30 {
				old, _ = os.ReadFile(path)
			}
		}
		foreign, err := os.ReadFile(filepath.Join(other.dir, checkpointFile))
		if err != nil || len(old) == 0 {
			t.Fatal(err)
		}
		mine, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		newer := []byte(strings.Replace(string(mine), `"format":1`, `"format":2`, 1))
		for name, data := range map[string][]byte{"an older one": old, "another folder's": foreign, "another version's": newer} {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			p.same(name)
		}
		if h := fromCheckpoint(p.dir, nil, time.Now()); len(h.files) != 0 {
			t.Error("a checkpoint of files that are gone was used")
		}
	})
}

// What comes into a month that has ended, or into the folder beside the months of a checkpoint, is read in its place.
func TestCheckpointAndOlderMonths(t *testing.T) {
	for name, spoil := range map[string]func(dir, first string) error{
		"a line at the end of a month": func(dir, first string) error {
			f, err := os.OpenFile(filepath.Join(dir, first), os.O_WRONLY|os.O_APPEND, 0)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = fmt.Fprintln(f, `{"format":1,"kind":"run","run":"x","time":"2000-01-02T00:00:00Z","info":{"host":"host0","client_id":"c"}}`)
			return err
		},
		"a month without a number": func(dir, first string) error {
			data, err := os.ReadFile(filepath.Join(dir, first))
			if err != nil {
				return err
			}
			_, lines, _ := bytes.Cut(data, []byte("\n"))
			return os.WriteFile(filepath.Join(dir, "1999-12.jsonl"), lines, 0o600)
		},
		"a month with another name": func(dir, first string) error {
			return os.Rename(filepath.Join(dir, first), filepath.Join(dir, "1999-12.jsonl"))
		},
		"a month that is gone": func(dir, first string) error { return os.Remove(filepath.Join(dir, first)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newPlayer(t, 3)
				for range 12 {
					p.run()
					time.Sleep(7 * 24 * time.Hour)
				}
				files, err := months(p.dir, time.Now(), map[string]int{})
				if err != nil || len(fromCheckpoint(p.dir, files, time.Now()).files) < 2 {
					t.Fatal("there is no checkpoint of several months", err)
				}
				if err := spoil(p.dir, files[0].name); err != nil {
					t.Fatal(err)
				}
				p.same(name)
			})
		})
	}
}

// A clock that is wrong makes no checkpoint, and neither does a time in the future after which nothing came.
func TestCheckpointByAWrongClock(t *testing.T) {
	for clock, want := range map[Clock]bool{ClockRight: true, ClockUnknown: true, ClockWrong: false} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			for range 3 {
				j, err := Open(dir, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := j.Read(); err != nil {
					t.Fatal(err)
				}
				j.options.Clock = func() Clock { return clock }
				if len(j.past.files) < 2 {
					j.options.Clock = func() Clock { return ClockRight }
				}
				run := j.Begin(RunInfo{})
				if err := run.End(7, nil); err != nil {
					t.Fatal(err)
				}
				time.Sleep(31 * 24 * time.Hour)
			}
			if _, err := os.Stat(filepath.Join(dir, checkpointFile)); (err == nil) != want {
				t.Errorf("clock %v: a checkpoint: %v", clock, err)
			}
		})
	}
}

// While the last word of a journal is a time in the future, nobody knows what it will count as; and a line that is being
// written is not yet there.
func TestNoCheckpointOfWhatIsUncertain(t *testing.T) {
	for name, last := range map[string]string{
		"a time in the future": `{"format":1,"kind":"end","run":"x","time":"2036-01-01T00:00:00Z"}` + "\n",
		"half a line":          `{"format":1,"kind":"end"`,
		"no newline":           `{"format":1,"kind":"end","run":"x","time":"2000-01-01T00:00:00Z"}`,
		"":                     `{"format":1,"kind":"end","run":"x","time":"2000-01-01T00:00:00Z"}` + "\n",
	} {
		synctest.Test(t, func(t *testing.T) {
			dir := t.TempDir()
			j, err := Open(dir, Options{})
			if err != nil {
				t.Fatal(err)
			}
			for name, text := range map[string]string{"1999-11.jsonl": `{"format":1,"kind":"cut"}` + "\n", "1999-12.jsonl": last} {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := j.Read(); err != nil {
				t.Fatal(err)
			}
			run := j.Begin(RunInfo{})
			if err := run.End(0, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(filepath.Join(dir, checkpointFile)); (err == nil) != (name == "") {
				t.Errorf("%s: a checkpoint: %v", name, err == nil)
			}
		})
	}
}
