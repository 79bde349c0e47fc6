package sandbox

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// EntraApplication is an enterprise application, which may provision users and groups into another service.
type EntraApplication struct {
	ID          string                 `json:"id"` // the object id of its service principal
	DisplayName string                 `json:"displayName"`
	Jobs        []EntraProvisioningJob `json:"jobs,omitempty"`
}

// EntraProvisioningJob is a job of Entra's own provisioning. It does nothing in the sandbox.
type EntraProvisioningJob struct {
	ID       string            `json:"id"`
	Disabled bool              `json:"disabled,omitempty"`
	Status   string            `json:"status,omitempty"` // Active if empty
	Links    map[string]string `json:"links,omitempty"`  // object ids of Entra to the ids of the other service
}

// provisioning answers for enterprise applications below /v1.0 and /beta, whose segments follow in at.
func (w *World) provisioning(c *request, caller grant, version string, at []string) *reply {
	switch {
	case len(at) == 1 && version == "v1.0":
		return w.listApplications(c, caller)
	case len(at) == 4 && version == "v1.0" && at[2] == "synchronization" && at[3] == "jobs":
		return w.listJobs(c, caller, at[1])
	case len(at) >= 5 && len(at) <= 7 && version == "beta" && at[2] == "synchronization" && at[3] == "jobs":
		return w.objectConnection(c, caller, at)
	}
	return graphError(c, http.StatusBadRequest, "BadRequest", fmt.Sprintf("Resource not found for the segment '%s'.", at[len(at)-1]))
}

// listApplications answers with the enterprise applications. $search needs the header ConsistencyLevel (Microsoft Graph: list
// servicePrincipals).
func (w *World) listApplications(c *request, caller grant) *reply {
	permitted := caller.has("Application.Read.All", "Directory.Read.All")
	q, r := w.parseGraph(c, servicePrincipalKind, permitted, "$count", "$select", "$top", "$skiptoken", "$search")
	if r != nil {
		return r
	}
	if len(q.search) > 0 && !q.eventual {
		return graphError(c, http.StatusBadRequest, "Request_UnsupportedQuery", "$search needs the header ConsistencyLevel: eventual")
	}
	return w.page(c, caller, q, servicePrincipalKind, func() ([]string, int) {
		var ids []string
		for _, app := range w.entra.Applications {
			if len(q.search) == 0 || slices.ContainsFunc(q.search, func(word string) bool { return hasWord(app.DisplayName, word) }) {
				ids = append(ids, strings.ToLower(app.ID))
			}
		}
		return ids, len(ids)
	})
}

// parseSearch parses terms such as "displayName:word" with OR between them.
func parseSearch(text string) ([]string, error) {
	var words []string
	for term := range strings.SplitSeq(text, " OR ") {
		m := regexp.MustCompile(`^"displayName:(\w+)"$`).FindStringSubmatch(term)
		if m == nil {
			return nil, fmt.Errorf("syntax error in $search: %s", term)
		}
		words = append(words, m[1])
	}
	return words, nil
}

// hasWord reports whether a word of a name begins with a text, as $search compares.
func hasWord(name, text string) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(name)), func(word string) bool {
		return strings.HasPrefix(word, strings.ToLower(text))
	})
}

// findApplication returns the enterprise application with an object id.
func (w *World) findApplication(id string) (EntraApplication, bool) {
	i := slices.IndexFunc(w.entra.Applications, func(a EntraApplication) bool { return strings.EqualFold(a.ID, id) })
	if i < 0 {
		return EntraApplication{}, false
	}
	return w.entra.Applications[i], true
}

// listJobs answers with the jobs of an application, in one page (Microsoft Graph: list synchronization jobs).
func (w *World) listJobs(c *request, caller grant, id string) *reply {
	if !caller.has("Synchronization.Read.All", "Synchronization.ReadWrite.All") {
		return denied(c)
	}
	app, ok := w.findApplication(id)
	if !ok {
		return notFound(c, id)
	}
	jobs := []any{}
	for _, job := range app.Jobs {
		state, status := "Active", "Active"
		if job.Disabled {
			state = "Disabled"
		}
		if job.Status != "" {
			status = job.Status
		}
		jobs = append(jobs, map[string]any{
			"id": job.ID, "templateId": "genesys", "schedule": map[string]any{"state": state, "interval": "PT40M"},
			"status": map[string]any{"code": status},
		})
	}
	return jsonReply(http.StatusOK, graphType, map[string]any{"value": jobs})
}

// objectConnection answers with the link that a job has stored for one object. The object may be one of either side. The links
// cannot be listed (Microsoft Graph: get objectConnection).
func (w *World) objectConnection(c *request, caller grant, at []string) *reply {
	app, ok := w.findApplication(at[1])
	job := slices.IndexFunc(app.Jobs, func(job EntraProvisioningJob) bool { return job.ID == at[4] })
	switch {
	case !caller.has("SynchronizationMetadata.Read.All", "SynchronizationMetadata.ReadWrite.All"):
		return denied(c)
	case len(at) == 5 || at[5] != "objectConnections":
		return graphError(c, http.StatusBadRequest, "BadRequest", fmt.Sprintf("Resource not found for the segment '%s'.", at[len(at)-1]))
	case len(at) == 6:
		return graphError(c, http.StatusBadRequest, "BadRequest", "Listing object connections is not supported.")
	case !ok || job < 0:
		return notFound(c, at[4])
	}
	for source, target := range app.Jobs[job].Links {
		if strings.EqualFold(source, at[6]) || strings.EqualFold(target, at[6]) {
			return jsonReply(http.StatusOK, graphType, map[string]any{
				"objectId": at[6], "objectTypeName": "Group", "sourceAnchor": source, "targetAnchor": target,
			})
		}
	}
	return notFound(c, at[6])
}
