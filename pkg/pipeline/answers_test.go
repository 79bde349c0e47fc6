package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
)

// answer is an answer that a test gives in place of the World.
func answer(status int, kind, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {kind}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ProtoMajor: 1, ProtoMinor: 1}
}

// reply is an answer of a table.
type reply struct {
	status     int
	kind, body string
}

func (r reply) response() *http.Response { return answer(r.status, r.kind, r.body) }

// ownError is an error as Genesys writes it: an ErrorBody.
func ownError(status int, message string) string {
	return fmt.Sprintf(`{"message":%q,"code":"some.code","status":%d,"contextId":"c","details":[],"errors":[]}`, message, status)
}

// scimError is the other form of it: a ScimError (RFC 7644 §3.12).
func scimError(status int, detail string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"%d","detail":%q}`, status, detail)
}

// filterOf returns the $filter of a request to Graph.
func filterOf(r *http.Request) string {
	q, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is no filter
	return q.Get("$filter")
}

// fetched is a membership file of now, as it comes from a disk.
func (s *scene) fetched() membership.File {
	s.t.Helper()
	s.connect()
	file, err := pipeline.Fetch(s.t.Context(), s.entra, s.settings)
	if err != nil {
		s.t.Fatal(err)
	}
	data, err := file.Encode()
	if err == nil {
		file, err = membership.DecodeFile(data)
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return file
}

// planned is a plan of now, whose groups a test may change.
func (s *scene) planned() plan.Plan {
	s.t.Helper()
	s.connect()
	p, err := pipeline.Diff(s.t.Context(), s.entra, genesys.NewReader(s.conn), nil, s.settings)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// push carries out a plan as it comes from a disk, with a key and a fingerprint that fit.
func (s *scene) push(p plan.Plan) (pipeline.Result, error) {
	s.t.Helper()
	for i := range p.Groups {
		p.Groups[i].Key = plan.IdempotencyKey(p.Groups[i].ID, p.Groups[i].Members)
	}
	data, err := p.Encode()
	if err != nil {
		s.t.Fatal(err)
	}
	if p, err = plan.Decode(data); err != nil {
		return pipeline.Result{}, err
	}
	s.connect()
	return pipeline.Push(s.t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), p, s.settings)
}

func (s *scene) pushFile(file membership.File) (pipeline.Result, error) {
	s.connect()
	return pipeline.Sync(s.t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), &file, s.settings)
}

// undo takes back a run that has added and removed accounts in group 0.
func (s *scene) undo(added, removed []int) (pipeline.Result, error) {
	entries := func(numbers []int) (out []plan.Entry) {
		for _, n := range numbers {
			out = append(out, plan.Entry{ID: id(accountKind, n), UserName: fmt.Sprintf("p%d@contoso.com", n)})
		}
		return out
	}
	s.connect()
	run := journal.RunRecord{
		Info: journal.RunInfo{ID: "r", Host: s.conn.Host(), Tenant: id(9, 1)}, Ended: time.Now(),
		Groups: []journal.GroupRecord{{
			ID: id(genesysGroupKind, 0), Name: "G0", DisplayName: "G0",
			Add: entries(added), Remove: entries(removed), Written: true, Outcome: "changed",
		}},
	}
	return pipeline.Undo(s.t.Context(), s.entra, genesys.NewReader(s.conn), genesys.NewWriter(s.conn), run, s.settings)
}
