package sandbox_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

// What Entra's own provisioning does is read with three permissions, one for each step.
func TestProvisioning(t *testing.T) {
	const jobs = graphHost + "/v1.0/servicePrincipals/A1/synchronization/jobs"
	const links = graphHost + "/beta/servicePrincipals/A1/synchronization/jobs/genesys.7/objectConnections"
	search := func(text string) string {
		return graphHost + "/v1.0/servicePrincipals?$search=" + url.QueryEscape(text)
	}
	for _, c := range []struct {
		role, url string
		status    int
		text      string // a part of the answer
	}{
		{"Application.Read.All", search(`"displayName:genesys" OR "displayName:purecloud"`), 200, `"value":[{"displayName":"Cloud of Genesys","id":"A1"}]`},
		{"Application.Read.All", search(`"displayName:enesys"`), 200, `"value":[]`},
		{"Application.Read.All", search(`displayName:genesys`), 400, "syntax error"},
		{"Application.Read.All", graphHost + "/beta/servicePrincipals", 400, "segment"},
		{"User.Read.All", search(`"displayName:genesys"`), 403, ""},
		{"Synchronization.Read.All", jobs, 200, `"code":"Quarantine"`},
		{"Synchronization.Read.All", jobs, 200, `"state":"Disabled"`},
		{"Synchronization.Read.All", graphHost + "/v1.0/servicePrincipals/A3/synchronization/jobs", 404, ""},
		{"Application.Read.All", jobs, 403, ""},
		{"SynchronizationMetadata.Read.All", links + "/E1", 200, `"objectId":"E1","objectTypeName":"Group","sourceAnchor":"e1","targetAnchor":"g1"`},
		{"SynchronizationMetadata.Read.All", links + "/g1", 200, `"sourceAnchor":"e1"`},
		{"SynchronizationMetadata.Read.All", links + "/g2", 404, ""},
		{"SynchronizationMetadata.Read.All", links, 400, "not supported"},
		{"Synchronization.Read.All", links + "/e1", 403, ""},
	} {
		w := withRole(c.role, func(e *sandbox.Entra) {
			e.Applications = []sandbox.EntraApplication{
				{ID: "A1", DisplayName: "Cloud of Genesys", Jobs: []sandbox.EntraProvisioningJob{
					{ID: "genesys.7", Status: "Quarantine", Links: map[string]string{"e1": "g1"}}, {ID: "genesys.8", Disabled: true},
				}},
				{ID: "A2", DisplayName: "Payroll"},
			}
		})
		a := get(t, w, c.url, graphToken(t, w), "ConsistencyLevel: eventual")
		if a.status != c.status || !strings.Contains(a.text, c.text) {
			t.Errorf("%s: GET %s: %d %s, want %d %s", c.role, c.url, a.status, a.text, c.status, c.text)
		}
	}
}
