package pipeline

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/membership"
)

// maxConnections is how many requests [Provisioned] sends at most: two for each of 500 groups, and two such jobs.
const maxConnections = 2000

// Provisioned asks some jobs of Entra's own provisioning which of the groups they manage too. It returns the names of the
// enterprise applications that manage a group, in the order of the groups; nil for a group that was not compared. A job knows a
// group by the Genesys id or by that of an Entra group, and each of them is a request. Several groups are asked for at the same
// time, after the first request has shown that there is an answer. If there is an error, more applications may manage the groups.
func Provisioned(
	ctx context.Context, entra *graph.Client, jobs []graph.ProvisioningJob, groups []Examination, s Settings,
) ([][]string, error) {
	var questions []linkQuestion
	requests := 0
	for i, x := range groups {
		if !x.Plan.WasCompared() {
			continue
		}
		for _, job := range jobs {
			q := linkQuestion{job: job, group: i, genesys: x.Plan.ID, entra: s.mapping(x.Plan.Name).Entra}
			questions = append(questions, q)
			requests += 1 + len(q.entra)
		}
	}
	if requests > maxConnections {
		return make([][]string, len(groups)), membership.FailFor(membership.Incomplete,
			fmt.Errorf("asking for each group would be %d requests, and callroll sends %d at most", requests, maxConnections),
			graph.ProvisioningHint)
	}
	answers := make([]linkAnswer, len(questions))
	ask := func(i int) {
		defer bug.Catch("asking what Entra provisions", &answers[i].err)
		answers[i].linked, answers[i].err = questions[i].ask(ctx, entra)
	}
	if len(questions) > 0 {
		if ask(0); answers[0].err != nil {
			return make([][]string, len(groups)), answers[0].err
		}
	}
	var asking errgroup.Group
	asking.SetLimit(s.Concurrency.entra())
	for i := 1; i < len(questions); i++ {
		asking.Go(func() error {
			ask(i)
			return nil
		})
	}
	_ = asking.Wait() // each answer has its own error
	return appsByGroup(questions, answers, groups)
}

// linkQuestion is whether a job has linked one of the groups.
type linkQuestion struct {
	job     graph.ProvisioningJob
	group   int // of the groups
	genesys string
	entra   []string
}

type linkAnswer struct {
	linked bool
	err    error
}

func (q linkQuestion) ask(ctx context.Context, entra *graph.Client) (bool, error) {
	for _, id := range append([]string{q.genesys}, q.entra...) {
		target, err := entra.Connection(ctx, q.job, id)
		if err != nil {
			return false, err
		}
		if strings.EqualFold(target, q.genesys) {
			return true, nil
		}
	}
	return false, nil
}

// appsByGroup returns the names of the applications that manage each group, and the first error. An internal error is returned
// before any other one.
func appsByGroup(questions []linkQuestion, answers []linkAnswer, groups []Examination) (apps [][]string, err error) {
	apps = make([][]string, len(groups))
	for i, x := range groups {
		if x.Plan.WasCompared() {
			apps[i] = []string{}
		}
	}
	for i, q := range questions {
		switch a := answers[i]; {
		case a.err != nil && (err == nil || membership.CauseOf(a.err) == membership.Internal):
			err = a.err
		case a.linked && !slices.Contains(apps[q.group], q.job.App):
			apps[q.group] = append(apps[q.group], q.job.App)
		}
	}
	for _, names := range apps {
		slices.Sort(names)
	}
	return apps, err
}
