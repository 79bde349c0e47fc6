package genesys

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/rest"
)

// errorSchema is the schema of a ScimError (RFC 7644 §3.12).
const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error"

// decodeError reads an error body in either of the vendor's two shapes: ErrorBody (message, code, contextId) or ScimError
// (scimType, detail; RFC 7644 §3.12). What cannot be read is empty. The bodies of gateways on the way have neither shape, and
// the status in the vendor's bodies is that of the answer.
func decodeError(status int, body []byte) rest.Detail {
	var b struct {
		Schemas   []string        `json:"schemas"`
		Status    json.RawMessage `json:"status"` // a number in an ErrorBody, a string in a ScimError
		SCIMType  string          `json:"scimType"`
		Detail    string          `json:"detail"`
		Code      string          `json:"code"`
		Message   string          `json:"message"`
		ContextID string          `json:"contextId"`
		Limit     struct {
			Key       string      `json:"key"`
			Namespace string      `json:"namespace"`
			Value     json.Number `json:"value"`
		} `json:"limit"`
		Details []struct {
			ErrorCode  string `json:"errorCode"`
			FieldName  string `json:"fieldName"`
			EntityID   string `json:"entityId"`
			EntityName string `json:"entityName"`
		} `json:"details"`
	}
	// An attribute of the wrong type does not prevent reading the others.
	err := json.Unmarshal(body, &b)
	d := rest.Detail{
		Code:    cmp.Or(b.SCIMType, b.Code),
		Message: cmp.Or(b.Detail, b.Message), // followed by the details
		Limit:   strings.TrimSpace(b.Limit.Namespace + " " + b.Limit.Key + " " + b.Limit.Value.String()),
	}
	if b.ContextID != "" {
		d.RequestIDs = []string{"contextId " + b.ContextID}
	}
	given := strings.Trim(string(b.Status), `"`)
	isErrorBody := b.Message != "" && b.Code != "" && (given != "" || b.ContextID != "")
	d.Own = err == nil && (given == "" || given == strconv.Itoa(status)) && (isErrorBody ||
		slices.Contains(b.Schemas, errorSchema))
	for _, one := range b.Details {
		text := strings.Join(strings.Fields(one.ErrorCode+" "+one.FieldName+" "+one.EntityID+" "+one.EntityName), " ")
		if text != "" {
			d.Message = strings.TrimSpace(fmt.Sprintf("%s [%s]", d.Message, text))
		}
	}
	return d
}
