package rest_test

import (
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

// Entra makes secrets with a tilde and other marks that a service may escape or not, with capitals or without.
func TestSpellingsOfASecret(t *testing.T) {
	redact := rest.NewRedactor()
	redact.Add(secret.New("Qm8~Zx_7-Lk.Vw/9pT"))
	for _, text := range []string{
		"Qm8~Zx_7-Lk.Vw/9pT", "Qm8~Zx_7-Lk.Vw%2F9pT", "Qm8~Zx_7-Lk.Vw%2f9pT", "Qm8%7EZx_7-Lk.Vw%2F9pT", "Qm8%7eZx_7-Lk.Vw%2f9pT",
		"Qm8%7EZx%5F7%2DLk%2EVw%2F9pT", "Qm8%7eZx%5f7%2dLk%2eVw%2f9pT", "%51%6d%38%7e%5a%78%5F7-%4Ck.Vw/9pT",
		"Qm8&#x7E;Zx_7-Lk.Vw/9pT", "Qm8&#126;Zx&lowbar;7-Lk.Vw&#X2f;9pT", `Qm8\u007eZx_7-Lk.Vw\/9pT`, `\u0051m8\u007EZx\u005F7-Lk.Vw/9pT`,
		"UW04flp4XzctTGsuVncvOXBU", "UW04flp4XzctTGsuVncvOXBU"[:23] + "%55", "UW04&#x66;lp4XzctTGsuVncvOXBU",
	} {
		if got := redact.Text("it said "+text+" there", 200); strings.Contains(got, "Zx") || strings.Contains(got, "zctT") || !strings.Contains(got, "it said [secret]") {
			t.Errorf("%q is shown as %q", text, got)
		}
	}
}
