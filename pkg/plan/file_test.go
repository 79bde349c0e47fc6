package plan_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

func samplePlan() plan.Plan {
	made := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	return plan.Plan{
		Made: made, Expires: made.Add(time.Hour), Tenant: "t", Genesys: "api.mypurecloud.ie",
		Groups: []plan.Group{change("b", 20, 1, 2), change("a", 3, 0, 0)},
	}
}

func TestPlanComesBack(t *testing.T) {
	data, err := samplePlan().Encode()
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	if got.Groups[0].Name != "a" || got.Groups[1].Name != "b" {
		t.Errorf("groups are not sorted: %s, %s", got.Groups[0].Name, got.Groups[1].Name)
	}
	if diff := cmp.Diff(samplePlan().Groups[0].Whole(), got.Groups[1], cmpopts.IgnoreUnexported(plan.Group{})); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
}

func TestDecodeRefuses(t *testing.T) {
	good, err := samplePlan().Encode()
	if err != nil {
		t.Fatal(err)
	}
	text := string(good)
	for _, test := range []struct {
		name, data string
		want       error
	}{
		{"cut", text[:len(text)-4], membership.ErrFormat},
		{"another kind", strings.Replace(text, `"kind": "plan"`, `"kind": "result"`, 1), membership.ErrFormat},
		{"another format", strings.Replace(text, `"format": 1`, `"format": 3`, 1), membership.ErrFormat},
		{"one more member", strings.Replace(text, `"members": [`, `"members": ["id-eve",`, 1), plan.ErrEdited},
		{"another org", strings.Replace(text, "mypurecloud.ie", "mypurecloud.de", 1), plan.ErrEdited},
		{"a longer life", strings.Replace(text, "T07:00:00Z", "T09:00:00Z", 1), plan.ErrEdited},
		{"no fingerprint", text[:strings.Index(text, `"fingerprint"`)] + `"fingerprint":""}`, plan.ErrEdited},
	} {
		if test.data == text {
			t.Fatalf("%s: the sample is unchanged", test.name)
		}
		if _, err := plan.Decode([]byte(test.data)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
}

func FuzzDecode(f *testing.F) {
	good, err := samplePlan().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":1,"kind":"plan"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := plan.Decode(data)
		if err != nil {
			return
		}
		for _, g := range p.Groups {
			g.FoundIDs()
		}
		again, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := plan.Decode(again); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
	})
}

// A second entry of the present configuration that leads to the same group is its twin, though the plan knows nothing of it.
func TestRecheckSeesTwinsInTheConfiguration(t *testing.T) {
	planned := change("a", 20, 1, 2)
	planned.DisplayName, planned.Entra = "Sales", []string{"e1"}
	rs := []plan.Rule{{Name: "by id", Genesys: planned.ID, Entra: []string{"e1"}}, {Name: "by name", Genesys: "Sales", Entra: []string{"e2"}}}
	if got := plan.Recheck([]plan.Group{planned}, rs, policy()); rules(got[0]) != "twins" {
		t.Errorf("refused by %q, want twins", rules(got[0]))
	}
}

func TestRecheck(t *testing.T) {
	rule := plan.Rule{Name: "a", Genesys: "Sales", Entra: []string{"e1", "e2"}}
	planned := change("a", 20, 1, 2)
	planned.Genesys, planned.Entra, planned.DisplayName = "Sales", []string{"e1", "e2"}, "Sales EMEA"
	with := func(f func(*plan.Rule)) plan.Rule { r := rule; f(&r); return r }
	refused := change("a", 20, 1, 30)
	refused.Genesys, refused.Entra, refused.State = "Sales", planned.Entra, plan.Refused
	refused.Refusals = []plan.Refusal{{Rule: "old"}}
	for _, test := range []struct {
		name   string
		group  plan.Group
		rule   plan.Rule
		policy func(*plan.Policy)
		want   string
	}{
		{name: "nothing has changed", group: planned, rule: rule},
		{name: "joined by its displayName", group: planned, rule: with(func(r *plan.Rule) { r.Genesys = planned.DisplayName })},
		{name: "people taken in another way", group: planned, rule: with(func(r *plan.Rule) { r.Source = "nested" }), want: "mapping"},
		{name: "joined by id, under another name", group: planned, rule: with(func(r *plan.Rule) { r.Name, r.Genesys = "new name", planned.ID })},
		{name: "no mapping any more", group: planned, rule: plan.Rule{Name: "b", Genesys: "Other"}, want: "mapping"},
		{name: "fed by other groups", group: planned, rule: with(func(r *plan.Rule) { r.Entra = []string{"e1"} }), want: "mapping"},
		{name: "the same groups in another order", group: planned, rule: with(func(r *plan.Rule) { r.Entra = []string{"e2", "e1"} })},
		{name: "paused since", group: planned, rule: with(func(r *plan.Rule) { r.Mode = plan.Paused }), want: "mode"},
		{name: "add-only since", group: planned, rule: with(func(r *plan.Rule) { r.Mode = plan.AddOnly }), want: "mode"},
		{name: "protected since", group: planned, rule: with(func(r *plan.Rule) { r.Protect = pattern(t, "ra1@*") }), want: "protect"},
		{name: "somebody else protected since", group: planned, rule: with(func(r *plan.Rule) { r.Protect = pattern(t, "ka1@*") })},
		{name: "no removals in this run", group: planned, rule: rule, policy: func(p *plan.Policy) { p.NoRemovals = true }, want: "mode"},
		{name: "a stricter limit since", group: planned, rule: rule, policy: func(p *plan.Policy) { p.Limits.Remove = plan.Count(1) }, want: "removals"},
		{name: "an old refusal is judged anew", group: refused, rule: rule, want: "removals"},
		{name: "and may be allowed now", group: refused, rule: rule, policy: func(p *plan.Policy) { p.AllowRemovals = map[string]int{"a": 30} }},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := policy()
			if test.policy != nil {
				test.policy(&p)
			}
			got := plan.Recheck([]plan.Group{test.group}, []plan.Rule{test.rule}, p)
			plan.Judge(got, []plan.Rule{test.rule}, p)
			if rules(got[0]) != test.want {
				t.Errorf("refused by %q, want %q", rules(got[0]), test.want)
			}
			if test.want != "mapping" && got[0].Name != test.rule.Name {
				t.Errorf("called %q, want the present name %q", got[0].Name, test.rule.Name)
			}
			if test.want == "" && got[0].State != plan.Changes {
				t.Errorf("state is %q, want %q", got[0].State, plan.Changes)
			}
		})
	}
}
