package scim

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Failure is what an error body says, whichever of the vendor's two shapes it has: ErrorBody (message, code, contextId)
// or ScimError (scimType, detail; RFC 7644 §3.12).
type Failure struct {
	Code      string // scimType, or code
	Message   string // detail, or message, with what the details name
	ContextID string
	Limit     *Limit
	// Own says that the body has either of the vendor's shapes, and no other status than the answer. A gateway on the way writes
	// other bodies.
	Own bool
}

// Limit is the limit that a request ran into.
type Limit struct {
	Key       string      `json:"key"`
	Namespace string      `json:"namespace"`
	Value     json.Number `json:"value"`
}

// String writes a limit as support knows it: namespace, key and value.
func (l Limit) String() string {
	return strings.TrimSpace(strings.Join([]string{l.Namespace, l.Key, l.Value.String()}, " "))
}

// errorSchema is the schema of a ScimError (RFC 7644 §3.12).
const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error"

// DecodeFailure reads the body of an answer with an error status as far as it can be read; of one that is no JSON it returns
// nothing.
func DecodeFailure(status int, body []byte) Failure {
	var b struct {
		Schemas   []string        `json:"schemas"`
		Status    json.RawMessage `json:"status"` // a number in an ErrorBody, a string in a ScimError
		SCIMType  string          `json:"scimType"`
		Detail    string          `json:"detail"`
		Code      string          `json:"code"`
		Message   string          `json:"message"`
		ContextID string          `json:"contextId"`
		Limit     *Limit          `json:"limit"`
		Details   []struct {
			ErrorCode  string `json:"errorCode"`
			FieldName  string `json:"fieldName"`
			EntityID   string `json:"entityId"`
			EntityName string `json:"entityName"`
		} `json:"details"`
	}
	// An attribute of another type than the schema's leaves the others readable.
	err := json.Unmarshal(body, &b)
	f := Failure{
		Code:      cmp.Or(b.SCIMType, b.Code),
		Message:   cmp.Or(b.Detail, b.Message),
		ContextID: b.ContextID,
		Limit:     b.Limit,
	}
	said := strings.Trim(string(b.Status), `"`)
	isErrorBody := b.Message != "" && b.Code != "" && (said != "" || b.ContextID != "")
	f.Own = err == nil && (said == "" || said == strconv.Itoa(status)) && (isErrorBody || slices.Contains(b.Schemas, errorSchema))
	for _, d := range b.Details {
		if said := strings.Join(strings.Fields(d.ErrorCode+" "+d.FieldName+" "+d.EntityID+" "+d.EntityName), " "); said != "" {
			f.Message = strings.TrimSpace(fmt.Sprintf("%s [%s]", f.Message, said))
		}
	}
	return f
}
