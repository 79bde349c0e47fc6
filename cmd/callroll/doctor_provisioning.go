package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

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

// provisioning looks whether Entra's own provisioning also manages some of the groups, if the permissions for that are granted. It
// returns the names of the applications that do, in the order of the groups. Microsoft offers the links of a job in its global
// cloud only (page "Get objectConnection").
func (c *checkup) provisioning(ctx context.Context, s *session, entra *graph.Client, groups []pipeline.Examination) [][]string {
	var missing []string
	for _, anyOf := range provisioningRoles() {
		if c.granted(anyOf) == "" {
			missing = append(missing, anyOf[0])
		}
	}
	switch {
	case entra.Cloud() != "global":
		c.add(report.CheckSkip, checkProvisioning, "the cloud %s does not tell which groups Entra's own provisioning manages", entra.Cloud())
		return nil
	case len(missing) > 0:
		c.add(report.CheckSkip, checkProvisioning, "whether Entra's own provisioning also manages these groups is known only with %s",
			strings.Join(missing, " and "))
		return nil
	}
	jobs, err := entra.ProvisioningJobs(ctx, provisioningWords()...)
	if err != nil {
		c.unknownProvisioning("it is not known whether Entra's own provisioning also manages these groups", err)
		return nil
	}
	if len(jobs) == 0 {
		c.add(report.CheckOK, checkProvisioning, "no enterprise application with %s in its name provisions anything",
			strings.Join(provisioningWords(), " or "))
		return nil
	}
	byGroup, err := pipeline.Provisioned(ctx, entra, jobs, groups, s.settings)
	c.provisioningResult(appNames(jobs), byGroup, err)
	return byGroup
}

// provisioningResult says what was found about the jobs of some applications.
func (c *checkup) provisioningResult(apps string, byGroup [][]string, err error) {
	asked, managed := 0, 0
	for _, names := range byGroup {
		if names != nil {
			asked++
		}
		managed += min(1, len(names))
	}
	switch {
	case err != nil:
		c.unknownProvisioning(apps+" provisions, and it is not known which of these groups it manages", err)
	case asked == 0:
		c.add(report.CheckSkip, checkProvisioning, "%s provisions, and none of these groups could be looked for", apps)
	case managed > 0:
		c.add(report.CheckWarn, checkProvisioning, "%s also manages %d of %d groups", apps, managed, asked)
	case asked < len(byGroup):
		c.add(report.CheckOK, checkProvisioning, "%s manages none of %d groups; %d could not be looked for", apps, asked,
			len(byGroup)-asked)
	default:
		c.add(report.CheckOK, checkProvisioning, "%s manages none of these groups", apps)
	}
}

// unknownProvisioning warns of what could not be found out. Only an internal error is a failure, because no run depends on it.
func (c *checkup) unknownProvisioning(what string, err error) {
	if membership.CauseOf(err) == membership.Internal {
		c.fail(checkProvisioning, err)
		return
	}
	c.add(report.CheckWarn, checkProvisioning, "%s: %v", what, err)
	c.hint(membership.HintOf(err))
}

// maxNames is how many applications are named.
const maxNames = 3

// appNames returns the names of the applications of some jobs.
func appNames(jobs []graph.ProvisioningJob) string {
	var names []string
	for _, job := range jobs {
		names = append(names, job.App)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > maxNames {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:maxNames], ", "), len(names)-maxNames)
	}
	return strings.Join(names, ", ")
}
