package simulation

import (
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// folder is the content of a state folder, by file name.
type folder map[string][]byte

// checkpoint is a file that a run may lose without harm.
const checkpoint = "checkpoint.json"

func readFolder(dir string) (folder, error) {
	f := folder{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return f, nil // there is no folder yet
	}
	for _, e := range entries {
		if e.Type()&fs.ModeType != 0 || strings.HasPrefix(e.Name(), "lock") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, err
		}
		f[e.Name()] = data
	}
	return f, nil
}

// write replaces the content of a folder.
func (f folder) write(dir string, instead folder) error {
	for name := range instead {
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	for name, data := range f {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

var (
	stamps = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d`)
	runIDs = regexp.MustCompile(`\d{8}T\d{6}Z-[0-9a-f]{8}`)
)

const (
	stampLayout = "2006-01-02T15:04:05"
	runLayout   = "20060102T150405"
)

// moveStamps moves the times in a text. Their length does not change.
func moveStamps(data []byte, by time.Duration) []byte {
	return stamps.ReplaceAllFunc(data, func(text []byte) []byte { return moveTime(text, stampLayout, by) })
}

// moveRuns moves the times in the ids of runs.
func moveRuns(data []byte, by time.Duration) []byte {
	return runIDs.ReplaceAllFunc(data, func(text []byte) []byte { return moveTime(text, runLayout, by) })
}

func moveTime(text []byte, layout string, by time.Duration) []byte {
	at, err := time.Parse(layout, string(text[:len(layout)]))
	if err != nil {
		return text
	}
	return append([]byte(at.Add(by).Format(layout)), text[len(layout):]...)
}

// movedFolder is a folder whose times were moved, with the former names of its files.
type movedFolder struct {
	was  map[string]string // former names by present names
	kept []byte            // the checkpoint, which belongs to the former times
}

// moveFolder moves all times in a state folder. A file is named after its first month, or gets the name that it had before
// an earlier move.
func (s *sim) moveFolder(dir string, by time.Duration, before movedFolder) movedFolder {
	old, err := readFolder(dir)
	if err != nil {
		s.errorf("%v", err)
		return movedFolder{}
	}
	next, after := folder{}, movedFolder{was: map[string]string{}}
	var others []string
	for _, name := range slices.Sorted(maps.Keys(old)) {
		data := moveRuns(moveStamps(old[name], by), by)
		switch was := before.was[name]; {
		case was != "":
			next[was] = data
			after.was[was] = name
		case name == checkpoint:
			after.kept = old[name]
		case strings.HasSuffix(name, ".jsonl"):
			others = append(others, name)
		default:
			next[name] = data
		}
	}
	for _, name := range others {
		data := moveRuns(moveStamps(old[name], by), by)
		to := freeName(next, monthOf(data, name))
		next[to], after.was[to] = data, name
	}
	if before.kept != nil {
		next[checkpoint] = before.kept
	} else if before.was != nil && after.kept != nil && oneIn(s.r, 2) {
		next[checkpoint] = after.kept // it refers to other times now
	}
	if err := next.write(dir, old); err != nil {
		s.errorf("%v", err)
	}
	return after
}

// monthOf returns the month in which a file of the journal begins.
func monthOf(data []byte, name string) string {
	if first := stamps.Find(data); first != nil {
		return string(first[:len("2006-01")])
	}
	return name[:min(len(name), len("2006-01"))]
}

// freeName returns a name for a file of a month, which may have several files.
func freeName(taken folder, month string) string {
	name := month + ".jsonl"
	for n := 2; taken[name] != nil; n++ {
		name = fmt.Sprintf("%s_%d.jsonl", month, n)
	}
	return name
}

// redate moves the times in a file that is passed from one machine to another, and updates its fingerprint.
func (s *sim) redate(file []byte, by time.Duration) []byte {
	t, err := parseTree(file)
	if by == 0 || err != nil {
		return file
	}
	for _, name := range []string{"taken", "made", "expires"} {
		if at := t.get(name); at.text() != "" {
			at.setText(string(moveStamps([]byte(at.text()), by)))
		}
	}
	if t.get("kind").text() == "plan" {
		t.get("fingerprint").setText(s.fingerprintOf(t))
	}
	data, err := t.MarshalJSON()
	if err != nil {
		s.errorf("%v", err)
	}
	return append(data, '\n')
}

// writeOldJournal writes a journal of the last year, which is not old enough to be removed.
func (s *sim) writeOldJournal() {
	home := filepath.Join(s.dir, "here")
	if err := os.MkdirAll(home, 0o700); err != nil {
		s.errorf("%v", err)
	}
	for i, ago := range []time.Duration{370 * day, 330 * day, 290 * day} {
		at := time.Now().Add(-ago).UTC()
		name := at.Format("2006-01") + ".jsonl"
		line := fmt.Sprintf("{\"format\":1,\"kind\":\"file\",\"number\":%d,\"time\":%q}\n", i+1, at.Format(time.RFC3339))
		if err := os.WriteFile(filepath.Join(home, name), []byte(line), 0o600); err != nil {
			s.errorf("%v", err)
		}
		s.lastWritten["here"+name] = at
	}
	s.met["a journal of the last year"]++
}
