package graph

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	msal "github.com/AzureAD/microsoft-authentication-library-for-go/apps/errors"

	"github.com/callroll/callroll/pkg/rest"
)

// failure converts an error of MSAL. MSAL's texts are never shown: the error about a token that is not JSON contains the
// token, and the request in a CallErr contains the secret.
func (s *signIn) failure(ctx context.Context, err error) error {
	if ours, ok := errors.AsType[*rest.Error](err); ok {
		return ours
	}
	if call, ok := errors.AsType[msal.CallErr](err); ok && call.Resp != nil {
		body, _ := io.ReadAll(call.Resp.Body)
		return s.login.Failure(tokenRequest(call.Req, s.authority), call.Resp.StatusCode, call.Resp.Header, body)
	}
	if ctx.Err() != nil {
		return &rest.Error{Kind: rest.Unclear, Method: http.MethodPost, Host: s.login.Host(), Path: "/token", Err: context.Cause(ctx)}
	}
	e := &rest.Error{Kind: rest.Unusable, Method: http.MethodPost, Host: s.login.Host(), Path: "/token"}
	switch text := err.Error(); {
	case errors.As(err, new(msal.InvalidJsonErr)):
		e.Message = "the answer is not JSON"
	case strings.Contains(text, "TenantDiscoveryResponse"):
		e.Message = "the openid-configuration names no endpoints, or an issuer at another host"
	default:
		e.Message = "the answer holds no usable token"
	}
	return e
}

// tokenRequest returns the parts of a request that may be shown.
func tokenRequest(req *http.Request, authority string) *http.Request {
	if req == nil {
		u, _ := url.Parse(authority)
		return &http.Request{Method: http.MethodPost, URL: u}
	}
	return &http.Request{Method: req.Method, URL: req.URL}
}

// decodeSignInError reads the error of the token endpoint (page "OAuth 2.0 client credentials flow"). The description
// begins with an AADSTS code and ends with ids, which are removed from the message here.
func decodeSignInError(status int, body []byte) rest.Detail {
	var b struct {
		Error       string `json:"error"`
		Description string `json:"error_description"`
		TraceID     string `json:"trace_id"`
		Correlation string `json:"correlation_id"`
	}
	_ = json.Unmarshal(body, &b) // a gateway answers HTML; then only the status is known
	text, _, _ := strings.Cut(b.Description, "Trace ID:")
	d := rest.Detail{Code: b.Error, Message: text, Throttled: status < 500 && rest.LaterCode(b.Error)}
	for _, id := range []struct{ name, value string }{{"trace_id", b.TraceID}, {"correlation_id", b.Correlation}} {
		if id.value != "" {
			d.RequestIDs = append(d.RequestIDs, id.name+" "+id.value)
		}
	}
	return d
}
