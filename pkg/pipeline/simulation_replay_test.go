package pipeline_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// Once more is the same once more: a seed that has failed fails again.
func TestSimulationReplays(t *testing.T) {
	for seed := range uint64(4) {
		first, again := simulate(t, seed, simBug{}).log(), simulate(t, seed, simBug{}).log()
		for i := range first {
			if i >= len(again) || first[i] != again[i] {
				t.Fatalf("seed %d, request %d: first %s, then %s", seed, i, first[i], again[min(i, len(again)-1)])
			}
		}
		if len(again) != len(first) {
			t.Errorf("seed %d: %d requests, then %d", seed, len(first), len(again))
		}
	}
}

// opaque is what the services make up anew each time.
var opaque = regexp.MustCompile(`(skiptoken=)[^&]*`)

// log is what was asked for, without what the services and the pauses between attempts make up.
func (s *sim) log() []string {
	var lines []string
	for _, r := range s.world.Requests() {
		lines = append(lines, fmt.Sprintln(r.Method, r.Path, opaque.ReplaceAllString(r.Query, "$1"), r.Status, r.IfMatch, r.IdempotencyKey, string(r.Body)))
	}
	for _, run := range s.runs {
		for _, o := range run.result.Outcomes {
			lines = append(lines, fmt.Sprintln(o.Group.Name, o.Status))
		}
	}
	return append(lines, strings.Join(s.bad, "\n"))
}
