package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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

// ProvisioningJob is a job of Entra's own provisioning: it keeps users and groups of Entra in another service (resource type
// synchronizationJob).
type ProvisioningJob struct {
	App     string // the name of the enterprise application
	AppID   string // the object id of its service principal
	ID      string
	Stopped bool // it is switched off, or has never been set up
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

// ProvisioningJobs returns the jobs of the enterprise applications that have one of some words in their name. It needs one
// request, and one for each application.
func (c *Client) ProvisioningJobs(ctx context.Context, words ...string) ([]ProvisioningJob, error) {
	var search []string
	for _, word := range words {
		search = append(search, `"displayName:`+word+`"`)
	}
	apps, err := listOf[GroupName]("/v1.0/servicePrincipals", url.Values{
		"$search": {strings.Join(search, " OR ")}, "$count": {"true"}, "$select": {"id,displayName"},
	}).walk(ctx, c.graph)
	if err != nil {
		return nil, fail("listing the enterprise applications of Entra", err, applicationPermission)
	}
	var jobs []ProvisioningJob
	for _, app := range apps.items {
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
			jobs = append(jobs, ProvisioningJob{App: app.DisplayName, AppID: app.ID, ID: job.ID, Stopped: job.stopped()})
		}
	}
	return jobs, nil
}

// Connection is the link that a job has stored between an object of Entra and one of the other service (resource type
// objectConnection, which is a preview).
type Connection struct {
	Source string `json:"sourceAnchor"` // the object id in Entra
	Target string `json:"targetAnchor"` // the id in the other service
}

// Connection returns the link of an object of one of both sides, or nil if the job has none. It is one request.
func (c *Client) Connection(ctx context.Context, job ProvisioningJob, id string) (*Connection, error) {
	what := fmt.Sprintf("enterprise application %s: reading whether it provisions %s", job.App, id)
	var got struct {
		Connection
		ObjectID string `json:"objectId"`
	}
	_, err := c.graph.Do(ctx, rest.Request{
		Method: http.MethodGet,
		Path: "/beta/servicePrincipals/" + url.PathEscape(job.AppID) + "/synchronization/jobs/" + url.PathEscape(job.ID) +
			"/objectConnections/" + url.PathEscape(id),
	}, &got)
	if err != nil {
		if e, ok := errors.AsType[*rest.Error](err); ok && e.Kind == rest.Refused && e.Status == http.StatusNotFound {
			return nil, nil
		}
		return nil, fail(what, err, connectionPermission)
	}
	if !strings.EqualFold(got.ObjectID, id) {
		return nil, membership.Fail(membership.Unavailable, fmt.Errorf("%s: the answer is about %q", what, got.ObjectID))
	}
	return &got.Connection, nil
}
