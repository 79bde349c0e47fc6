package pipeline

import (
	"context"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/graph"
)

// EndsSoon is how long before its end a credential is pointed out in every report. A new one may need an approval.
const EndsSoon = 30 * 24 * time.Hour

const credentialNote = "the credential for Entra "

// IsCredentialNote says whether a note of a plan is about the end of the credential for Entra.
func IsCredentialNote(note string) bool { return strings.HasPrefix(note, credentialNote) }

// credentialNotes returns a note if the credential for Entra expires soon or has expired. The text is the same each day, so that
// --quiet reports it once a day. It may send a request, see [graph.Client.CredentialEnd].
func credentialNotes(ctx context.Context, entra *graph.Client, now time.Time) []string {
	if entra == nil {
		return nil
	}
	end := entra.CredentialEnd(ctx)
	if end.IsZero() || end.Sub(now) > EndsSoon {
		return nil
	}
	text, advice := EndText(end, now)
	return []string{credentialNote + text + "; " + advice}
}

// EndText says when a credential expires or has expired, and what to do about it.
func EndText(end, now time.Time) (text, advice string) {
	day := end.UTC().Format(time.DateOnly)
	if end.After(now) {
		return "expires on " + day, "make a new one before, and change the configuration"
	}
	return "expired on " + day, "make a new one now, and change the configuration"
}
