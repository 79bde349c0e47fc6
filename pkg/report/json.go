package report

import (
	"io"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Format is the version of the JSON that this package writes. It is the field format of each document.
const Format = 1

// Result is the JSON document for what push and sync did.
type Result struct {
	Format     int            `json:"format"`
	Kind       string         `json:"kind"` // ResultKind
	Status     int            `json:"status"`
	StatusName string         `json:"status_name"`
	Ended      time.Time      `json:"ended"`
	Tenant     string         `json:"tenant"`
	Genesys    string         `json:"genesys"`
	Cost       *plan.Cost     `json:"cost,omitempty"`
	Groups     []GroupOutcome `json:"groups"`
}

// GroupOutcome is the plan that was carried out for one group, and the outcome.
type GroupOutcome struct {
	plan.Group
	Outcome push.Status      `json:"outcome"`
	Cause   membership.Cause `json:"cause"`
	Detail  string           `json:"detail"`
	Hint    string           `json:"hint,omitempty"`
}

// Failure is the JSON document that a stage writes instead of its data if the whole stage failed. The next stage of a
// pipe writes the same failure again, so that the pipe ends with the status of the first stage that failed.
type Failure struct {
	Format     int    `json:"format"`
	Kind       string `json:"kind"` // "failure"
	Status     int    `json:"status"`
	StatusName string `json:"status_name"`
	Error      string `json:"error"`
}

// DecodeResult reads a [Result]. The error is [membership.ErrFormat] if data is something else.
func DecodeResult(data []byte) (Run, error) {
	var from Result
	if err := jsonfile.Decode(data, ResultKind, Format, &from); err != nil {
		return Run{}, err
	}
	r := Run{
		Status: from.Status, Ended: from.Ended,
		Plan: plan.Plan{Status: from.Status, Tenant: from.Tenant, Genesys: from.Genesys, Cost: from.Cost},
	}
	for _, g := range from.Groups {
		o := push.Outcome{Group: g.Group, Status: g.Outcome, Cause: g.Cause, Detail: g.Detail, Hint: g.Hint}
		if o.Status == push.Refused { // the texts of the refusals are made again
			texts := detailOf(push.Outcome{Group: g.Group, Status: push.Refused})
			o.Detail = strings.TrimPrefix(strings.TrimPrefix(o.Detail, texts), "; ")
		}
		r.Plan.Groups = append(r.Plan.Groups, g.Group)
		r.Outcomes = append(r.Outcomes, o)
	}
	return r, nil
}

// Head is the beginning of every JSON document of callroll.
type Head = jsonfile.Head

// ReadHead reads the head of a document of any kind. The error for data without a head is membership.ErrFormat.
func ReadHead(data []byte) (Head, error) { return jsonfile.ReadHead(data) }

// ResultKind and FailureKind are the field kind of a Result and a Failure.
const (
	ResultKind  = "result"
	FailureKind = "failure"
)

// JSON is a Printer for programs. The documents for a membership and a plan are files that the next stage can read.
type JSON struct{ W io.Writer }

// Membership implements Printer.
func (j JSON) Membership(f membership.File) error { return f.Write(j.W) }

// Plan implements Printer.
func (j JSON) Plan(p plan.Plan) error {
	p.StatusName, p.Notes = Name(p.Status), Notes(p)
	p.Groups = list.Map(p.Groups, withWords)
	return p.Write(j.W)
}

// Run implements Printer.
func (j JSON) Run(r Run) error {
	out := Result{
		Format: Format, Kind: ResultKind, Status: r.Status, StatusName: Name(r.Status), Ended: r.Ended,
		Tenant: r.Plan.Tenant, Genesys: r.Plan.Genesys, Cost: r.Plan.Cost, Groups: []GroupOutcome{},
	}
	for _, o := range r.Outcomes {
		group := GroupOutcome{Group: withWords(o.Group), Outcome: o.Status, Cause: o.Cause, Detail: detailOf(o), Hint: o.Hint}
		out.Groups = append(out.Groups, group)
	}
	return jsonfile.Write(j.W, out)
}

// Failure implements Printer. It writes the document in one write call.
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
