package main

import (
	"context"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

// provisioningRoles are the permissions without which nothing is asked about Entra's own provisioning. Any of each is enough.
func provisioningRoles() [][]string {
	return [][]string{
		{"Application.Read.All", "Directory.Read.All", "Application.ReadWrite.All", "Directory.ReadWrite.All"},
		{"Synchronization.Read.All", "Synchronization.ReadWrite.All"},
	}
}

// provisioningWords are the words in the names of enterprise applications that may provision into Genesys: the application of
// the gallery is called "Genesys Cloud for Azure", and was called "PureCloud by Genesys".
func provisioningWords() []string { return []string{"genesys", "purecloud"} }

// provisioning looks whether Entra's own provisioning keeps some of the groups too, if the permissions for that are granted. It
// returns the names of the applications that do, by the id of the Genesys group.
func (c *checkup) provisioning(ctx context.Context, entra *graph.Client, roles []string, groups []pipeline.Examination) map[string][]string {
	var missing []string
	for _, any := range provisioningRoles() {
		if !slices.ContainsFunc(any, func(role string) bool { return slices.Contains(roles, role) }) {
			missing = append(missing, any[0])
		}
	}
	if len(missing) > 0 {
		c.add(report.CheckSkip, checkProvisioning, "whether Entra's own provisioning keeps these groups too is known only with %s",
			strings.Join(missing, " and "))
		return nil
	}
	jobs, err := entra.ProvisioningJobs(ctx, provisioningWords()...)
	if err != nil {
		c.add(report.CheckWarn, checkProvisioning, "%v", err)
		c.hint(membership.HintOf(err))
		return nil
	}
	running := slices.DeleteFunc(slices.Clone(jobs), func(job graph.ProvisioningJob) bool { return job.Stopped })
	if len(running) == 0 {
		c.add(report.CheckOK, checkProvisioning, "no enterprise application with %s in its name provisions anything",
			strings.Join(provisioningWords(), " or "))
		return nil
	}
	apps := appNames(running)
	both, err := provisioned(ctx, entra, running, groups)
	switch {
	case err != nil:
		c.add(report.CheckWarn, checkProvisioning, "%s provisions, and it is not known whether it keeps these groups too: %v", apps, err)
		c.hint(membership.HintOf(err))
	case len(both) == 0:
		c.add(report.CheckOK, checkProvisioning, "%s keeps none of these groups", apps)
	default:
		c.add(report.CheckWarn, checkProvisioning, "%s keeps %d of these groups too", apps, len(both))
	}
	return both
}

// appNames returns the names of the applications of some jobs.
func appNames(jobs []graph.ProvisioningJob) string {
	var names []string
	for _, job := range jobs {
		names = append(names, job.App)
	}
	slices.Sort(names)
	return strings.Join(slices.Compact(names), ", ")
}

// provisioned asks each job for each group. A job knows a group by the Genesys id or by that of its Entra group. After the first
// error nothing more is asked.
func provisioned(
	ctx context.Context, entra *graph.Client, jobs []graph.ProvisioningJob, groups []pipeline.Examination,
) (map[string][]string, error) {
	both := map[string][]string{}
	var mu sync.Mutex
	requests, ctx := errgroup.WithContext(ctx)
	requests.SetLimit(4)
	for _, job := range jobs {
		for _, x := range groups {
			if x.Plan.ID == "" {
				continue
			}
			requests.Go(func() error {
				keeps, err := keeps(ctx, entra, job, x)
				if mu.Lock(); keeps {
					both[x.Plan.ID] = append(both[x.Plan.ID], job.App)
				}
				mu.Unlock()
				return err
			})
		}
	}
	err := requests.Wait()
	for id := range both {
		slices.Sort(both[id])
		both[id] = slices.Compact(both[id])
	}
	return both, err
}

// keeps reports whether a job keeps a group.
func keeps(ctx context.Context, entra *graph.Client, job graph.ProvisioningJob, x pipeline.Examination) (bool, error) {
	ids := []string{x.Plan.ID}
	for id := range x.Entra {
		ids = append(ids, id)
	}
	for _, id := range ids {
		link, err := entra.Connection(ctx, job, id)
		if err != nil {
			return false, err
		}
		if link != nil && strings.EqualFold(link.Target, x.Plan.ID) {
			return true, nil
		}
	}
	return false, nil
}
