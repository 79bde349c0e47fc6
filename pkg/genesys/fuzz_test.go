package genesys_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/rest"
)

// Whatever the pages of a list contain, the result has every group that can be read, or is an error.
func FuzzGroups(f *testing.F) {
	sales := `{"id":"g1","displayName":"Sales","members":[{"value":"u1"}],"meta":{"version":"7"}}`
	support := `{"id":"g2","displayName":"Support","members":[]}`
	f.Add(`{"totalResults":0}`, ``)
	f.Add(`{"totalResults":1,"Resources":[`+sales+`]}`, ``)
	f.Add(`{"totalResults":2,"Resources":[`+sales+`]}`, `{"totalResults":2,"Resources":[`+support+`]}`)
	f.Add(`{"totalResults":2,"Resources":[`+sales+`]}`, `{"totalResults":1,"Resources":[`+sales+`]}`)
	f.Add(`{"totalResults":3,"Resources":[`+sales+`,`+sales+`]}`, `{"totalResults":3,"Resources":[]}`)
	f.Add(`{"totalResults":2,"Resources":[{"id":"g1"},{"displayName":"x"}]}`, `{"totalResults":9223372036854775807,"Resources":[null]}`)
	f.Add(`{"totalResults":-1,"Resources":{}}`, `{"TotalResults":1,"resources":[]}`)
	f.Add(`{"totalResults":1e99}`, `<html>`)
	f.Fuzz(func(t *testing.T, first, second string) {
		var served []string
		fake := newFake(t, func(req *http.Request) *http.Response {
			text := second
			if req.URL.Query().Get("startIndex") == "1" {
				text, served = first, nil // an incomplete list is read once more
			}
			served = append(served, text)
			return reply(200, text)
		})
		conn := fake.conn(func(o *genesys.Options) { o.Retry = rest.Retry{Attempts: 1} })
		listing, err := genesys.NewReader(conn).Groups(t.Context(), nil)
		if err != nil {
			return
		}
		came, readable := map[string]bool{}, map[string]bool{}
		total := 0
		for _, text := range served {
			page, err := scim.ReadPage(jsontext.NewDecoder(strings.NewReader(text), rest.JSONOptions()), func(dec *jsontext.Decoder) error {
				g, err := scim.ReadGroup(dec)
				came[g.ID], readable[g.ID] = true, err == nil
				return nil
			})
			if err != nil {
				t.Fatalf("a page that is no page was taken: %s", text)
			}
			total = page.Total
		}
		maps.DeleteFunc(readable, func(_ string, ok bool) bool { return !ok })
		ids := []string{}
		for _, g := range listing.Groups() {
			ids = append(ids, g.ID)
		}
		if !slices.Equal(ids, slices.Sorted(maps.Keys(readable))) || len(came) != total {
			t.Errorf("%d were announced, %d came, and the groups are %q", total, len(came), ids)
		}
	})
}
