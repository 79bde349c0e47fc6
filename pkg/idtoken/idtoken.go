// Package idtoken gets the ID token with which a workload signs in to Entra without a secret (Microsoft identity platform,
// "Workload identity federation"): from a file, from a GitHub Actions runner or from an Azure DevOps agent. It does not check
// tokens, which Entra does, and it keeps none: each sign-in needs a new one, because they expire within minutes.
package idtoken

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/secret"
)

// Source returns a new ID token. Errors are of type [*membership.Error].
type Source func(context.Context) (secret.String, error)

// File returns the source that reads the token from a file at each sign-in. Kubernetes, SPIFFE and others replace the content
// of the file long before it expires.
func File(path string) Source {
	return func(ctx context.Context) (secret.String, error) {
		token, err := secret.ReadFile(ctx, path)
		if err != nil {
			return secret.String{}, membership.Fail(membership.Unavailable, fmt.Errorf("reading the federated token: %w", err))
		}
		return token, nil
	}
}

// Error says what is missing to get tokens, before anything was asked for.
type Error struct{ text, hint string }

func (e *Error) Error() string { return e.text }

// Hint says what to do about the error.
func (e *Error) Hint() string { return e.hint }

// Kubernetes returns the path of the token file that the webhook of Azure Workload Identity mounts into a pod. env is the
// environment of the pod.
func Kubernetes(env map[string]string) (string, error) {
	const name = "AZURE_FEDERATED_TOKEN_FILE"
	if env[name] == "" {
		return "", &Error{name + " is not set",
			"give the pod the label azure.workload.identity/use: \"true\" and a service account with the client id"}
	}
	return env[name], nil
}

// Claims are the claims that a federated credential of an Entra application must have, letter for letter.
type Claims struct {
	Issuer, Subject string
	Audience        []string
}

// ClaimsOf reads the claims of a token without checking it. It returns false if the token is not a JWT.
func ClaimsOf(token secret.String) (Claims, bool) {
	parts := strings.Split(token.Reveal(), ".")
	if len(parts) != 3 {
		return Claims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return Claims{}, false
	}
	var claims struct {
		Issuer   string          `json:"iss"`
		Subject  string          `json:"sub"`
		Audience json.RawMessage `json:"aud"` // a text or a list of texts (RFC 7519 §4.1.3)
	}
	if json.Unmarshal(payload, &claims) != nil {
		return Claims{}, false
	}
	c := Claims{Issuer: claims.Issuer, Subject: claims.Subject}
	var one string
	if json.Unmarshal(claims.Audience, &one) == nil {
		c.Audience = []string{one}
		return c, true
	}
	return c, json.Unmarshal(claims.Audience, &c.Audience) == nil
}

// String returns the claims as they are entered in the portal.
func (c Claims) String() string {
	return fmt.Sprintf("issuer %q, subject %q, audience %q", c.Issuer, c.Subject, strings.Join(c.Audience, ", "))
}
