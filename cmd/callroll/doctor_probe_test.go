package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// personalDetail is an error of the service that names somebody in each of its texts.
const personalDetail = `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"%d","scimType":"ada@contoso.com",` +
	`"detail":"Niamh Byrne (ab3321fb-7a51-4432-aa6e-1e98e346ab17) of Wallboard Screens is not known at api.mypurecloud.ie"}`

// What a probe prints names nobody, whatever the services say and however it ends.
func TestProbeNamesNobody(t *testing.T) {
	body := func(status int) string {
		return fmt.Sprintf(`"status":%d,"headers":{"Content-Type":"application/scim+json"},"body":%q`, status, fmt.Sprintf(personalDetail, status))
	}
	seen := map[int]bool{}
	for name, faults := range map[string]string{
		"no faults":              `[]`,
		"every second PUT fails": `[{"match":"PUT *","skip":1,"times":1,` + body(400) + `},{"match":"PUT *","skip":2,"times":1,` + body(404) + `}]`,
		"unclear":                `[{"match":"PUT *","skip":1,"times":2,` + body(503) + `}]`,
		"no lists":               `[{"match":"GET /api/v2/scim/v2/users","skip":4,` + body(403) + `},{"match":"GET /api/v2/scim/groups","skip":1,` + body(500) + `}]`,
		"denied":                 `[{"match":"PUT *","times":3,` + body(403) + `}]`,
		"somebody else":          `[{"match":"PUT *","skip":2,"times":1,"edit":{"group":"Wallboard Screens","add":["305c139b-58ff-4dd0-b2eb-89e8cf7edbef"]}}]`,
	} {
		for _, format := range formatNames() {
			dir := play(t, faults)
			world, err := sandbox.Open(dir)
			do(t, err)
			do(t, world.Edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
				org.Switches.UnknownMember, org.Switches.PutWithoutExternalID = "dropped", "removed"
				i := slices.IndexFunc(org.Groups, func(g sandbox.GenesysGroup) bool { return g.DisplayName == "Wallboard Screens" })
				org.Groups[i].ExternalID = "desk-wallboard"
			}))
			entra, org := world.Entra(), world.Genesys()
			do(t, world.Close())
			do(t, os.WriteFile(filepath.Join(dir, "callroll.yaml"), []byte(file(t, dir, "callroll.yaml")+"retry: {attempts: 2, base: 1ms, max: 1ms}\nread_back: 10ms\n"), 0o600))
			got := timed(t.Context(), t, dir, "doctor", "--probe", "Wallboard Screens", "--with", "wallboard.krakow@contoso.com",
				"--with", "wallboard.dublin@contoso.com", "--with", "karim.haddad@contoso.com", "--with", "niamh.byrne@contoso.com",
				"--probe-without-members", "--output", format)
			seen[got.status] = true
			if !strings.Contains(got.stdout, "PUT with an old If-Match") {
				t.Errorf("%s: there is no table: %+v", name, got)
			}
			for _, word := range personal(entra, org) {
				if strings.Contains(strings.ToLower(got.stdout), strings.ToLower(word)) {
					t.Errorf("%s: %q is in\n%s", name, word, got.stdout)
				}
			}
			if id := regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-`).FindString(got.stdout); id != "" || strings.Contains(got.stdout, "@") {
				t.Errorf("%s: an id or an address is in\n%s", name, got.stdout)
			}
		}
	}
	for _, status := range []int{report.OK, report.Denied, report.Unavailable, report.Conflict} {
		if !seen[status] {
			t.Errorf("no probe has ended with %d: %v", status, slices.Sorted(maps.Keys(seen)))
		}
	}
}

// personal returns what must not be in the table of a probe.
func personal(entra sandbox.Entra, org sandbox.Genesys) []string {
	words := []string{entra.TenantID, entra.Domain, entra.ClientID, org.ClientID, org.Region, "contoso", "desk-wallboard"}
	for _, u := range org.Users {
		words = append(words, u.ID, u.UserName, u.DisplayName)
	}
	for _, g := range org.Groups {
		words = append(words, g.ID, g.DisplayName)
	}
	return words
}
