package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Whatever stands in a file, reading it ends in an answer or in an error that names the line; and what a crash leaves
// behind good lines never costs the lines that are written after it.
func FuzzRead(f *testing.F) {
	const good = `{"format":1,"kind":"run","run":"r","time":"2026-11-24T06:00:00Z","info":{"host":"h","client_id":"c"}}` + "\n"
	for _, seed := range []string{
		"", "\n", good, good[:40], good + good[:40], "{}\n", "null\n", "\x00\x00", "[", strings.Repeat("[", 20_000), "0\n\n", "0\n\n\n" + good,
		`{"format":1,"kind":"intent","run":"r","group":"g","before":["a"],"add":[{"id":"b"}],"members":["a","b"]}` + "\n",
		`{"format":1,"kind":"intent","run":"r","group":"g","before":5}` + "\n",
		`{"format":1,"kind":"outcome","run":"r","group":"g","outcome":"changed","members":[]}` + "\n",
		`{"format":1,"kind":"closed","run":"r","of":"r","group":"g","became":"applied"}` + "\n",
		`{"format":1,"kind":"end","run":"r","quiet":[{"name":"x","outcome":"in step"}]}` + "\n",
		`{"format":1,"kind":"told","run":"r","keys":["x"]}` + "\n",
		`{"format":1,"kind":"cut"}` + "\n", `{"format":2}` + "\n", `{"format":1,"kind":"run","run":"r"}`,
	} {
		f.Add([]byte(good + seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dir := t.TempDir()
		path := filepath.Join(dir, fileName(time.Now().UTC(), 1))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		before, err := ReadDir(dir)
		if err != nil {
			if !errors.Is(err, ErrBroken) && !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), ", line ") {
				t.Fatalf("ReadDir: %v", err)
			}
			return
		}
		for _, r := range before.Runs() {
			r.Inverse()
			before.OpenIntents(r.Info.Host, r.Info.ClientID)
			before.LastStates(r.Info.Host, r.Info.ClientID)
		}
		j, err := Open(dir, Options{})
		if err != nil {
			t.Fatalf("Open: %v", err)
		}
		run := j.Begin(RunInfo{ID: "after the crash"})
		if err := run.End(0, nil); err != nil {
			t.Fatalf("End: %v", err)
		}
		after, err := j.Read()
		if err != nil {
			t.Fatalf("what could be read cannot be read any more: %v", err)
		}
		if _, found := after.Run("after the crash"); !found || len(after.Runs()) < len(before.Runs()) {
			t.Fatalf("lines are lost: %d runs before, %d after", len(before.Runs()), len(after.Runs()))
		}
	})
}
