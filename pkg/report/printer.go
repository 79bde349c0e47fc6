package report

import (
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Printer prints what a verb ends with, in one format: [Text] or [JSON].
type Printer interface {
	// Membership prints what a fetch has read.
	Membership(f membership.File) error
	// Plan prints what a run would do. Status is that of the run.
	Plan(p plan.Plan) error
	// Run prints what a run did.
	Run(r Run) error
	// Groups prints a listing of groups.
	Groups(l Listing) error
	// Failure prints why there is nothing else to print.
	Failure(status int, err error) error
}

// Run is a run that has ended and may have written.
type Run struct {
	Status   int
	Plan     plan.Plan
	Outcomes []push.Outcome
	Ended    time.Time
}

// Listing are groups of one side, entra or genesys.
type Listing struct {
	Side   string
	Groups []GroupName
}

// GroupName is one group of a listing.
type GroupName struct {
	ID   string `json:"id"`
	Name string `json:"displayName"`
}
