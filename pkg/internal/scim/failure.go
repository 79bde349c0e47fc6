package scim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Failure is the content of an error body, in either of the vendor's two shapes: ErrorBody (message, code, contextId) or
// ScimError (scimType, detail; RFC 7644 §3.12).
type Failure struct {
	Code      string // scimType, or code
	Message   string // detail, or message, followed by the details
	ContextID string
	Limit     string // that the request exceeded, in the form that the vendor's support uses: namespace, key and value
	// Own says that the body has one of the vendor's shapes, and the status of the answer if it has a status. The bodies of
	// gateways on the way do not.
	Own bool
}

// errorSchema is the schema of a ScimError (RFC 7644 §3.12).
const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error"

// DecodeFailure reads the body of an answer with an error status. What cannot be read is empty; DecodeFailure never fails.
func DecodeFailure(status int, body []byte) Failure {
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
	f := Failure{
		Code:      cmp.Or(b.SCIMType, b.Code),
		Message:   cmp.Or(b.Detail, b.Message),
		ContextID: b.ContextID,
		Limit:     strings.TrimSpace(b.Limit.Namespace + " " + b.Limit.Key + " " + b.Limit.Value.String()),
	}
	given := strings.Trim(string(b.Status), `"`)
	isErrorBody := b.Message != "" && b.Code != "" && (given != "" || b.ContextID != "")
	f.Own = err == nil && (given == "" || given == strconv.Itoa(status)) && (isErrorBody || slices.Contains(b.Schemas, errorSchema))
	for _, d := range b.Details {
		if text := strings.Join(strings.Fields(d.ErrorCode+" "+d.FieldName+" "+d.EntityID+" "+d.EntityName), " "); text != "" {
			f.Message = strings.TrimSpace(fmt.Sprintf("%s [%s]", f.Message, text))
		}
	}
	return f
}
