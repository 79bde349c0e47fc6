package graph_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/rest"
)

// Whatever the pages contain, the result has a person for each id, or is an error.
func FuzzMembers(f *testing.F) {
	const next = `"@odata.nextLink":"https://graph.microsoft.com/v1.0/next?$skiptoken=2"`
	ada := `{"@odata.type":"#microsoft.graph.user","id":"11111111-aaaa-4000-8000-000000000001","userPrincipalName":"ada@x","mail":null,"displayName":"Ada"}`
	bela := strings.NewReplacer("0001", "0002", "ada", "bela").Replace(ada)
	f.Add(`{"@odata.count":0,"value":[]}`, ``)
	f.Add(`{"@odata.count":1,"value":[`+ada+`]}`, ``)
	f.Add(`{"@odata.count":2,"value":[`+ada+`],`+next+`}`, `{"value":[`+bela+`]}`)
	f.Add(`{"@odata.count":2,"value":[],`+next+`}`, `{"value":[`+bela+`,`+strings.ToUpper(bela)+`]}`)
	f.Add(`{"@odata.count":1,"value":[`+ada+`],`+next+`}`, `{"@odata.count":7,"value":[`+bela+`],`+next+`}`)
	f.Add(`{"@odata.count":null,"value":null}`, `null`)
	f.Add(`{"@odata.count":1,"value":[{"id":7}]}`, `{"value":{}}`)
	f.Add(`{"@odata.count":-1,"value":[null,{"id":""},{"id":"a","@odata.type":"#microsoft.graph.group"}]}`, `[`)
	f.Add(`<html>`, `{"error":{"code":"x"}}`)
	f.Fuzz(func(t *testing.T, first, second string) {
		served := map[string]bool{}
		fake := newFake(t, func(req *http.Request) *http.Response {
			text := second
			if req.URL.Path == members {
				text = first
			}
			served[text] = true
			return reply(200, text)
		})
		people, err := fake.client(func(o *graph.Options) { o.Retry = rest.Retry{Attempts: 1} }).Members(t.Context(), groupID, graph.Selection{})
		if err != nil {
			return
		}
		came := map[string]bool{}
		count, linked := 0, false
		for text := range served {
			var page struct {
				Count int    `json:"@odata.count"`
				Next  string `json:"@odata.nextLink"`
				Value []struct {
					ID string `json:"id"`
				} `json:"value"`
			}
			if err := json.Unmarshal([]byte(text), &page, rest.JSONOptions()); err != nil {
				t.Fatalf("a page that is no page was taken: %s", text)
			}
			if text == first {
				count, linked = page.Count, page.Next != ""
			}
			for _, p := range page.Value {
				came[strings.ToLower(p.ID)] = true
			}
		}
		ids := []string{}
		for _, p := range people {
			ids = append(ids, p.ID)
		}
		if count != len(ids) || linked && !served[second] {
			t.Errorf("%d were counted, the next page was read: %v, and the people are %q", count, served[second], ids)
		}
		if len(ids) != len(came) || slices.ContainsFunc(ids, func(id string) bool { return !came[id] || id == "" }) {
			t.Errorf("%d ids came, and the people are %q", len(came), ids)
		}
	})
}
