package pipeline_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

// simFault makes one kind of fault. What it is about, when and how often is added to it.
type simFault struct {
	kind  string
	fault func(*rand.Rand) sandbox.Fault
}

// simFaults are all kinds of faults that the sandbox knows, but for the one that kills a process: the simulation dies in its
// own way.
func simFaults() []simFault {
	status := func(codes ...int) func(*rand.Rand) sandbox.Fault {
		return func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Status: pick(r, codes...), Apply: one(r, 3)} }
	}
	return []simFault{
		{"4xx", status(400, 404, 409, 412, 413)},
		{"401", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Status: 401} }},
		{"403", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Status: 403} }},
		{"408", status(408)},
		{"429", func(r *rand.Rand) sandbox.Fault {
			return sandbox.Fault{Status: 429, RetryAfter: pick(r, 1, 30, 100, 100_000)}
		}},
		{"5xx", status(500, 502, 503, 504)},
		{"201", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Status: 201} }},
		{"dropped before", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Drop: true} }},
		{"dropped after", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Drop: true, Apply: true} }},
		{"cut", func(r *rand.Rand) sandbox.Fault { n := r.IntN(90); return sandbox.Fault{Cut: &n} }},
		{"html", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Body: "<html>", Apply: one(r, 2)} }},
		{"empty body", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Status: 200, Body: "", Apply: one(r, 2)} }},
		{"empty object", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Body: map[string]any{}, Apply: one(r, 2)} }},
		{"no list", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Omit: []string{"value", "Resources"}} }},
		{"no members", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Omit: []string{"members"}} }},
		{"no count", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Omit: []string{"@odata.count", "totalResults"}} }},
		{"null names", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Null: []string{"userPrincipalName", "mail"}} }},
		{"link elsewhere", func(*rand.Rand) sandbox.Fault {
			return sandbox.Fault{Set: map[string]any{"@odata.nextLink": "https://graph.example/v1.0/next"}}
		}},
		{"panic", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Panic: true, Apply: one(r, 2)} }},
		{"hold", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Hold: "go"} }},
		{"delay", func(r *rand.Rand) sandbox.Fault {
			return sandbox.Fault{Delay: sandbox.Duration(time.Duration(pick(r, 2, 20, 90)) * time.Second)}
		}},
	}
}

// plant puts faults where a clean run of the same seed has sent requests.
func (s *sim) plant(run *simRun, clean []sandbox.Request) {
	var puts, reads []sandbox.Request
	for _, c := range clean {
		if c.Method == http.MethodPut {
			puts = append(puts, c)
		} else {
			reads = append(reads, c)
		}
	}
	for range 1 + s.r.IntN(3) {
		from := reads
		if len(puts) > 0 && one(s.r, 2) {
			from = puts
		}
		if len(from) == 0 {
			return
		}
		at, kind := pick(s.r, from...), pick(s.r, simFaults()...)
		f := kind.fault(s.r)
		f.Match, f.Times, f.Skip = at.Method+" "+at.Path, pick(s.r, 0, 1, 1, 2), pick(s.r, 0, 0, 0, 0, 1, 2)
		if at.Method == http.MethodPut && one(s.r, 2) {
			f.Match = "PUT *" // whichever group is written, because since the clean run things have happened
		}
		if kind.kind == "no members" { // where it hurts: the group alone, the list, or both
			f.Match, f.Skip, f.Times = pick(s.r, "GET /api/v2/scim/v2/groups/*", "GET /api/v2/scim/groups", "GET /api/v2/scim/*groups*"), 0, 0
		}
		if f.Hold != "" {
			f.Hold, f.Times = s.held(run), 1
		}
		run.faults, run.kinds = append(run.faults, f), append(run.kinds, kind.kind)
	}
}

// held is the file that a held request waits for. It is there after some seconds of the run.
func (s *sim) held(run *simRun) string {
	path := fmt.Sprintf("%s-go-%d", s.dir, len(s.runs)) // beside the state folders, which a run makes by itself
	if run.hold == 0 {
		run.hold = time.Duration(1+s.r.IntN(3))*time.Second + 1234567 // no request comes at the same moment
		time.AfterFunc(run.hold, func() {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				panic(err)
			}
		})
	}
	return path
}
