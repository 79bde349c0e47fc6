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

// fault makes one kind of fault. What it is about, when and how often is added to it.
type fault struct {
	kind  string
	make  func(*rand.Rand) sandbox.Fault
	match []string // where it hurts; anything that a clean run asks for when empty
}

// allFaults are the kinds of faults that the sandbox knows, but for the one that kills a process: the simulation dies in its
// own way.
func allFaults() []fault {
	status := func(codes ...int) func(*rand.Rand) sandbox.Fault {
		return func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Status: pick(r, codes...), Apply: one(r, 3)} }
	}
	groups := []string{"GET " + groupAPI + "*", "GET " + groupList, "GET /api/v2/scim/*groups*"}
	return []fault{
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
		{"html", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Body: "<html>", Apply: one(r, 2)} }, nil},
		{"empty body", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Status: 200, Body: "", Apply: one(r, 2)} }, nil},
		{"empty object", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Body: map[string]any{}, Apply: one(r, 2)} }, nil},
		{"no list", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Omit: []string{"value", "Resources"}} }, nil},
		{"no members", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Omit: []string{"members"}} }, groups},
		{"no count", func(*rand.Rand) sandbox.Fault {
			return sandbox.Fault{Omit: []string{"@odata.count", "totalResults", "total"}}
		}, nil},
		{"null names", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Null: []string{"userPrincipalName", "mail"}} }, nil},
		{"link elsewhere", func(*rand.Rand) sandbox.Fault {
			return sandbox.Fault{Set: map[string]any{"@odata.nextLink": "https://graph.example/v1.0/next"}}
		}, nil},
		{"panic", func(r *rand.Rand) sandbox.Fault { return sandbox.Fault{Panic: true, Apply: one(r, 2)} }, nil},
		{"hold", func(*rand.Rand) sandbox.Fault { return sandbox.Fault{Hold: "go"} }, nil},
		{"delay", func(r *rand.Rand) sandbox.Fault {
			return sandbox.Fault{Delay: sandbox.Duration(time.Duration(pick(r, 2, 20, 90)) * time.Second)}
		}, nil},
		{"refusal", refusal, []string{"PUT *"}},
		{"look-up", lookUp, []string{"GET /api/v2/scim/v2/users/*"}},
		{"individuals", individuals, []string{"GET " + individualAPI + "*"}},
	}
}

// refusal is what a PUT may be refused with, in every shape that was seen.
func refusal(r *rand.Rand) sandbox.Fault {
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

// lookUp is what the look-up of one account may come to.
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

// individuals is what the list of individual members may come to.
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

// plant puts faults where a clean run of the same seed has sent requests.
func (s *sim) plant(run *run, clean []request) {
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
		if len(puts) > 0 && one(s.r, 2) {
			from = puts
		}
		if len(from) == 0 {
			return
		}
		at, kind := pick(s.r, from...), pick(s.r, allFaults()...)
		f := kind.make(s.r)
		f.Match, f.Times, f.Skip = at.method+" "+at.path, pick(s.r, 0, 1, 1, 2), pick(s.r, 0, 0, 0, 0, 1, 2)
		if at.method == http.MethodPut && one(s.r, 2) {
			f.Match = "PUT *" // whichever group is written, because since the clean run things have happened
		}
		if len(kind.match) > 0 {
			f.Match, f.Skip = pick(s.r, kind.match...), 0
		}
		if kind.kind == "no members" {
			f.Times = 0
		}
		if f.Hold != "" {
			f.Hold, f.Times = s.held(run), 1
		}
		run.faults, run.kinds = append(run.faults, f), append(run.kinds, kind.kind)
	}
	hides := func(g sandbox.GenesysGroup) bool { return g.HidesMembers }
	if slices.ContainsFunc(s.world.Genesys().Groups, hides) && one(s.r, 3) {
		shown := individuals(s.r)
		shown.Match = "GET " + individualAPI + "*"
		run.faults, run.kinds = append(run.faults, shown), append(run.kinds, "individuals")
	}
	if one(s.r, 3) { // a refusal is looked into, and that may go wrong as well
		look := lookUp(s.r)
		look.Match = "GET /api/v2/scim/v2/users/*"
		run.faults = append(run.faults, sandbox.Fault{Match: "PUT *", Times: 1, Status: 400}, look)
		run.kinds = append(run.kinds, "4xx", "look-up")
	}
}

// held is the file that a held request waits for. It is there after some seconds of the run.
func (s *sim) held(run *run) string {
	path := fmt.Sprintf("%s/go-%d", s.dir, len(s.runs))
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
