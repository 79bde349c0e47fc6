package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/pairing"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/setup"
)

// Names that could be something else in YAML, or end a scalar or a comment.
var yamlNames = []string{
	"a\n    protect: ['*']", "a\r  - name: b", "a\u2028b: c", "a\u0085b: c", "# a", "a # b", "- a", "- name: a", "a: b", "*a", "&a b", "!!int 1", "|", ">-",
	"{a: b}", "[a]", "'", `"`, `\`, `"\n"`, "%a", "@a", "`a", "? a", "---", "...", "null", "~", "true", "yes", "1e3", "0x1F", "2027-03-01", ".inf", "=", "<<",
	"\xff\xfe", "\u202ea", "\ufeffa", "a\tb", "a\x00b", "\U000e0001a", strings.Repeat("long ", 60),
}

// The entries of map are those of a configuration, one for each pair and with nothing else in it, whatever the groups are called.
func TestProposalsAreEntries(t *testing.T) {
	var pairs []pairing.Pair
	for i, name := range slices.Concat(yamlNames, nasty, []string{"again", "again", "taken"}) {
		group := func(kind int) pairing.Group {
			return pairing.Group{ID: fmt.Sprintf("%08d-0000-4000-8000-%012d", i, kind), Name: name, Kinds: []string{"security"}}
		}
		pairs = append(pairs, pairing.Pair{Entra: group(1), Genesys: group(2)})
	}
	var out bytes.Buffer
	p := report.Proposal{Result: pairing.Result{Pairs: pairs}, Taken: []string{"taken"}}
	do(t, report.Text{W: &out}.Proposal(p))
	if found := spoken(out.String()); len(found) > 0 {
		t.Errorf("it says %q", found)
	}
	path := filepath.Join(t.TempDir(), "callroll.yaml")
	do(t, os.WriteFile(path, []byte("groups:\n  - {name: taken, entra: ffffffff-0000-4000-8000-000000000000, genesys: Taken}\n"+out.String()), 0o600))
	c, err := config.Load(t.Context(), config.Options{Path: path})
	do(t, err)
	settings, err := setup.Settings(c)
	do(t, err)
	if len(settings.Mappings) != len(pairs)+1 {
		t.Fatalf("%d entries for %d pairs", len(settings.Mappings), len(pairs))
	}
	for i, m := range settings.Mappings[1:] {
		pair := pairs[i]
		if !slices.Equal(m.Entra, []string{pair.Entra.ID}) || m.Genesys != pair.Genesys.ID || m.Mode != plan.AddOnly ||
			len(m.Protect)+len(m.Exclude) > 0 || m.Nested || m.AllowEmpty || m.Unmatched || m.Rules {
			t.Errorf("%q became %+v", pair.Entra.Name, m)
		}
		name := report.Harmless(strings.TrimSpace(pair.Genesys.Name))
		if m.Name != name && m.Name != name+" ("+m.Genesys+")" {
			t.Errorf("%q is called %q", name, m.Name)
		}
	}
}

func TestUnfitSource(t *testing.T) {
	id, hidden := "00000001-0000-4000-8000-000000000001", graph.Identity{Roles: []string{"Member.Read.Hidden"}}
	for _, tt := range []struct {
		id    string
		kinds []graph.GroupKind
		who   graph.Identity
		want  string
	}{
		{id, []graph.GroupKind{graph.Security, graph.Dynamic, graph.RoleAssignable}, graph.Identity{}, ""},
		{id, []graph.GroupKind{graph.Microsoft365}, graph.Identity{}, ""},
		{id, []graph.GroupKind{graph.Distribution}, hidden, "Exchange"},
		{id, []graph.GroupKind{graph.MailEnabledSecurity, graph.Dynamic}, hidden, "Exchange"},
		{id, []graph.GroupKind{graph.UnknownKind}, hidden, "does not say"},
		{id, []graph.GroupKind{graph.Security, graph.HiddenMembership}, graph.Identity{}, "Member.Read.Hidden"},
		{id, []graph.GroupKind{graph.Security, graph.HiddenMembership}, hidden, ""},
		{"Sales", []graph.GroupKind{graph.Security}, hidden, "object id"},
	} {
		g := graph.ListedGroup{GroupName: graph.GroupName{ID: tt.id}, Kinds: tt.kinds}
		if got := unfitSource(g, tt.who); (got == "") != (tt.want == "") || !strings.Contains(got, tt.want) {
			t.Errorf("%s, %q: %q, want %q", tt.id, tt.kinds, got, tt.want)
		}
	}
}
