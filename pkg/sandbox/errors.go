package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// jsonReply returns an answer with a JSON body.
func jsonReply(status int, contentType string, body any) *reply {
	r := &reply{status: status, header: http.Header{"Content-Type": {contentType}}}
	r.setJSON(body)
	return r
}

func (r *reply) setJSON(body any) {
	r.body, _ = encodeJSON(body) // never fails: bodies consist of maps, slices, strings and numbers
}

// encodeJSON encodes a value without escaping the & of links, as the services do.
func encodeJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(v)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

// clientRequestID returns the id that the client gave to the request, or a generated one.
func (c *request) clientRequestID() string { return cmp.Or(c.header.Get("client-request-id"), c.id) }

// graphError returns an ODataError (Microsoft Graph: error responses).
func graphError(c *request, status int, code, message string) *reply {
	r := jsonReply(status, "application/json", map[string]any{"error": map[string]any{
		"code":    code,
		"message": message,
		"innerError": map[string]any{
			"date":              time.Now().UTC().Format("2006-01-02T15:04:05"),
			"request-id":        c.id,
			"client-request-id": c.clientRequestID(),
		},
	}})
	if status == http.StatusUnauthorized {
		r.header.Set("WWW-Authenticate", `Bearer realm="", error="invalid_token"`)
	}
	return r
}

// entraError returns an error of Entra's token endpoint (Microsoft identity platform: error codes).
func entraError(c *request, status int, name string, code int, message string) *reply {
	now := time.Now().UTC().Format("2006-01-02 15:04:05Z")
	return jsonReply(status, "application/json; charset=utf-8", map[string]any{
		"error": name,
		"error_description": fmt.Sprintf("AADSTS%d: %s Trace ID: %s Correlation ID: %s Timestamp: %s",
			code, message, c.id, c.clientRequestID(), now),
		"error_codes":    []int{code},
		"timestamp":      now,
		"trace_id":       c.id,
		"correlation_id": c.clientRequestID(),
		"error_uri":      fmt.Sprintf("https://%s/error?code=%d", c.address, code),
	})
}

// genesysError returns an ErrorBody, the shape of errors in the whole Genesys API.
func genesysError(c *request, status int, code, message string) *reply {
	return jsonReply(status, "application/json", map[string]any{
		"message":   message,
		"code":      code,
		"status":    status,
		"contextId": c.id,
		"details":   []any{},
		"errors":    []any{},
	})
}

// scimError returns an error in the shape of RFC 7644 §3.12, which the SCIM API uses too. Its status is a string.
func scimError(c *request, status int, scimType, detail string) *reply {
	body := map[string]any{
		"schemas": []string{"urn:ietf:params:scim:api:messages:2.0:Error"},
		"status":  strconv.Itoa(status),
		"detail":  detail,
	}
	if scimType != "" {
		body["scimType"] = scimType
	}
	return jsonReply(status, c.scimType(), body)
}

// genesysLoginError returns an error of the Genesys sign-in, which has the description under two names.
func genesysLoginError(status int, name, description string) *reply {
	return jsonReply(status, "application/json", map[string]any{
		"error": name, "description": description, "error_description": description,
	})
}

// defaultError returns the error that a service sends with a status. It is used for faults that have only a status.
func defaultError(c *request, status int, retryAfter string) *reply {
	text := http.StatusText(status)
	switch c.service {
	case entraLogin:
		if status == http.StatusUnauthorized {
			return entraError(c, status, "invalid_client", 7000215, "Invalid client secret provided.")
		}
		return entraError(c, status, "temporarily_unavailable", 90033, "A transient error has occurred. Please try again.")
	case graphAPI:
		return graphError(c, status, graphCode(status), text)
	case genesysLogin:
		if status == http.StatusTooManyRequests {
			return genesysLoginError(status, "invalid_request", "rate limit exceeded; wait before asking again")
		}
		return genesysLoginError(status, "invalid_request", strings.ToLower(text))
	case githubActions, azureDevOps:
		return messageReply(status, text)
	case imds, appService:
		return identityError(c, status, "unknown", text)
	}
	switch status {
	case http.StatusTooManyRequests:
		return genesysError(c, status, "too.many.requests.retry.after",
			"Rate limit exceeded the maximum. Retry the request in ["+cmp.Or(retryAfter, "60")+"] seconds")
	case http.StatusUnauthorized:
		return genesysError(c, status, "bad.credentials", "Invalid login credentials.")
	case http.StatusForbidden:
		return genesysError(c, status, "not.authorized", "You are not authorized to perform the requested action.")
	case http.StatusConflict, http.StatusPreconditionFailed:
		return scimError(c, status, "", "Version does not match current version.")
	}
	return genesysError(c, status, strings.ReplaceAll(strings.ToLower(text), " ", "."), text)
}

func graphCode(status int) string {
	codes := map[int]string{
		http.StatusUnauthorized:       "InvalidAuthenticationToken",
		http.StatusForbidden:          "Authorization_RequestDenied",
		http.StatusNotFound:           "Request_ResourceNotFound",
		http.StatusBadRequest:         "Request_BadRequest",
		http.StatusServiceUnavailable: "serviceNotAvailable",
	}
	return cmp.Or(codes[status], strings.ReplaceAll(http.StatusText(status), " ", ""))
}
