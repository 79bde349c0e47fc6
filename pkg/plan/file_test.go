package plan_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

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
	if diff := cmp.Diff(samplePlan().Groups[0], got.Groups[1]); diff != "" {
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
