package pipeline_test

import (
	"net/http"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// judgeFaults counts the faults that were met, by the World's own log, and holds the report against them: what was never
// read or written is not called good.
func (s *sim) judgeFaults(run *simRun) {
	log := s.logOf(run)
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
		run.panicked = run.panicked || run.faults[*r.Fault].Panic
	}
	if run.killed {
		return
	}
	s.judgePanic(run)
	last := map[string]sandbox.Request{}
	for _, r := range log {
		if r.Method == http.MethodGet {
			last[r.Path] = r
		}
	}
	for _, r := range last {
		if s.broken(run, r) && !s.closing(run, r) {
			s.judgeUnread(run, r)
		}
	}
}

// judgePanic wants a panic to end in its own status, and none that nobody has asked for.
func (s *sim) judgePanic(run *simRun) {
	internal := run.status == report.Internal
	earlier := run.since != nil && slices.ContainsFunc(s.runs[slices.Index(s.runs, run.since):], func(stage *simRun) bool { return stage.panicked })
	if internal && !run.panicked && !earlier {
		for _, o := range run.result.Outcomes {
			s.fail("%s: %s", o.Group.Name, o.Detail)
		}
		s.fail("%v\n%s", run.err, run.stack)
	}
	// Of several failures of one reading the report may have another one.
	writing := slices.ContainsFunc(s.logOf(run), func(r sandbox.Request) bool {
		return r.Method == http.MethodPut && r.Fault != nil && run.faults[*r.Fault].Panic
	})
	if run.panicked && (run.status == 0 || writing && !internal) {
		s.fail("a panic came to status %d", run.status)
	}
}

// broken says whether an answer was none, or cannot be used, by the fault that it met.
func (s *sim) broken(run *simRun, r sandbox.Request) bool {
	within := strings.HasSuffix(r.Path, "/transitiveMembers") || strings.Contains(r.Path, "/groups/"+id(personKind, 0)[:8])
	if r.Status == http.StatusNotFound && within { // as of what is no group
		return false
	}
	if r.Status == 0 || r.Status >= 400 && r.Fault != nil {
		return true
	}
	if r.Fault == nil {
		return false
	}
	switch run.kinds[*r.Fault] {
	case "html", "empty body", "empty object":
		return true
	case "link elsewhere":
		return strings.Contains(r.Path, "/members/") || strings.Contains(r.Path, "/transitiveMembers")
	}
	return false
}

// closing says whether a request was only to find out what an earlier run has left open. Whatever comes of it, a later run
// asks again.
func (s *sim) closing(run *simRun, r sandbox.Request) bool {
	at := slices.IndexFunc(s.world.Requests(), func(x sandbox.Request) bool { return x.RequestID == r.RequestID })
	return run.writes() && (run.work == 0 || at < run.work)
}

// judgeUnread wants a path that never got an answer in the end to be in the status, and in the outcomes of the groups that
// hang on it.
func (s *sim) judgeUnread(run *simRun, r sandbox.Request) {
	s.met["a reading that failed for good"]++
	if run.status == 0 {
		s.fail("%s %s never got an answer, and the status is 0", r.Method, r.Path)
	}
	for _, o := range run.result.Outcomes {
		good := o.Status == push.Done || o.Status == push.Already || o.Status == push.InStep
		at := slices.IndexFunc(run.rules, func(rule simRule) bool { return rule.name == o.Group.Name })
		if !good || at < 0 || run.verb != syncs {
			continue
		}
		rule := run.rules[at]
		for _, group := range rule.entra {
			relation := "/members/"
			if rule.nested {
				relation = "/transitiveMembers/"
			}
			if strings.Contains(r.Path, group+relation) {
				s.fail("%s is %q, and %s never got an answer", rule.name, o.Status, r.Path)
			}
		}
		if r.Path == groupAPI+o.Group.ID && !run.stopped {
			s.fail("%s is %q, and was not read in the end", rule.name, o.Status)
		}
	}
}
