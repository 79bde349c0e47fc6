package graph

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// readsApplication says whether the application may read its own object (page "Get application"). None of these permissions is
// needed for a run, so that most applications have none of them.
func (i Identity) readsApplication() bool {
	return slices.ContainsFunc(i.Roles, func(role string) bool {
		return slices.Contains([]string{"Application.Read.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All"}, role)
	})
}

// secretEndTime is the maximum time for reading when the secret expires. The run waits for it.
const secretEndTime = 10 * time.Second

// secretEnd reads when the client secret expires from the application's own object. It never signs in, it sends one request at
// most, and an error means that the end is not known: a run does not depend on it.
type secretEnd struct {
	signIn *signIn
	client *rest.Client // makes one attempt, and has its own circuit breaker

	once sync.Once
	end  time.Time
}

// newSecretEnd returns the reader. o are the options of the client for Graph.
func newSecretEnd(in *signIn, o rest.Options) (*secretEnd, error) {
	o.Token, o.Retry = nil, rest.Retry{Attempts: 1} // with Token, a 401 would be another sign-in and another request
	client, err := rest.New(o)
	return &secretEnd{signIn: in, client: client}, err
}

// get returns when the secret expires, or the zero time if that is not known or never happens.
func (s *secretEnd) get(ctx context.Context) time.Time {
	s.once.Do(func() {
		token := s.signIn.latest.Load()
		if s.signIn.credential.Secret.IsZero() || token == nil || !time.Now().Before(token.Expires) ||
			!membership.IsID(s.signIn.clientID) || !parseIdentity(token.Value).readsApplication() {
			return
		}
		s.end = s.read(ctx, token.Value)
	})
	return s.end
}

// read asks for the secrets of the application, and not for its certificates, for which Graph has a low limit of requests (page
// "Get application").
func (s *secretEnd) read(ctx context.Context, token secret.String) time.Time {
	ctx, cancel := context.WithTimeout(ctx, secretEndTime)
	defer cancel()
	var application struct {
		Passwords []passwordCredential `json:"passwordCredentials"`
	}
	_, err := s.client.Do(ctx, rest.Request{
		Method: http.MethodGet, Path: "/v1.0/applications(appId='" + s.signIn.clientID + "')",
		Query:  url.Values{"$select": {"passwordCredentials"}},
		Header: http.Header{"Authorization": {"Bearer " + token.Reveal()}},
	}, &application)
	if err != nil {
		return time.Time{}
	}
	return endOf(s.signIn.credential.Secret, application.Passwords)
}

// passwordCredential is one secret of an application (page "passwordCredential resource type"). The hint is the first three
// characters of the secret, and is treated as a secret. Secrets that an old tool has made have no hint.
type passwordCredential struct {
	Hint string     `json:"hint"`
	Ends *time.Time `json:"endDateTime"`
}

// endOf returns when a secret expires. Several secrets may have the same hint; then it is the last of their ends, because an
// earlier one may be that of another secret.
func endOf(used secret.String, all []passwordCredential) (end time.Time) {
	for _, one := range all {
		if !strings.HasPrefix(used.Reveal(), one.Hint) {
			continue
		}
		if one.Ends == nil {
			return time.Time{}
		}
		if one.Ends.After(end) {
			end = *one.Ends
		}
	}
	return end
}
