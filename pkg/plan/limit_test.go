package plan_test

import (
	"slices"
	"testing"

	"github.com/callroll/callroll/pkg/plan"
)

func TestParseLimit(t *testing.T) {
	for _, test := range []struct {
		in, want string // want is empty for invalid input
	}{
		{"0", "0"}, {"0%", "0%"}, {"100%", "100%"}, {"1.5%", "1.5%"}, {"10", "10"}, {" 25% ", "25%"}, {"0.0001%", "0.0001%"}, {"250%", "250%"}, {"007", "7"},
		{"-1", ""}, {"-1%", ""}, {"", ""}, {"%", ""}, {"1.5", ""}, {"1.%", ""}, {".5%", ""}, {"1.00001%", ""}, {"ten", ""}, {"10 %", ""},
		{"1e3", ""}, {"+5", ""}, {"99999999", ""}, {"5%%", ""}, {"none", ""},
	} {
		l, err := plan.ParseLimit(test.in)
		if (err == nil) != (test.want != "") || (err == nil && l.String() != test.want) {
			t.Errorf("ParseLimit(%q) = %q, %v; want %q", test.in, l, err, test.want)
		}
	}
}

func TestParseRemovals(t *testing.T) {
	for in, want := range map[string]string{"0": "0", "25%": "25%", "100%": "100%", "250": "250", "100.0001%": "", "250%": "", "ten": ""} {
		l, err := plan.ParseRemovals(in)
		if (err == nil) != (want != "") || (err == nil && l.String() != want) {
			t.Errorf("ParseRemovals(%q) = %q, %v; want %q", in, l, err, want)
		}
	}
	for _, l := range []plan.Limit{plan.Count(0), plan.Percent(0), plan.Percent(25)} {
		again, err := plan.ParseLimit(l.String())
		if err != nil || again != l || !l.IsSet() {
			t.Errorf("%q becomes %q, %v", l, again, err)
		}
	}
	if (plan.Limit{}).IsSet() {
		t.Error("the zero limit is set")
	}
}

func TestParseMode(t *testing.T) {
	for in, want := range map[string]plan.Mode{"": plan.Mirror, "mirror": plan.Mirror, "Add-Only": plan.AddOnly, "paused": plan.Paused} {
		if got, err := plan.ParseMode(in); err != nil || got != want {
			t.Errorf("ParseMode(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	if _, err := plan.ParseMode("addonly"); err == nil {
		t.Error("addonly is taken for a mode")
	}
}

func TestPattern(t *testing.T) {
	for _, test := range []struct {
		pattern, s string
		want       bool
	}{
		{"ann@x", "ANN@X", true}, {"ann@x", "joann@x", false}, {"ann@x", "ann@x.com", false},
		{"svc-*@x", "svc-bot@x", true}, {"svc-*@x", "svc-@x", true}, {"svc-*@x", "asvc-bot@x", false}, {"svc-*@x", "svc-bot@y", false},
		{"*", "anybody", true}, {"*@x", "ann@x", true}, {"a*b*c", "aXXbYYc", true}, {"a*b*c", "abc", true}, {"a*b*c", "acb", false}, {"a*b*c", "ac", false},
		{"a*a", "a", false}, {"ab*ba", "aba", false}, {"*ab*ab", "ab", false}, {"a.b", "axb", false}, {"*b", "ba", false}, {"a*b", "abc", false},
	} {
		p, err := plan.ParsePattern(test.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Matches(test.s); got != test.want {
			t.Errorf("%q matches %q: %v, want %v", test.pattern, test.s, got, test.want)
		}
	}
	if _, err := plan.ParsePattern("  "); err == nil {
		t.Error("an empty pattern is taken")
	}
	if (plan.Pattern{}).Matches("") {
		t.Error("the zero pattern matches")
	}
}

// A pattern of protect in another syntax would be taken literally, and protect nobody.
func TestParseProtected(t *testing.T) {
	for _, bad := range []string{"svc[0-9]@x", "svc{a,b}@x", "sv?@x", `svc\*@x`, "svc]@x", "svc}@x", "", " "} {
		if p, err := plan.ParseProtected(bad); err == nil {
			t.Errorf("%q is taken as %q", bad, p)
		}
	}
	p, err := plan.ParseProtected(" SVC-*@x ")
	if err != nil || p.String() != "svc-*@x" || !p.Matches("svc-bot@x") {
		t.Errorf("%q, %v", p, err)
	}
}

func TestUselessLimits(t *testing.T) {
	for _, c := range []struct {
		remove, add string
		says        []string
	}{
		{"25%", "100%", nil},
		{"0", "10", []string{"limits.remove is 0, so that every group is refused that somebody has to leave"}},
		{"100%", "10", []string{"limits.remove is 100%, so that it stops no removal"}},
		{"99.9999%", "0%", []string{"limits.add is 0, so that every group is refused that somebody has to join"}},
		{"5", "5", nil},
	} {
		limits := plan.DefaultLimits()
		limits.Remove, limits.Add = parse(t, c.remove), parse(t, c.add)
		if got := limits.Useless(); !slices.Equal(got, c.says) {
			t.Errorf("remove %s, add %s: %q, want %q", c.remove, c.add, got, c.says)
		}
	}
	for remove, most := range map[string]int{"7": 7, "0": 0, "100%": 0} { // the largest group that the limit does not protect
		limits := plan.Limits{Remove: parse(t, remove)}
		for members := range 10 {
			if got, want := limits.StopsNoRemoval(members), members > 0 && members <= most; got != want {
				t.Errorf("remove %s and %d members: %v, want %v", remove, members, got, want)
			}
		}
	}
}

func parse(t *testing.T, text string) plan.Limit {
	t.Helper()
	limit, err := plan.ParseLimit(text)
	if err != nil {
		t.Fatal(err)
	}
	return limit
}
