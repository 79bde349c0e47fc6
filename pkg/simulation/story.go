package simulation

import (
	"fmt"
	"strings"
	"time"
)

// story describes everything that happened, for finding the cause of a violation.
func (s *sim) story() string {
	var b strings.Builder
	fmt.Fprintf(&b, "config: %+v\nswitches: %+v %+v, divisions %v, twins %v\n",
		s.spec.config, s.spec.org.Switches, s.spec.entra.Switches, s.spec.org.Divisions, s.spec.twins)
	for _, m := range s.spec.mappings {
		fmt.Fprintf(&b, "mapping: %+v\n", m)
	}
	first := s.moments[0]
	for _, p := range first.Tenant.People {
		fmt.Fprintf(&b, "person: %+q\n", fmt.Sprintf("%+v", p))
	}
	for _, g := range first.Tenant.Teams {
		fmt.Fprintf(&b, "team: %+v\n", g)
	}
	for _, a := range first.Org.Accounts {
		fmt.Fprintf(&b, "account: %+q\n", fmt.Sprintf("%+v", a))
	}
	for _, g := range first.Org.Groups {
		fmt.Fprintf(&b, "group: %+v\n", g)
	}
	fmt.Fprintln(&b, strings.Join(s.lines, "\n"))
	log := s.world.Requests()
	for _, run := range s.runs {
		fmt.Fprintf(&b, "run %d at %s: %s on machine %s, killed %v, stopped %v, blind %v, forged %q, status %d",
			run.number, run.began.Format(time.TimeOnly), run.verb, run.machine, run.killed,
			run.interrupted, run.noEntra, run.forged, run.status)
		fmt.Fprintf(&b, ", quiet %v, clock %+v, wire %v, asleep %d, flags %+v %q, faults %+v\n",
			run.quiet, run.skew, run.wireFaults, run.suspendAt, run.flags, run.typedFlags, run.faults)
		for _, o := range run.report.Groups {
			fmt.Fprintf(&b, "  %s %s (%s): %s %+v, +%v -%v\n", o.Name, o.Outcome, o.State, o.Detail, o.Refusals, ids(o.Add), ids(o.Remove))
		}
		b.WriteString(run.err.String())
		for _, span := range run.spans {
			for i := span[0]; i < len(log) && (span[1] < 0 || i < span[1]); i++ {
				r, met := log[i], ""
				if r.Fault != nil {
					met = fmt.Sprintf(" (fault %d)", *r.Fault)
				}
				fmt.Fprintf(&b, "  %3d %s %s %s %s %d%s %s %s\n",
					i, r.Time.Format(time.TimeOnly), r.Method, r.Path, r.Query, r.Status, met, r.IfMatch, r.Body)
			}
		}
	}
	for _, c := range s.world.History() {
		fmt.Fprintf(&b, "%+v\n", c)
	}
	return b.String()
}

// log returns the requests and the outcomes of the runs, without values that are random in each run of a seed.
func (s *sim) log() []string {
	var lines []string
	for _, r := range s.world.Requests() {
		query := r.Query
		if before, rest, ok := strings.Cut(query, "skiptoken="); ok { // random in each run
			_, after, _ := strings.Cut(rest, "&")
			query = before + after
		}
		lines = append(lines, fmt.Sprintln(r.Method, r.Path, query, r.Status, r.IfMatch, r.IdempotencyKey, string(r.Body)))
	}
	for _, run := range s.runs {
		for _, g := range run.report.Groups {
			lines = append(lines, fmt.Sprintln(g.Name, g.Outcome))
		}
	}
	return append(lines, s.bad...)
}
