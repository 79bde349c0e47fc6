package simulation

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

// faultKind creates faults of one kind. The requests, the time and the number are set afterwards.
type faultKind struct {
	kind  string
	make  func(*rand.Rand) sandbox.Fault
	match []string // requests; any request of a clean run if empty
}

// allFaults returns the kinds of faults that the sandbox has, except for the one that kills a process: the simulation has
// its own way to kill.
func allFaults() []faultKind {
	status := func(codes ...int) func(*rand.Rand) sandbox.Fault {
		return func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Status: pick(r, codes...), Apply: oneIn(r, 3)} }
	}
	groups := []string{"GET " + groupAPI + "*", "GET " + groupList, "GET /api/v2/scim/*groups*"}
	return []faultKind{
		{"4xx", status(400, 404, 409, 412, 413, 423), nil},
		{"401", status(401), nil},
		{"403", status(403), nil},
		{"408", status(408), nil},
		{"429", func(r *rand.Rand) sandbox.Fault {
			return sandbox.Fault{Status: 429, RetryAfter: pick(r, 1, 30, 100, 100_000)}
		}, nil},
		{"5xx", status(500, 502, 503, 504), nil},
		{"201", status(201), nil},
		{"dropped before", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Drop: true} }, nil},
		{"dropped after", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Drop: true, Apply: true} }, nil},
		{"cut", func(r *rand.Rand) sandbox.Fault { n := r.IntN(90); return sandbox.Fault{Cut: &n} }, nil},
		{"html", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Body: "<html>", Apply: oneIn(r, 2)} }, nil},
		{"empty body", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Status: 200, Body: "", Apply: oneIn(r, 2)} }, nil},
		{"empty object", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Body: map[string]any{}, Apply: oneIn(r, 2)} }, nil},
		{"no list", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Omit: []string{"value", "Resources"}} }, nil},
		{"no members", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Omit: []string{"members"}} }, groups},
		{"no count", func(*rand.Rand) sandbox.Fault {
			return sandbox.Fault{Omit: []string{"@odata.count", "totalResults", "total"}}
		}, nil},
		{"null names", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Null: []string{"userPrincipalName", "mail"}} }, nil},
		{"link elsewhere", func(*rand.Rand) sandbox.Fault {
			return sandbox.Fault{Set: map[string]any{"@odata.nextLink": "https://graph.example/v1.0/next"}}
		}, nil},
		{"panic", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Panic: true, Apply: oneIn(r, 2)} }, nil},
		{"hold", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Hold: "go"} }, nil},
		{"delay", func(r *rand.Rand) sandbox.Fault {
			return sandbox.Fault{Delay: sandbox.Duration(time.Duration(pick(r, 2, 20, 90)) * time.Second)}
		}, nil},
		{"refusal", putRefusal, []string{"PUT *"}},
		{"look-up", lookUp, []string{"GET /api/v2/scim/v2/users/*"}},
		{"individuals", individuals, []string{"GET " + individualAPI + "*"}},
	}
}

// putRefusal returns a refusal of a PUT, in one of all shapes that are known.
func putRefusal(r *rand.Rand) sandbox.Fault {
	words := pick(r, "The group is pending rule evaluation.", "The resource is locked.", "The limit for group changes is exceeded.",
		"Member not found.")
	status := pick(r, 400, 400, 404, 409, 412, 413, 423, 429, 500, 503)
	f := sandbox.Fault{Status: status}
	switch r.IntN(6) {
	case 0, 1:
		f.Body = map[string]any{
			"message": words, "code": pick(r, "bad.request", "not.found", "conflict", "locked"), "status": status, "contextId": "c",
			"details": []any{}, "errors": []any{},
		}
	case 2:
		f.Body = map[string]any{
			"schemas": []any{"urn:ietf:params:scim:api:messages:2.0:Error"}, "status": fmt.Sprint(status), "detail": words,
			"scimType": pick(r, "invalidValue", "mutability", "tooMany"),
		}
	case 3:
		f.Body = "<html><body>404 Not Found</body></html>"
	case 4:
		f.Body = ""
	default:
		f.Body, f.Headers = words, map[string]string{"Content-Type": "text/plain"}
	}
	return f
}

