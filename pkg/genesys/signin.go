package genesys

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// signIn gets tokens by client credentials from the login host of the region (page "OAuth client credentials").
type signIn struct {
	clientID string
	basic    secret.String
	form     url.Values
	login    *rest.Client
}

// tokenMargin is how long before its expiry a token is renewed.
const tokenMargin = 30 * time.Second

// maxText is the maximum number of characters of the error of a sign-in, so that the line stays below 160 columns.
const maxText = 145

func newSignIn(o Options, login rest.Options) (*signIn, error) {
	basic := secret.New(base64.StdEncoding.EncodeToString([]byte(o.ClientID + ":" + o.Secret.Reveal())))
	login.Redact.Add(basic)
	client, err := rest.New(login)
	if err != nil {
		return nil, err
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	if o.Scope != "" {
		form.Set("scope", o.Scope)
	}
	return &signIn{clientID: o.ClientID, basic: basic, form: form, login: client}, nil
}

func (s *signIn) token(ctx context.Context) (rest.Token, error) {
	var answer struct {
		AccessToken string         `json:"access_token"`
		ExpiresIn   jsontext.Value `json:"expires_in"` // a number, or a number in quotes
	}
	requested := time.Now()
	_, err := s.login.Do(ctx, rest.Request{
		Method: http.MethodPost, Path: "/oauth/token", Body: []byte(s.form.Encode()), Repeat: true,
		Header: http.Header{
			"Authorization": {"Basic " + s.basic.Reveal()},
			"Content-Type":  {"application/x-www-form-urlencoded"},
		},
	}, &answer)
	if err == nil && answer.AccessToken == "" {
		err = errors.New("the answer has no access_token")
	}
	if err != nil {
		return rest.Token{}, s.explain(err)
	}
	token := rest.Token{Value: secret.New(answer.AccessToken), Margin: tokenMargin}
	if seconds, err := strconv.ParseInt(strings.Trim(string(answer.ExpiresIn), `"`), 10, 64); err == nil && seconds > 0 {
		token.Expires = requested.Add(time.Duration(seconds) * time.Second)
	}
	return token, nil
}

// explain returns the final error of a sign-in, with its cause. The vendor does not document whether bad credentials are
// answered with 400 or 401.
func (s *signIn) explain(err error) error {
	text := func(doing string) error {
		return fmt.Errorf("%s: %w", doing, rest.Brief(err, maxText-len(doing), requestID))
	}
	e, ok := errors.AsType[*rest.Error](err)
	if ok && e.Kind == rest.Refused && slices.Contains([]int{400, 401, 403}, e.Status) {
		return membership.FailFor(membership.Denied, text("signing in to Genesys: bad credentials"), fmt.Sprintf(
			"check the region first, because a client exists in one region only; then the client id, then the client secret\n"+
				"host: %s\nclient: %s", s.login.Host(), secret.Mask(s.clientID)))
	}
	cause := membership.Unavailable
	if rest.RefusedByProxy(err) {
		cause = membership.Denied
	}
	return membership.Fail(cause, text("signing in to Genesys at "+s.login.Host()))
}

// decodeSignInError reads the error of the token endpoint. If the rate is exceeded, the endpoint answers 400 instead of
// 429.
func decodeSignInError(status int, body []byte) rest.Detail {
	var b struct {
		Error            string `json:"error"`
		Description      string `json:"description"`
		ErrorDescription string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &b) // if the body is not JSON, only the status is known
	limited := strings.Contains(strings.ToLower(b.Description+" "+b.ErrorDescription), "rate limit exceeded")
	return rest.Detail{
		Code:      b.Error,
		Message:   cmp.Or(b.Description, b.ErrorDescription),
		Throttled: status == http.StatusBadRequest && limited || status < 500 && rest.LaterCode(b.Error),
	}
}
