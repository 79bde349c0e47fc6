package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
)

// The jobs of the applications that have one of the words in their name are read, one application after the other. An application
// that provisions nothing is passed over.
func TestProvisioningJobs(t *testing.T) {
	f := newFake(t, func(req *http.Request) *http.Response {
		switch req.URL.Path {
		case "/v1.0/servicePrincipals":
			if q := req.URL.Query(); q.Get("$search") != `"displayName:genesys" OR "displayName:purecloud"` ||
				req.Header.Get("ConsistencyLevel") != "eventual" {
				t.Errorf("%s, %v", req.URL, req.Header)
			}
			return reply(200, json.RawMessage(
				`{"@odata.count":3,"value":[{"id":"A1","displayName":"Genesys"},{"id":"A2","displayName":"PureCloud"},{"id":"A3","displayName":"Payroll"}]}`))
		case "/v1.0/servicePrincipals/A1/synchronization/jobs":
			return reply(404, json.RawMessage(`{"error":{"code":"Request_ResourceNotFound"}}`))
		case "/v1.0/servicePrincipals/A2/synchronization/jobs":
			return reply(200, json.RawMessage(`{"value":[
				{"id":"on","schedule":{"state":"Active"},"status":{"code":"Active"}},
				{"id":"quarantine","schedule":{"state":"Active"},"status":{"code":"Quarantine"}},
				{"id":"unknown"},
				{"id":"disabled","schedule":{"state":"Disabled"},"status":{"code":"Active"}},
				{"id":"paused","schedule":{"state":"Active"},"status":{"code":"Paused"}},
				{"id":"new","schedule":{"state":"Active"},"status":{"code":"NotConfigured"}}]}`))
		}
		t.Errorf("nobody answers %s", req.URL)
		return nil
	})
	got, err := f.client().ProvisioningJobs(t.Context(), "genesys", "purecloud")
	var want []graph.ProvisioningJob
	for _, id := range []string{"on", "quarantine", "unknown"} {
		want = append(want, graph.ProvisioningJob{App: "PureCloud", AppID: "A2", ID: id})
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v, %s", err, diff)
	}
}

// What cannot be read, or may not be whole, is an error, and not an application without a job.
func TestProvisioningJobsThatCannotBeRead(t *testing.T) {
	one := `{"@odata.count":1,"value":[{"id":"A1","displayName":"Genesys"}]}`
	var many []string
	for i := range 11 {
		many = append(many, fmt.Sprintf(`{"id":"A%d","displayName":"Genesys %d"}`, i, i))
	}
	for name, test := range map[string]struct {
		apps   string
		status int
		jobs   string
		cause  membership.Cause
		text   string // of the error or of its hint
	}{
		"denied":               {one, 403, `{"error":{"code":"Authorization_RequestDenied"}}`, membership.Denied, "Synchronization.Read.All"},
		"another path":         {one, 200, `{"value":[{"id":".."}]}`, membership.Incomplete, `".."`},
		"no id":                {one, 200, `{"value":[{"status":{"code":"Active"}}]}`, membership.Unavailable, "no id"},
		"fewer than counted":   {`{"@odata.count":3,"value":[]}`, 200, `{"value":[]}`, membership.Incomplete, "0 came"},
		"not counted":          {`{"value":[]}`, 200, `{"value":[]}`, membership.Incomplete, "0 came"},
		"a name that many use": {`{"@odata.count":11,"value":[` + strings.Join(many, ",") + `]}`, 200, `{"value":[]}`, membership.Incomplete, "more than the 10"},
	} {
		f := newFake(t, func(req *http.Request) *http.Response {
			if req.URL.Path == "/v1.0/servicePrincipals" {
				return reply(200, json.RawMessage(test.apps))
			}
			return reply(test.status, json.RawMessage(test.jobs))
		})
		_, err := f.client().ProvisioningJobs(t.Context(), "genesys")
		if membership.CauseOf(err) != test.cause || !strings.Contains(fmt.Sprint(err, membership.HintOf(err)), test.text) {
			t.Errorf("%s: %v, hint %q", name, err, membership.HintOf(err))
		}
	}
}

// A connection is that of the object that was asked for. Only a 404 with an error code of Graph says that there is none.
func TestConnection(t *testing.T) {
	const id = "8f30ea83-9899-4b93-8781-92cb2a75d6a8"
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
		cause  membership.Cause
	}{
		"a link":    {200, `{"objectId":"` + strings.ToUpper(id) + `","sourceAnchor":"e1","targetAnchor":"g1"}`, "g1", ""},
		"none":      {404, `{"error":{"code":"ResourceNotFound"}}`, "", ""},
		"denied":    {403, `{"error":{"code":"Authorization_RequestDenied"}}`, "", membership.Denied},
		"no beta":   {400, `{"error":{"code":"BadRequest","message":"Resource not found for the segment 'objectConnections'."}}`, "", membership.Rejected},
		"another":   {200, `{"objectId":"x","sourceAnchor":"e1","targetAnchor":"g1"}`, "", membership.Incomplete},
		"no link":   {200, `{"objectId":"` + id + `","sourceAnchor":"e1"}`, "", membership.Incomplete},
		"a gateway": {404, `"not found"`, "", membership.Unavailable},
		"no object": {200, `{}`, "", membership.Incomplete},
	} {
		f := newFake(t, func(req *http.Request) *http.Response {
			if want := "/beta/servicePrincipals/A1/synchronization/jobs/genesys.7/objectConnections/" + id; req.URL.Path != want {
				t.Errorf("%s, want %s", req.URL.Path, want)
			}
			return reply(test.status, json.RawMessage(test.body))
		})
		got, err := f.client().Connection(t.Context(), graph.ProvisioningJob{App: "Genesys", AppID: "A1", ID: "genesys.7"}, id)
		if got != test.want || (test.cause != "") != (err != nil) || err != nil && membership.CauseOf(err) != test.cause {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
}