// lookUp returns a fault of the look-up of one account.
func lookUp(r *rand.Rand) sandbox.Fault {
	switch r.IntN(6) {
	case 0:
		return sandbox.Fault{Status: 404}
	case 1:
		return sandbox.Fault{Status: 404, Body: "<html><body>404 Not Found</body></html>"}
	case 2:
		return sandbox.Fault{Status: 404, Body: ""}
	case 3:
		return sandbox.Fault{Status: 403}
	case 4:
		return sandbox.Fault{Set: map[string]any{"active": false}}
	}
	return sandbox.Fault{Status: 404, Body: `{"error":"no such route"}`}
}

// individuals returns a fault of the list of individual members.
func individuals(r *rand.Rand) sandbox.Fault {
	switch r.IntN(6) {
	case 0:
		return sandbox.Fault{Status: pick(r, 403, 404, 500)}
	case 1:
		return sandbox.Fault{Body: "<html>"}
	case 2:
		return sandbox.Fault{Body: map[string]any{"entities": []any{}, "total": 3}}
	case 3:
		return sandbox.Fault{Body: map[string]any{"total": 0}}
	case 4:
		return sandbox.Fault{Omit: []string{"entities"}}
	}
	return sandbox.Fault{Omit: []string{"total"}}
}

// addFaults adds faults to requests that a clean run of the same seed sends.
func (s *sim) addFaults(run *run, clean []request) {
	var puts, reads []request
	for _, c := range clean {
		if c.method == http.MethodPut {
			puts = append(puts, c)
		} else {
			reads = append(reads, c)
		}
	}
	for range 1 + s.r.IntN(3) {
		from := reads
		if len(puts) > 0 && oneIn(s.r, 2) {
			from = puts
		}
		if len(from) == 0 {
			return
		}
		at, kind := pick(s.r, from...), pick(s.r, allFaults()...)
		f := kind.make(s.r)
		f.Match, f.Times, f.Skip = at.method+" "+at.path, pick(s.r, 0, 1, 1, 2), pick(s.r, 0, 0, 0, 0, 1, 2)
		if at.method == http.MethodPut && oneIn(s.r, 2) {
			f.Match = "PUT *" // any group, because the world has changed since the clean run
		}
		if len(kind.match) > 0 {
			f.Match, f.Skip = pick(s.r, kind.match...), 0
		}
		if kind.kind == "no members" {
			f.Times = 0
		}
		if f.Hold != "" {
			f.Hold, f.Times = s.holdFile(run), 1
		}
		run.faults, run.faultKinds = append(run.faults, f), append(run.faultKinds, kind.kind)
	}
	hides := func(g sandbox.GenesysGroup) bool { return g.HidesMembers }
	if slices.ContainsFunc(s.world.Genesys().Groups, hides) && oneIn(s.r, 3) {
		shown := individuals(s.r)
		shown.Match = "GET " + individualAPI + "*"
		run.faults, run.faultKinds = append(run.faults, shown), append(run.faultKinds, "individuals")
	}
	if oneIn(s.r, 3) { // the look-up after a refusal may fail as well
		look := lookUp(s.r)
		look.Match = "GET /api/v2/scim/v2/users/*"
		run.faults = append(run.faults, sandbox.Fault{Match: "PUT *", Times: 1, Status: 400}, look)
		run.faultKinds = append(run.faultKinds, "4xx", "look-up")
	}
}

// holdFile returns the file that a held request waits for. It is created after some seconds of the run.
func (s *sim) holdFile(run *run) string {
	path := fmt.Sprintf("%s/go-%d", s.dir, len(s.runs))
	if run.hold == 0 {
		run.hold = time.Duration(1+s.r.IntN(3))*time.Second + 1234567 // not at the same time as a request
		time.AfterFunc(run.hold, func() {
			if err := os.WriteFile(path, nil, 0o600); err != nil {
				panic(err)
			}
		})
	}
	return path
}
