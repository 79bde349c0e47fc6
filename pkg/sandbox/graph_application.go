package sandbox

import (
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"time"

	"github.com/google/uuid"
)

// hintLength is how much of a secret its hint shows (Microsoft Graph: passwordCredential resource type).
const hintLength = 3

// application answers with the application that callroll signs in as, which is the only one (Microsoft Graph: get application).
// The segment is applications(appId='…'). A caller that may read no other application can read its own.
func (w *World) application(c *request, caller grant, segment string) *reply {
	id := strings.TrimSuffix(strings.TrimPrefix(segment, "applications(appId='"), "')")
	permitted := caller.has("Application.Read.All", "Application.ReadWrite.OwnedBy", "Directory.Read.All")
	q, r := w.parseGraph(c, applicationKind, permitted, "$select")
	switch {
	case r != nil:
		return r
	case !strings.EqualFold(id, w.entra.ClientID):
		return notFound(c, id)
	}
	return w.single(c, q, applicationKind, w.applicationProperties())
}

// isApplication says whether a segment is applications(appId='…').
func isApplication(segment string) bool {
	return strings.HasPrefix(segment, "applications(appId='") && strings.HasSuffix(segment, "')")
}

func (w *World) applicationProperties() map[string]any {
	passwords, keys := []any{}, []any{}
	if secret := w.entra.ClientSecret; secret != "" {
		passwords = append(passwords, map[string]any{
			"customKeyIdentifier": nil, "displayName": "callroll", "hint": secret[:min(hintLength, len(secret))],
			"keyId": w.idOf("secret"), "secretText": nil,
			"startDateTime": w.secretEnd().AddDate(-2, 0, 0).Format(time.RFC3339), "endDateTime": w.secretEnd().Format(time.RFC3339),
		})
	}
	for _, text := range w.entra.Certificates {
		certificate, err := parseCertificate(text)
		if err != nil {
			continue // entra.json was checked when it was read
		}
		thumbprint := sha1.Sum(certificate.Raw)
		keys = append(keys, map[string]any{
			"customKeyIdentifier": strings.ToUpper(hex.EncodeToString(thumbprint[:])), "displayName": certificate.Subject.String(),
			"key": nil, "keyId": w.idOf(text), "type": "AsymmetricX509Cert", "usage": "Verify",
			"startDateTime": certificate.NotBefore.UTC().Format(time.RFC3339),
			"endDateTime":   certificate.NotAfter.UTC().Format(time.RFC3339),
		})
	}
	return map[string]any{
		"id": w.idOf("application"), "appId": w.entra.ClientID, "displayName": "callroll",
		"passwordCredentials": passwords, "keyCredentials": keys,
	}
}

// idOf returns an id that is always the same for a part of the application.
func (w *World) idOf(part string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte(w.entra.ClientID+"/"+part)).String()
}

// secretEnd returns when the client secret ends. One without an end has the latest time that Entra knows.
func (w *World) secretEnd() time.Time {
	if w.entra.ClientSecretExpires.IsZero() {
		return time.Date(2299, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	return w.entra.ClientSecretExpires.UTC()
}
