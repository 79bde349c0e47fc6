package pipeline

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/secret"
)

// A credential that expires within 30 days is in every report, in words that do not change from day to day.
func TestCredentialNotes(t *testing.T) {
	now := time.Date(2027, 2, 1, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		ends time.Time
		want string
	}{
		{time.Time{}, ""},
		{now.Add(31 * 24 * time.Hour), ""},
		{now.Add(30*24*time.Hour + time.Second), ""},
		{now.Add(30 * 24 * time.Hour), "expires on 2027-03-03"},
		{now.Add(time.Hour), "expires on 2027-02-01; make a new one before, "},
		{now, "expired on 2027-02-01; make a new one now, "},
		{now.Add(-24 * time.Hour), "expired on 2027-01-31; make a new one now, "},
	} {
		entra, err := graph.New(graph.Options{
			TenantID: "contoso.example", ClientID: "c", Credential: graph.Credential{Secret: secret.New("s3cret")}, HTTP: http.DefaultClient, Ends: test.ends,
		})
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(credentialNotes(t.Context(), entra, now), "\n"); !strings.Contains(got, test.want) || (got == "") != (test.want == "") {
			t.Errorf("%s: %q, want %q", test.ends, got, test.want)
		}
	}
	if notes := credentialNotes(t.Context(), nil, now); notes != nil {
		t.Errorf("without Entra: %q", notes)
	}
}
