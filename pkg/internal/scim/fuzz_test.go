package scim_test

import (
	"encoding/json"
	"slices"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
)

// Reading never panics, whatever a service sends, and a group that was read can be written back unchanged.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"id":"g","displayName":"Sales","members":[{"type":"User","value":"u"}],"meta":{"version":"56"}}`))
	f.Add([]byte(`{"id":"g","displayName":"Sales","members":null}`))
	f.Add([]byte(`{"totalResults":1,"Resources":[{"id":"u","userName":"a@b"}]}`))
	f.Add([]byte(`{"id":"a","id":"b","displayName":"` + "\u202e\x1b" + `"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _ = scim.ReadUser(decoder(string(data)))
		if page, err := scim.ReadPage(decoder(string(data)), (*jsontext.Decoder).SkipValue); err == nil && page.Total < 0 {
			t.Error("a list of less than nothing")
		}
		g, err := scim.ReadGroup(decoder(string(data)))
		if err != nil {
			return
		}
		body, err := scim.ReplaceBody(g, g.Members)
		if err != nil {
			t.Fatal(err)
		}
		var sent struct {
			Members []struct{ Value string }
		}
		if err := json.Unmarshal(body, &sent); err != nil {
			t.Fatalf("the PUT is no JSON: %v", err)
		}
		var ids []string
		for _, m := range sent.Members {
			ids = append(ids, m.Value)
		}
		if !slices.Equal(membership.Distinct(ids), g.Members) {
			t.Errorf("read %q, and would write %q", g.Members, ids)
		}
	})
}
