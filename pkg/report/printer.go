package report

import (
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Printer prints the result of a command in one format: [Text] or [JSON], or one of those of [Document]. An error is that of
// the writer.
type Printer interface {
	// Membership prints what a fetch has read.
	Membership(f membership.File) error
	// Plan prints what a run would do. p.Status is the exit status of the run.
	Plan(p plan.Plan) error
	// Run prints what a run did.
	Run(r Run) error
	// Groups prints a listing of groups.
	Groups(l Listing) error
	// Proposal prints entries for a configuration.
	Proposal(p Proposal) error
	// Explanation prints where one person stands in each group.
	Explanation(e plan.Explanation) error
	// Checkup prints what was checked.
	Checkup(c Checkup) error
	// Probe prints what a probe has found.
	Probe(p Probe) error
	// Failure prints the error of a command that has no other result.
	Failure(status int, err error) error
}

// Run is a run that has ended and that may have written.
type Run struct {
	Status   int // exit status
	Plan     plan.Plan
	Outcomes []push.Outcome
	Ended    time.Time
}

// Listing is the list of groups of one side: "entra" or "genesys".
type Listing struct {
	Side   string
	Groups []GroupName
	Mapped bool // there is a configuration, so that each group shows which entries have it
}

// GroupName is one group of a listing.
type GroupName struct {
	ID       string   `json:"id"`
	Name     string   `json:"displayName"`
	Kinds    []string `json:"kinds,omitempty"`    // what the kind is made of; empty if it is not known
	Members  *int     `json:"members,omitempty"`  // number of members; nil if it is not known
	Mappings []string `json:"mappings,omitempty"` // names of the entries of the configuration that have the group
	// MembersOutsideSCIM is the number that Genesys gives outside SCIM for a group whose members SCIM does not show. It may count
	// owners, and people whom a rule adds, and is therefore never given as Members.
	MembersOutsideSCIM *int `json:"membersOutsideSCIM,omitempty"`
}
