package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// What each package may import of ours. The drawing of the README is data; this is the imports.
func TestArrows(t *testing.T) {
	const module = "github.com/callroll/callroll/"
	allowed := map[string]string{
		"pkg/textfile":           "",
		"pkg/internal/jsonarray": "",
		"pkg/internal/escape":    "",
		"pkg/internal/guid":      "",
		"pkg/internal/list":      "",
		"pkg/internal/timer":     "",
		"pkg/internal/jsonfile":  "internal/escape",
		"pkg/internal/bug":       "membership secret",
		"pkg/secret":             "internal/guid textfile",
		"pkg/certificate":        "secret",
		"pkg/config":             "internal/guid secret textfile",
		"pkg/membership":         "internal/list internal/guid internal/jsonfile",
		"pkg/pairing":            "membership",
		"pkg/schedule":           "",
		"pkg/plan":               "internal/list internal/jsonfile membership",
		"pkg/internal/scim":      "internal/jsonarray membership",
		"pkg/rest":               "internal/escape internal/timer secret textfile",
		"pkg/idtoken":            "membership rest secret",
		"pkg/graph":              "internal/list certificate idtoken internal/jsonarray membership rest secret",
		"pkg/genesys":            "internal/bug internal/scim membership rest secret",
		"pkg/push":               "internal/list internal/bug internal/timer membership plan",
		"pkg/probe":              "internal/bug internal/list internal/timer genesys membership",
		"pkg/journal":            "internal/list internal/escape internal/jsonfile internal/timer membership plan probe push",
		"pkg/report":             "internal/list internal/escape internal/jsonfile membership pairing plan probe push",
		"pkg/pipeline":           "internal/list internal/bug internal/scim membership plan rest graph genesys push journal secret",
		"pkg/setup":              "certificate config idtoken membership plan rest graph genesys journal pipeline secret",
		"pkg/sandbox":            "internal/timer textfile",
		"pkg/internal/oracle":    "", // the judge of the simulation shares no code with what it judges
		"pkg/simulation":         "internal/oracle sandbox",
		"cmd/callroll": "textfile secret config membership pairing plan rest graph genesys probe push journal report pipeline setup " +
			"sandbox schedule",
	}
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}{{range .Imports}} {{.}}{{end}}`, module+"...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		name := strings.TrimPrefix(fields[0], module)
		may, known := allowed[name]
		if !known {
			t.Errorf("package %s has no place in the drawing", name)
		}
		delete(allowed, name)
		for _, imported := range fields[1:] {
			ours, ok := strings.CutPrefix(imported, module+"pkg/")
			if ok && !slices.Contains(strings.Fields(may), ours) {
				t.Errorf("%s imports %s, which the drawing does not have", name, ours)
			}
		}
	}
	for name := range allowed {
		t.Errorf("package %s is gone", name)
	}
}

// The pure packages know no network, no clock, no disk and no logger.
func TestPurePackages(t *testing.T) {
	forbidden := []string{"net", "net/http", "os", "log", "log/slog", "io/fs", "math/rand", "math/rand/v2", "context"}
	for _, name := range []string{"membership", "pairing", "plan", "internal/scim", "certificate"} {
		out, err := exec.Command("go", "list", "-f", `{{range .Imports}}{{.}} {{end}}`, "github.com/callroll/callroll/pkg/"+name).Output()
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		for _, imported := range strings.Fields(string(out)) {
			if slices.Contains(forbidden, imported) {
				t.Errorf("%s imports %s", name, imported)
			}
		}
	}
}
