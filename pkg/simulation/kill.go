package simulation

import (
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// kill says where a process dies; negative numbers for nowhere.
type kill struct {
	put     int  // at which PUT
	request int  // at which request of any kind
	after   bool // once the request was carried out
	torn    bool // the line that it was writing before the request is cut short
	atEnd   bool // among the last lines, after the last request
}

// disk is what a state folder held after a request: the size of each file.
type disk map[string]int64

// dies stops a run as a SIGKILL stops a process: nothing that it would have done is done. What its goroutines do after that
// they do to a folder that nobody looks at again; none of them comes further than its next request.
func (w wire) dies(r *http.Request, when string) (*http.Response, error) {
	kind := "a reading"
	if r.Method == http.MethodPut {
		kind = "a PUT"
	}
	w.met["kill "+when+" "+kind]++
	w.say("killed %s %s %s", when, r.Method, r.URL.Path)
	w.run.dead = true
	w.moveHome(w.run)
	if w.run.kill.torn && when == "before" {
		w.tear(w.run)
	}
	w.run.over()
	return nil, errDead
}

// freeze holds a request of a process that is dead until the seed has ended.
func (w wire) freeze() (*http.Response, error) {
	<-w.frozen
	return nil, errDead
}

// moveHome makes a copy of a state folder, with which the machine goes on: the dead process still holds the lock of the
// old one, as no real one would.
func (s *sim) moveHome(run *run) {
	old := run.home
	run.home = old + "+"
	s.homes[run.machine] = run.home
	err := filepath.WalkDir(old, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil // there is no folder yet
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
		s.fail("%v", err)
	}
}

// look notes the size of the files after a request.
func (s *sim) look(run *run) {
	if run.kill.torn || run.kill.atEnd {
		run.disk = sizes(run.home)
	}
}

func sizes(dir string) disk {
	d := disk{}
	files, err := os.ReadDir(dir)
	if err != nil {
		return d // there is no folder yet
	}
	for _, file := range files {
		if info, err := file.Info(); err == nil && info.Mode().IsRegular() {
			d[file.Name()] = info.Size()
		}
	}
	return d
}

// tear cuts the journal anywhere in what was written since the last request, as far as lines were added to one file and
// nothing else was done.
func (s *sim) tear(run *run) bool {
	now := sizes(run.home)
	grown := ""
	for name, size := range now {
		was, known := run.disk[name]
		switch {
		case strings.HasSuffix(name, "lock") || known && was == size:
		case known && size > was && grown == "" && strings.HasSuffix(name, ".jsonl"):
			grown = name
		default:
			return false
		}
	}
	if grown == "" || run.disk[grown] == 0 {
		return false
	}
	cut := run.disk[grown] + s.r.Int64N(now[grown]-run.disk[grown])
	if err := os.Truncate(filepath.Join(run.home, grown), cut); err != nil {
		s.fail("%v", err)
	}
	s.say("the journal is cut at %d of %d bytes", cut, now[grown])
	return true
}

// cutShort kills a run that is over among its last lines.
func (s *sim) cutShort(run *run) {
	if run.kill.atEnd && s.tear(run) {
		run.dead = true
		s.met["kill in the last lines"]++
	}
}

// journal is everything that stands in the state folder of a run.
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
