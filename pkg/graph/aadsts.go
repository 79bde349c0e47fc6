package graph

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// signInProblem is what an error code of Entra means, and what to do about it (page "Microsoft Entra authentication and
// authorization error codes"). Both are shown without the text of Entra, which is long and speaks to developers.
type signInProblem struct {
	codes   []string
	meaning string
	advice  string
	keys    []string // see Suspects
}

// correlationID is the name of the id that Microsoft's support asks for.
const correlationID = "correlation_id"

// maxReason is the maximum number of characters of the reason why a sign-in failed, so that the line stays below 160 columns.
const maxReason = 125

// portal is where an application's secrets, certificates and federated credentials are.
const portal = "\nwhere: Entra admin center, App registrations, Certificates & secrets"

// problemOf returns the problem of an error code.
func problemOf(code string) (signInProblem, bool) {
	problems := []signInProblem{
		{[]string{"7000215"}, "the client secret is wrong",
			"copy the value of the secret and not its id; make a new secret if in doubt" + portal, []string{"entra.client_secret"}},
		{[]string{"7000222"}, "the client secret has expired", "make a new secret now, and change the configuration" + portal,
			[]string{"entra.client_secret", "entra.secret_expires"}},
		{[]string{"700016"}, "the tenant does not have this application", "check entra.client_id, entra.tenant_id and entra.cloud",
			[]string{"entra.client_id", "entra.tenant_id"}},
		{[]string{"90002"}, "there is no such tenant in this cloud", "check entra.tenant_id and entra.cloud", []string{"entra.tenant_id"}},
		{[]string{"50034"}, "the tenant does not have this account", "check entra.client_id, entra.tenant_id and entra.cloud",
			[]string{"entra.client_id", "entra.tenant_id"}},
		{[]string{"53003"}, "Conditional Access does not allow this sign-in",
			"ask who manages Conditional Access for workload identities, for example to allow the address of this machine", nil},
		{[]string{"700027"}, "the certificate is not registered with the application",
			"upload the certificate without its key" + portal, []string{"entra.certificate"}},
		{[]string{"700024"}, "the signed token is not valid at this time",
			"check the clock of this machine, and how old the federated token is", nil},
		{[]string{"70021", "700211", "700212", "700213", "7002138"}, "no federated credential of the application fits the token",
			"add a federated credential with exactly these values" + portal, nil},
		{[]string{"50013", "50166"}, "the signature of the token cannot be verified",
			"check that the token is from the issuer that its federated credential names, and that Entra can read the issuer's keys", nil},
		{[]string{"500011"}, "the tenant does not have Microsoft Graph at this address", "check entra.cloud and entra.graph_url", nil},
		{[]string{"7000112"}, "the application is disabled", "enable it in the Entra admin center, under Enterprise applications", nil},
	}
	i := slices.IndexFunc(problems, func(p signInProblem) bool { return slices.Contains(p.codes, code) })
	if i < 0 {
		return signInProblem{}, false
	}
	return problems[i], true
}

// codeOf returns the number of an AADSTS code in a message of Entra, or an empty string.
func codeOf(message string) string {
	found := regexp.MustCompile(`AADSTS(\d+)`).FindStringSubmatch(message)
	if found == nil {
		return ""
	}
	return found[1]
}

// refusedSignIn is a refusal whose meaning is known. Its text is short, and leaves out the message of Entra.
type refusedSignIn struct {
	text string
	err  error
	keys []string
}

func (e *refusedSignIn) Error() string { return e.text }
func (e *refusedSignIn) Unwrap() error { return e.err }

// Suspects returns the beginnings of keys of the configuration. The values of these keys are the likely cause of a failed sign-in. It
// is empty if the error does not tell.
func Suspects(err error) []string {
	if e, ok := errors.AsType[*refusedSignIn](err); ok {
		return slices.Clone(e.keys)
	}
	return nil
}

// explain returns the final error of a sign-in, with its cause. proof is the federated token that was sent, if any.
func (s *signIn) explain(err error, proof assertion) error {
	if errors.As(err, new(*membership.Error)) {
		return err
	}
	e, ok := errors.AsType[*rest.Error](err)
	if !ok || e.Kind != rest.Refused {
		cause := membership.Unavailable
		if rest.RefusedByProxy(err) {
			cause = membership.Denied
		}
		return membership.Fail(cause, fmt.Errorf("signing in to Entra: %w", rest.Brief(err, maxReason, correlationID)))
	}
	code := codeOf(e.Message)
	problem, known := problemOf(code)
	if !known {
		return membership.FailFor(membership.Denied, fmt.Errorf("signing in to Entra: %w", rest.Brief(err, maxReason, correlationID)),
			s.advice(signInProblem{advice: "check " + s.configured() + "; -v shows the whole answer"}, proof))
	}
	if ends := s.ends; code == "7000222" && !ends.IsZero() && ends.Before(time.Now()) {
		problem.meaning = "the client secret expired on " + ends.UTC().Format(time.DateOnly)
	}
	notes := append([]string{"AADSTS" + code}, slices.DeleteFunc(slices.Clone(e.RequestIDs), func(id string) bool {
		return !strings.HasPrefix(id, correlationID+" ")
	})...)
	text := fmt.Sprintf("signing in to Entra: %s (%s)", problem.meaning, strings.Join(notes, ", "))
	return membership.FailFor(membership.Denied, &refusedSignIn{text, err, problem.keys}, s.advice(problem, proof))
}

// advice returns what to do about a problem, a line for each thing that must be compared with the portal.
func (s *signIn) advice(p signInProblem, proof assertion) string {
	lines := []string{p.advice}
	if c := s.credential.Certificate; c != nil && slices.Contains(p.codes, "700027") {
		lines = append(lines, "thumbprint: "+c.Thumbprint())
	}
	if proof.claims.Issuer != "" {
		lines = append(lines, "issuer: "+oneLine(proof.claims.Issuer), "subject: "+oneLine(proof.claims.Subject),
			"audience: "+oneLine(strings.Join(proof.claims.Audience, ", ")))
	}
	if id := s.credential.ManagedIdentity; id != "" {
		lines = append(lines, "managed identity: "+id)
	} else {
		lines = append(lines, "application: "+secret.Mask(s.clientID), "tenant: "+s.tenant)
	}
	return strings.Join(lines, "\n")
}

// configured names the keys to check after a refusal that is not in the list of problems.
func (s *signIn) configured() string {
	switch c := s.credential; {
	case c.ManagedIdentity != "":
		return "that this machine has the managed identity"
	case c.Certificate != nil:
		return "the tenant, the client id and the certificate"
	case c.Assertion != nil:
		return "the tenant, the client id and the federated credential"
	}
	return "the tenant, the client id and the client secret"
}

// oneLine returns text without line breaks, which a line of a hint must not have.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
