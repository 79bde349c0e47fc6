package simulation

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judgeFaults counts the faults that were played, by the log of the world, and checks that the report does not call a
// group good that was not read or written.
func (s *sim) judgeFaults(run *run) {
	log := s.logOf(run)
	panicked, writing := false, false
	for _, r := range log {
		if strings.HasPrefix(r.Host, "graph.example") {
			s.errorf("%s was asked", r.Host)
		}
		if r.Fault == nil {
			continue
		}
		side := "reading, "
		if r.Method == http.MethodPut {
			side = "PUT, "
		}
		s.met[side+run.faultKinds[*r.Fault]]++
		panics := run.faults[*r.Fault].Panic
		panicked, writing = panicked || panics, writing || panics && r.Method == http.MethodPut
	}
	if run.killed {
		return
	}
	// If a reading failed several times, the report may have another failure.
	run.panicked = panicked || run.previousStage != nil && run.previousStage.panicked
	if run.status == 70 && !run.panicked {
		s.errorf("a bug: %s", run.err.String())
	}
	if panicked && (run.status == 0 || writing && run.status != 70 && !run.interrupted) {
		s.errorf("a panic came to status %d", run.status)
	}
	s.judgeUnread(run, log)
}

// judgeUnread checks that a path which never got an answer has an effect on the status, and on the outcomes of the groups
// that need it.
func (s *sim) judgeUnread(run *run, log []sandbox.Request) {
	last, wrote := map[string]sandbox.Request{}, false
	for _, r := range log {
		switch {
		case r.Method == http.MethodPut:
			wrote = true
		case r.Method != http.MethodGet:
		case wrote && r.Path == groupList: // an optimization of reading back: if it fails, each group is read alone
		case strings.HasPrefix(r.Path, individualAPI): // checked with the PUT
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
			s.errorf("%s %s never got an answer, and the status is 0", r.Method, r.Path)
		}
		for _, g := range run.report.Groups {
			at := slices.IndexFunc(run.mappings, func(m oracle.Mapping) bool { return m.Name == g.Name })
			if g.good() && at >= 0 && run.verb == verbSync {
				s.judgeDependent(run, run.mappings[at], g, r)
			}
		}
	}
}

func (s *sim) judgeDependent(run *run, m oracle.Mapping, g groupReport, r sandbox.Request) {
	relation := "/members/"
	if m.Nested {
		relation = "/transitiveMembers/"
	}
	for _, source := range m.Sources {
		if slices.ContainsFunc(run.mappings, func(other oracle.Mapping) bool { return slices.Contains(other.Exclude, source) }) {
			continue // it is read for that as well, so it has more requests
		}
		if strings.Contains(r.Path, source+relation) {
			s.errorf("%s is %q, and %s never got an answer", m.Name, g.Outcome, r.Path)
		}
	}
	if r.Path == groupAPI+g.ID && !run.interrupted && run.duration < defaultTimeout { // otherwise the report says so
		s.errorf("%s is %q, and was not read in the end", m.Name, g.Outcome)
	}
}

// broken says whether there was no answer, or the fault made it unusable.
func (s *sim) broken(run *run, r sandbox.Request) bool {
	within := strings.HasSuffix(r.Path, "/transitiveMembers") || strings.Contains(r.Path, "/groups/"+id(personKind, 0)[:8])
	if r.Status == http.StatusNotFound && within { // the id is not that of a group
		return false
	}
	if r.Fault != nil && r.Status == http.StatusNotFound {
		if f := run.faults[*r.Fault]; f.Status == 0 && len(f.Set)+len(f.Omit)+len(f.Null) > 0 { // the answer had nothing to edit
			return false
		}
	}
	if user, single := strings.CutPrefix(r.Path, "/api/v2/scim/v2/users/"); single && r.Status == http.StatusNotFound {
		if _, exists := s.now().Org.Account(user); !exists { // also if a fault says so
			return false
		}
	}
	if r.Status == 0 || r.Status >= 400 && r.Fault != nil {
		return true
	}
	if r.Fault == nil {
		return run.lostAnswers[r.RequestID]
	}
	switch run.faultKinds[*r.Fault] {
	case "html", "empty body", "empty object":
		return true
	case "link elsewhere":
		return strings.Contains(r.Path, "/members/") || strings.Contains(r.Path, "/transitiveMembers")
	}
	return false
}

// closing says whether a request was sent only to find the result of an earlier run's open writes, before any other
// request to Entra. A later run tries again in any case.
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
