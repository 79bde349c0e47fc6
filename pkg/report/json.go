package report

import (
	"io"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Format is the version of the JSON that this package writes.
const Format = 1

// Result is what push and sync did, for programs.
type Result struct {
	Format     int            `json:"format"`
	Kind       string         `json:"kind"` // "result"
	Status     int            `json:"status"`
	StatusName string         `json:"status_name"`
	Ended      time.Time      `json:"ended"`
	Tenant     string         `json:"tenant"`
	Genesys    string         `json:"genesys"`
	Cost       *plan.Cost     `json:"cost,omitempty"`
	Groups     []GroupOutcome `json:"groups"`
}

// GroupOutcome is the plan that was carried out for one group, and how that ended.
type GroupOutcome struct {
	plan.Group
	Outcome push.Status      `json:"outcome"`
	Cause   membership.Cause `json:"cause"`
	Detail  string           `json:"detail"`
	Hint    string           `json:"hint,omitempty"`
}

// Failure stands in place of a stage's data when the whole stage failed. The next stage of a pipe repeats it, so that
// the pipe ends in its true status.
type Failure struct {
	Format     int    `json:"format"`
	Kind       string `json:"kind"` // "failure"
	Status     int    `json:"status"`
	StatusName string `json:"status_name"`
	Error      string `json:"error"`
}

// Head is what every file of callroll begins with.
type Head = jsonfile.Head

// ReadHead reads the head of a file of any kind. What has none is membership.ErrFormat.
func ReadHead(data []byte) (Head, error) { return jsonfile.ReadHead(data) }

// FailureKind is the kind of a Failure.
const FailureKind = "failure"

// WriteResult writes a result as JSON.
func WriteResult(w io.Writer, status int, p plan.Plan, outcomes []push.Outcome, ended time.Time) error {
	r := Result{
		Format: Format, Kind: "result", Status: status, StatusName: Name(status), Ended: ended,
		Tenant: p.Tenant, Genesys: p.Genesys, Cost: p.Cost, Groups: []GroupOutcome{},
	}
	for _, o := range outcomes {
		r.Groups = append(r.Groups, GroupOutcome{Group: withWords(o.Group), Outcome: o.Status, Cause: o.Cause, Detail: detailOf(o), Hint: o.Hint})
	}
	return jsonfile.Write(w, r)
}

// EncodeFailure writes a failure as JSON.
func EncodeFailure(status int, err error) ([]byte, error) {
	text := err.Error()
	if hint := membership.HintOf(err); hint != "" {
		text += "; " + hint
	}
	return jsonfile.Encode(Failure{Format: Format, Kind: FailureKind, Status: status, StatusName: Name(status), Error: text})
}

// WritePlan writes a plan with the status of the run that made it.
func WritePlan(w io.Writer, status int, p plan.Plan) error {
	p.Status, p.StatusName = status, Name(status)
	p.Groups = slices.Clone(p.Groups)
	for i := range p.Groups {
		p.Groups[i] = withWords(p.Groups[i])
	}
	return p.Write(w)
}
