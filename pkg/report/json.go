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

// JSON prints for programs. What it prints of a membership and of a plan is a file that the next stage reads.
type JSON struct{ W io.Writer }

// Membership implements Printer.
func (j JSON) Membership(f membership.File) error { return f.Write(j.W) }

// Plan implements Printer.
func (j JSON) Plan(p plan.Plan) error {
	p.StatusName = Name(p.Status)
	p.Groups = slices.Clone(p.Groups)
	for i := range p.Groups {
		p.Groups[i] = withWords(p.Groups[i])
	}
	return p.Write(j.W)
}

// Run implements Printer.
func (j JSON) Run(r Run) error {
	out := Result{
		Format: Format, Kind: "result", Status: r.Status, StatusName: Name(r.Status), Ended: r.Ended,
		Tenant: r.Plan.Tenant, Genesys: r.Plan.Genesys, Cost: r.Plan.Cost, Groups: []GroupOutcome{},
	}
	for _, o := range r.Outcomes {
		group := GroupOutcome{Group: withWords(o.Group), Outcome: o.Status, Cause: o.Cause, Detail: detailOf(o), Hint: o.Hint}
		out.Groups = append(out.Groups, group)
	}
	return jsonfile.Write(j.W, out)
}

// Failure implements Printer. It is written at once.
func (j JSON) Failure(status int, err error) error {
	text := err.Error()
	if hint := membership.HintOf(err); hint != "" {
		text += "; " + hint
	}
	data, err := jsonfile.Encode(Failure{Format: Format, Kind: FailureKind, Status: status, StatusName: Name(status), Error: text})
	if err == nil {
		_, err = j.W.Write(data)
	}
	return err
}
