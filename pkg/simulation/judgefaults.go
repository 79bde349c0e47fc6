package simulation

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judgeFaults counts the faults that were met, by the World's own log, and holds the report against them: what was never
// read or written is not called good.
func (s *sim) judgeFaults(run *run) {
	log := s.logOf(run)
	panicked, writing := false, false
	for _, r := range log {
		if strings.HasPrefix(r.Host, "graph.example") {
			s.fail("%s was asked", r.Host)
		}
		if r.Fault == nil {
			continue
		}
		side := "reading, "
		if r.Method == http.MethodPut {
			side = "PUT, "
		}
		s.met[side+run.kinds[*r.Fault]]++
		panics := run.faults[*r.Fault].Panic
		panicked, writing = panicked || panics, writing || panics && r.Method == http.MethodPut
	}
	if run.dead {
		return
	}
	// Of several failures of one reading the report may have another one.
	run.panicked = panicked || run.before != nil && run.before.panicked
	if run.status == 70 && !run.panicked {
		s.fail("a bug: %s", run.err.String())
	}
	if panicked && (run.status == 0 || writing && run.status != 70 && !run.stopped) {
		s.fail("a panic came to status %d", run.status)
	}
	s.judgeUnread(run, log)
}

// judgeUnread wants a path that never got an answer in the end to be in the status, and in the outcomes of the groups that
// hang on it.
func (s *sim) judgeUnread(run *run, log []sandbox.Request) {
	last, wrote := map[string]sandbox.Request{}, false
	for _, r := range log {
		switch {
		case r.Method == http.MethodPut:
			wrote = true
		case r.Method != http.MethodGet:
		case wrote && r.Path == groupList: // a shortcut when groups are read back: each of them is read alone after it
		case strings.HasPrefix(r.Path, individualAPI): // judged with the PUT
		default:
			last[r.Path] = r
		}
	}
	for _, r := range last {
		if !s.broken(run, r) || closing(log, r) {
			continue
		}
		s.met["a reading that failed for good"]++
		if run.status == 0 {
			s.fail("%s %s never got an answer, and the status is 0", r.Method, r.Path)
		}
		for _, g := range run.report.Groups {
			at := slices.IndexFunc(run.mappings, func(m oracle.Mapping) bool { return m.Name == g.Name })
			if g.good() && at >= 0 && run.verb == syncs {
				s.judgeHanging(run, run.mappings[at], g, r)
			}
		}
	}
}

func (s *sim) judgeHanging(run *run, m oracle.Mapping, g reported, r sandbox.Request) {
	relation := "/members/"
	if m.Nested {
		relation = "/transitiveMembers/"
	}
	for _, source := range m.Sources {
		if slices.ContainsFunc(run.mappings, func(other oracle.Mapping) bool { return slices.Contains(other.Exclude, source) }) {
			continue // it was read for that as well, and more often
		}
		if strings.Contains(r.Path, source+relation) {
			s.fail("%s is %q, and %s never got an answer", m.Name, g.Outcome, r.Path)
		}
	}
	if r.Path == groupAPI+g.ID && !run.stopped && run.took < longest { // which says so
		s.fail("%s is %q, and was not read in the end", m.Name, g.Outcome)
	}
}

// broken says whether an answer was none, or cannot be used, by the fault that it met.
func (s *sim) broken(run *run, r sandbox.Request) bool {
	within := strings.HasSuffix(r.Path, "/transitiveMembers") || strings.Contains(r.Path, "/groups/"+id(personKind, 0)[:8])
	if r.Status == http.StatusNotFound && within { // as of what is no group
		return false
	}
	if r.Status == 0 || r.Status >= 400 && r.Fault != nil {
		return true
	}
	if r.Fault == nil {
		return run.lost[r.RequestID]
	}
	switch run.kinds[*r.Fault] {
	case "html", "empty body", "empty object":
		return true
	case "link elsewhere":
		return strings.Contains(r.Path, "/members/") || strings.Contains(r.Path, "/transitiveMembers")
	}
	return false
}

// closing says whether a request was only to find out what an earlier run has left open, which comes before anything else is
// asked of Entra. Whatever comes of it, a later run asks again.
func closing(log []sandbox.Request, r sandbox.Request) bool {
	if !strings.HasPrefix(r.Path, groupAPI) {
		return false
	}
	for _, other := range log {
		if other.RequestID == r.RequestID {
			return true
		}
		if other.Path == groupList || strings.HasPrefix(other.Path, "/v1.0/") {
			return false
		}
	}
	return false
}
