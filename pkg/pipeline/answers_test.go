package pipeline_test

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
)

// answer is an answer that a test gives in place of the World.
func answer(status int, kind, body string, header ...string) *http.Response {
	h := http.Header{"Content-Type": {kind}}
	for i := 0; i+1 < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body)), ProtoMajor: 1, ProtoMinor: 1}
}

// ownError is an error as Genesys writes it: an ErrorBody.
func ownError(status int, message string) string {
	return fmt.Sprintf(`{"message":%q,"code":"some.code","status":%d,"contextId":"c","details":[],"errors":[]}`, message, status)
}

// scimError is the other form of it: a ScimError (RFC 7644 §3.12).
func scimError(status int, detail string) string {
	return fmt.Sprintf(`{"schemas":["urn:ietf:params:scim:api:messages:2.0:Error"],"status":"%d","detail":%q}`, status, detail)
}

// filterOf returns the $filter of a request to Graph.
func filterOf(r *http.Request) string {
	q, _ := url.ParseQuery(r.URL.RawQuery) // what cannot be read is no filter
	return q.Get("$filter")
}
