package simulation

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// kill says when a process is killed; negative numbers mean never.
type kill struct {
	put     int  // index of the PUT
	request int  // index of the request of any kind
	after   bool // after the request was carried out
	torn    bool // the line that was written before the request is truncated
	atEnd   bool // in the last lines, after the last request
}

// fileSizes are the sizes of the files in a state folder.
type fileSizes map[string]int64

// killRun stops a run as SIGKILL stops a process. Its goroutines may continue until their next request, in a folder that
// is not used any more.
func (w wire) killRun(r *http.Request, when string) (*http.Response, error) {
	kind := "a reading"
	if r.Method == http.MethodPut {
		kind = "a PUT"
	}
	w.met["kill "+when+" "+kind]++
	w.logf("killed %s %s %s", when, r.Method, r.URL.Path)
	w.run.killed = true
	w.copyHome(w.run)
	if w.run.kill.torn && when == "before" {
		w.truncateJournal(w.run)
	}
	w.run.markEnded()
	return nil, errDead
}

// block holds a request of a killed process until the end of the seed.
func (w wire) block() (*http.Response, error) {
	<-w.killedMayEnd
	return nil, errDead
}

// copyHome copies the state folder of a machine, which uses the copy from now on. The killed process still has the lock of
// the old folder; a real process would not.
func (s *sim) copyHome(run *run) {
	old := run.home
	run.home = old + "+"
	s.homes[run.machine] = run.home
	err := filepath.WalkDir(old, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // the folder does not exist yet
		}
		inner, err := filepath.Rel(old, path)
		if err != nil {
			return err
		}
		target := filepath.Join(run.home, inner)
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o600)
	})
	if err != nil {
		s.errorf("%v", err)
	}
}

// recordSizes records the sizes of the files after a request.
func (s *sim) recordSizes(run *run) {
	if run.kill.torn || run.kill.atEnd {
		run.fileSizes = sizes(run.home)
	}
}

func sizes(dir string) fileSizes {
	d := fileSizes{}
	files, err := os.ReadDir(dir)
	if err != nil {
		return d // the folder does not exist yet
	}
	for _, file := range files {
		if info, err := file.Info(); err == nil && info.Mode().IsRegular() {
			d[file.Name()] = info.Size()
		}
	}
	return d
}

// truncateJournal truncates the journal anywhere in the part that was written since the last request. It does so only if
// lines were added to one file and nothing else was changed.
func (s *sim) truncateJournal(run *run) bool {
	now := sizes(run.home)
	grown := ""
	for name, size := range now {
		was, known := run.fileSizes[name]
		switch {
		case strings.HasSuffix(name, "lock") || known && was == size:
		case known && size > was && grown == "" && strings.HasSuffix(name, ".jsonl"):
			grown = name
		default:
			return false
		}
	}
	if grown == "" || run.fileSizes[grown] == 0 {
		return false
	}
	cut := run.fileSizes[grown] + s.r.Int64N(now[grown]-run.fileSizes[grown])
	if err := os.Truncate(filepath.Join(run.home, grown), cut); err != nil {
		s.errorf("%v", err)
	}
	s.logf("the journal is cut at %d of %d bytes", cut, now[grown])
	return true
}

// killAtEnd kills a run, which has ended, in its last lines.
func (s *sim) killAtEnd(run *run) {
	if run.kill.atEnd && s.truncateJournal(run) {
		run.killed = true
		s.met["kill in the last lines"]++
	}
}

// journal returns the journal in the state folder of a run.
func journal(run *run) string {
	var all []string
	files, err := filepath.Glob(filepath.Join(run.home, "*.jsonl"))
	if err != nil {
		return ""
	}
	slices.Sort(files)
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil {
			all = append(all, string(data))
		}
	}
	return strings.Join(all, "\n")
}
