package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// The permissions that reading Entra's own provisioning needs (pages "List servicePrincipals", "List synchronization jobs" and
// "Get objectConnection").
const (
	applicationPermission = "Application.Read.All"
	jobPermission         = "Synchronization.Read.All"
	connectionPermission  = "SynchronizationMetadata.Read.All"
)

// ProvisioningJob is a job of Entra's own provisioning: it copies users and groups of Entra into another service (resource type
// synchronizationJob).
type ProvisioningJob struct {
	App   string // the name of the enterprise application
	AppID string // the object id of its service principal
	ID    string
}

// synchronizationJob is a job as Graph sends it. Its status is one of NotConfigured, NotRun, Active, Paused and Quarantine, and
// the state of its schedule one of Active and Disabled. A job in quarantine still runs, less often.
type synchronizationJob struct {
	ID       string `json:"id"`
	Schedule struct {
		State string `json:"state"`
	} `json:"schedule"`
	Status struct {
		Code string `json:"code"`
	} `json:"status"`
}

func (j synchronizationJob) key() string { return j.ID }

// stopped reports whether the job is known not to run.
func (j synchronizationJob) stopped() bool {
	return strings.EqualFold(j.Schedule.State, "Disabled") || strings.EqualFold(j.Status.Code, "Paused") ||
		strings.EqualFold(j.Status.Code, "NotConfigured")
}

// maxApplications is how many enterprise applications are asked for their jobs. Every user may be allowed to make one of any name.
const maxApplications = 10

// ProvisioningJobs returns the jobs of the enterprise applications that have one of some words in their name, without those that
// are switched off or were never set up. It needs one request, and one for each application.
func (c *Client) ProvisioningJobs(ctx context.Context, words ...string) ([]ProvisioningJob, error) {
	apps, err := c.applications(ctx, words)
	if err != nil {
		return nil, err
	}
	var jobs []ProvisioningJob
	for _, app := range apps {
		all, err := listOf[synchronizationJob]("/v1.0/servicePrincipals/"+url.PathEscape(app.ID)+"/synchronization/jobs", nil).
			walk(ctx, c.graph)
		if err != nil {
			err = fail(fmt.Sprintf("enterprise application %s: reading its provisioning", app.DisplayName), err, jobPermission)
			if membership.CauseOf(err) == membership.Missing { // it provisions nothing
				continue
			}
			return nil, err
		}
		for _, job := range all.items {
			if strings.Trim(job.ID, ".") == "" { // it would be another path
				return nil, membership.Fail(membership.Incomplete, fmt.Errorf("%s: a job has the id %q", app.DisplayName, job.ID))
			}
			if !job.stopped() {
				jobs = append(jobs, ProvisioningJob{App: app.DisplayName, AppID: app.ID, ID: job.ID})
			}
		}
	}
	return jobs, nil
}

// ProvisioningHint says where people see what an application provisions.
const ProvisioningHint = "look in the Entra admin center, under Enterprise applications and then Provisioning, which of them " +
	"provision these groups"

// applications returns the enterprise applications that have one of some words in their name. What Graph finds by another word
// is dropped, so that a search that it ignores does not lead to a request for each application of the tenant.
func (c *Client) applications(ctx context.Context, words []string) ([]*GroupName, error) {
	const what = "listing the enterprise applications of Entra"
	var search []string
	for _, word := range words {
		search = append(search, `"displayName:`+word+`"`)
	}
	found, err := listOf[GroupName]("/v1.0/servicePrincipals", url.Values{
		"$search": {strings.Join(search, " OR ")}, "$count": {"true"}, "$select": {"id,displayName"},
	}).walk(ctx, c.graph)
	if err == nil && !found.fitsCount() {
		err = found.incomplete(fmt.Sprintf("%d came, and the count of Graph is another one or none", len(found.items)))
	}
	if err != nil {
		return nil, failIncomplete(what, err, applicationPermission)
	}
	apps := slices.DeleteFunc(found.items, func(app *GroupName) bool {
		return !slices.ContainsFunc(words, func(word string) bool {
			return strings.Contains(strings.ToLower(app.DisplayName), word)
		})
	})
	if len(apps) > maxApplications {
		return nil, membership.FailFor(membership.Incomplete, fmt.Errorf(
			"%s: %d have %s in their name, which is more than the %d that callroll looks at",
			what, len(apps), strings.Join(words, " or "), maxApplications), ProvisioningHint)
	}
	return apps, nil
}

// Connection returns the id in the other service that a job has linked an object with, or "" if there is no link. The object is one
// of either side. It is one request (resource type objectConnection, which is a preview).
func (c *Client) Connection(ctx context.Context, job ProvisioningJob, id string) (target string, err error) {
	what := fmt.Sprintf("enterprise application %s: reading whether it provisions %s", job.App, id)
	var link struct {
		ObjectID string `json:"objectId"` // the id that was asked for
		Source   string `json:"sourceAnchor"`
		Target   string `json:"targetAnchor"`
	}
	_, err = c.graph.Do(ctx, rest.Request{
		Method: http.MethodGet,
		Path: "/beta/servicePrincipals/" + url.PathEscape(job.AppID) + "/synchronization/jobs/" + url.PathEscape(job.ID) +
			"/objectConnections/" + url.PathEscape(id),
	}, &link)
	if err != nil {
		// Without a code the answer is that of something on the way.
		if e, ok := errors.AsType[*rest.Error](err); ok && e.Kind == rest.Refused && e.Status == http.StatusNotFound && e.Code != "" {
			return "", nil
		}
		return "", fail(what, err, connectionPermission)
	}
	if !strings.EqualFold(link.ObjectID, id) || link.Source == "" || link.Target == "" {
		return "", membership.Fail(membership.Incomplete, fmt.Errorf("%s: the answer is about %q, and links %q with %q",
			what, link.ObjectID, link.Source, link.Target))
	}
	return link.Target, nil
}
