package genesys

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/rest"
)

func TestDecodeError(t *testing.T) {
	tests := []struct {
		name   string
		status int
		give   string
		want   rest.Detail
	}{
		{"ErrorBody", 429, `{"message":"Rate limit exceeded","code":"too.many.requests","status":429,"contextId":"c1","details":[],"errors":[]}`,
			rest.Detail{Code: "too.many.requests", Message: "Rate limit exceeded", RequestIDs: []string{"contextId c1"}, Own: true}},
		{"ScimError", 409, `{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","scimType":"invalidVers","detail":"moved"}`,
			rest.Detail{Code: "invalidVers", Message: "moved", Own: true}},
		{"of another status", 404, `{"message":"no","code":"c","status":500,"contextId":"c1"}`,
			rest.Detail{Code: "c", Message: "no", RequestIDs: []string{"contextId c1"}}},
		{"of a gateway", 404, `{"message":"no Route matched with those values"}`, rest.Detail{Message: "no Route matched with those values"}},
		{"limit", 400, `{"code":"limit","message":"full","limit":{"key":"group.members","namespace":"groups","value":1000}}`,
			rest.Detail{Code: "limit", Message: "full", Limit: "groups group.members 1000"}},
		{"details", 400, `{"message":"bad member","details":[{"errorCode":"not.found","entityId":"u7"}]}`, rest.Detail{Message: "bad member [not.found u7]"}},
		{"odd types", 400, `{"message":"bad","code":17}`, rest.Detail{Message: "bad"}},
		{"HTML", 400, `<html>`, rest.Detail{}},
		{"nothing", 400, ``, rest.Detail{}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, decodeError(tt.status, []byte(tt.give))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

// Reading an error never panics, whatever a service sends.
func FuzzDecodeError(f *testing.F) {
	f.Add([]byte(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"409","detail":"x"}`))
	f.Add([]byte(`{"message":"x","code":"y","status":429,"limit":{"key":"k","namespace":"n","value":1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if d := decodeError(400, data); d.Own && !json.Valid(data) {
			t.Errorf("%q counts as an error of Genesys", data)
		}
	})
}
