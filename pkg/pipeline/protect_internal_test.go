package pipeline

import (
	"fmt"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// A pattern matches nobody only if all members are known in each of its groups.
func TestProtectionsThatMatchNobody(t *testing.T) {
	dir := membership.NewDirectory([]membership.Account{{ID: "1", UserName: "Svc-Door@x"}, {ID: "2", UserName: "amy@x"}},
		[]membership.Key{membership.UserPrincipalName})
	mapping := func(name string, patterns ...string) Mapping {
		m := Mapping{Rule: plan.Rule{Name: name}}
		for _, text := range patterns {
			pattern, err := plan.ParsePattern(text)
			if err != nil {
				t.Fatal(err)
			}
			m.Protect = append(m.Protect, pattern)
		}
		return m
	}
	both, unseen := []string{"1", "2"}, []string{"9"}
	for _, test := range []struct {
		name string
		note func(*protections)
		want string // where the directory need not have every account
	}{
		{"by name, by id, and nobody", func(p *protections) { p.note(mapping("A", "svc-*", "2", "bob@x"), both, true, dir) }, `"bob@x" (A)`},
		{"in another group", func(p *protections) {
			p.note(mapping("A", "svc-*"), nil, true, dir)
			p.note(mapping("B", "SVC-*"), both, true, dir)
		}, ""},
		{"in no group", func(p *protections) {
			p.note(mapping("B", "bob@x"), both, true, dir)
			p.note(mapping("A", "bob@x"), nil, true, dir)
		}, `"bob@x" (A, B)`},
		{"a member in no list of users", func(p *protections) { p.note(mapping("A", "bob@x"), unseen, true, dir) }, ""},
		{"a group that cannot be read", func(p *protections) { p.note(mapping("A", "bob@x"), nil, false, dir) }, ""},
		{"no pattern", func(p *protections) { p.note(mapping("A"), both, true, dir) }, ""},
	} {
		p := protections{}
		test.note(&p)
		want := test.want
		if want != "" {
			want = "these patterns of protect match no member at present, and other accounts were not read: " + want
		}
		if got := p.remark(dir, false); got != want {
			t.Errorf("%s: %q, want %q", test.name, got, want)
		}
	}
}

// Somebody may be protected before they are a member.
func TestProtectedBeforeTheyAreMembers(t *testing.T) {
	dir := membership.NewDirectory([]membership.Account{{ID: "1", UserName: "Break.Glass@x"}}, []membership.Key{membership.UserPrincipalName})
	var m Mapping
	m.Name = "A"
	for _, text := range []string{"break*@x", "1", "brake*@x"} {
		pattern, err := plan.ParsePattern(text)
		if err != nil {
			t.Fatal(err)
		}
		m.Protect = append(m.Protect, pattern)
	}
	p := protections{}
	p.note(m, nil, true, dir)
	if got, want := p.remark(dir, true), `these patterns of protect match no account in Genesys: "brake*@x" (A)`; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// A message names twenty, and counts the others.
func TestFirstOf(t *testing.T) {
	var names []string
	want := "n1"
	for i := range 22 {
		names = append(names, fmt.Sprintf("n%d", i+1))
		if i > 0 && i < 20 {
			want += fmt.Sprintf(", n%d", i+1)
		}
	}
	if got := firstOf(names); got != want+" and 2 more" {
		t.Errorf("firstOf(22 names) = %s", got)
	}
	if got := firstOf(names[:20]); got != want {
		t.Errorf("firstOf(20 names) = %s", got)
	}
}
