package pairing_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/pairing"
)

// groups makes groups from names: "Sales", "Sales!" which is unfit and "Sales=entry" which an entry has.
func groups(side, texts string) []pairing.Group {
	var out []pairing.Group
	if texts == "" {
		return nil
	}
	for i, text := range strings.Split(texts, "|") {
		g := pairing.Group{ID: fmt.Sprintf("%s%d", side, i+1)}
		text, unfit := strings.CutSuffix(text, "!")
		if unfit {
			g.Unfit = "unfit"
		}
		name, entry, mapped := strings.Cut(text, "=")
		if g.Name = name; mapped {
			g.Mappings = []string{entry}
		}
		out = append(out, g)
	}
	return out
}

func TestSameName(t *testing.T) {
	const apart = ", apart from letter case and white space"
	for name, tt := range map[string]struct {
		entra, genesys string
		prefixes       pairing.Prefixes
		want           []string
	}{
		"equal":          {"Sales|Support|Other", "Support|Sales", pairing.Prefixes{}, []string{"e1+g2", "e2+g1"}},
		"alike":          {" SALES", "Sales ", pairing.Prefixes{}, []string{"e1~g1"}},
		"exactly first":  {"sales|Sales", "Sales", pairing.Prefixes{}, []string{"e2+g1"}},
		"exactly each":   {"sales|Sales", "Sales|sales", pairing.Prefixes{}, []string{"e2+g1", "e1+g2"}},
		"not a K":        {"\u212aings", "kings", pairing.Prefixes{}, []string{"genesys g1: no Entra group has this name"}},
		"nobody":         {"Other", "Sales", pairing.Prefixes{}, []string{"genesys g1: no Entra group has this name"}},
		"unfit":          {"Sales!", "Sales", pairing.Prefixes{}, []string{"genesys g1: the Entra group of this name, e1, is left out: unfit"}},
		"unfit target":   {"Sales", "Sales!", pairing.Prefixes{}, []string{"genesys g1: unfit"}},
		"unfit, nobody":  {"Sales!", "", pairing.Prefixes{}, nil},
		"both mapped":    {"Sales=x", "Sales=x", pairing.Prefixes{}, nil},
		"Entra mapped":   {"Sales=x", "Sales", pairing.Prefixes{}, []string{`genesys g1: the Entra group of this name, e1, is in the entry "x"`}},
		"Genesys mapped": {"Sales", "Sales=x", pairing.Prefixes{}, []string{`entra e1: the Genesys group of this name, g1, is in the entry "x"`}},
		"Entra twice":    {"Sales|Sales", "Sales", pairing.Prefixes{}, []string{"genesys g1: 2 Entra groups have this name: e1, e2"}},
		"one of two mapped": {
			"Sales|Sales=x", "Sales", pairing.Prefixes{}, []string{"genesys g1: 2 Entra groups have this name: e1, e2"},
		},
		"one of two unfit": {
			"Sales|Sales!", "Sales", pairing.Prefixes{}, []string{"genesys g1: 2 Entra groups have this name: e1, e2"},
		},
		"Genesys twice": {
			"Sales", "Sales|Sales=x", pairing.Prefixes{}, []string{"genesys g1: 2 Genesys groups have this name"},
		},
		"alike twice": {
			"sales|SALES", "Sales", pairing.Prefixes{}, []string{"genesys g1: 2 Entra groups have this name" + apart + ": e1, e2"},
		},
		"alike to a pair": {
			"Sales", "Sales|SALES", pairing.Prefixes{}, []string{"e1+g1", "genesys g2: 2 Genesys groups have this name" + apart},
		},
		"prefixes": {
			"GC-Sales|Sales|GC-Other|GC-", "Q Sales|Sales|Q ", pairing.Prefixes{Entra: "GC-", Genesys: "Q "},
			[]string{"e1+g1", `entra e3: no Genesys group is called "Q Other"`},
		},
		"a prefix is looked for": {
			"GC-Support", "q sales|Q Other", pairing.Prefixes{Entra: "GC-", Genesys: "Q "}, []string{
				`entra e1: no Genesys group is called "Q Support"`, `genesys g2: no Entra group is called "GC-Other"`,
				`genesys g1: no Entra group is called "GC-sales"`,
			},
		},
		"no prefix of Entra":   {"Sales", "Sales|Other", pairing.Prefixes{Entra: "GC "}, []string{`no Entra group begins with "GC "`}},
		"no prefix of Genesys": {"GC Sales", "Sales", pairing.Prefixes{"GC ", "Q "}, []string{`no Genesys group begins with "Q "`}},
		"only the prefix":      {"GC-", "Sales", pairing.Prefixes{Entra: "GC-"}, []string{`genesys g1: no Entra group is called "GC-Sales"`}},
		"a prefix alike":       {"gc-sales", "Sales", pairing.Prefixes{Entra: "GC-"}, []string{"e1~g1"}},
		"a prefix twice": {
			"GC-Sales|gc-sales", "sales", pairing.Prefixes{Entra: "GC-"},
			[]string{"genesys g1: 2 Entra groups have this name" + apart + ": e1, e2"},
		},
		"no name": {"|", "|", pairing.Prefixes{}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			r := pairing.SameName(groups("e", tt.entra), groups("g", tt.genesys), tt.prefixes)
			got := r.Notes
			for _, p := range r.Pairs {
				sign := "+"
				if p.Alike {
					sign = "~"
				}
				got = append(got, p.Entra.ID+sign+p.Genesys.ID)
			}
			for _, l := range r.LeftOut {
				got = append(got, fmt.Sprintf("%s %s: %s", l.Side, l.ID, l.Reason))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}

// Whatever the names are, no group is in two pairs, and no pair has a group that an entry has or that is unfit.
func TestEachGroupIsPairedOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		some := func(side string) []pairing.Group {
			names := rapid.SliceOfN(rapid.StringMatching(`(p|P|Pp| )?[aAb ]{0,2}[!]?(=x)?`), 0, 6).Draw(t, side)
			return groups(side, strings.Join(names, "|"))
		}
		prefix := rapid.SampledFrom([]string{"", "p", "P", "Pp", " "})
		p := pairing.Prefixes{Entra: prefix.Draw(t, "entra prefix"), Genesys: prefix.Draw(t, "genesys prefix")}
		r := pairing.SameName(some("e"), some("g"), p)
		seen := map[string]bool{}
		for _, pair := range r.Pairs {
			for _, g := range []pairing.Group{pair.Entra, pair.Genesys} {
				if seen[g.ID] || len(g.Mappings) > 0 || g.Unfit != "" {
					t.Fatalf("%+v", r)
				}
				seen[g.ID] = true
			}
		}
		for _, l := range r.LeftOut {
			if seen[l.ID] {
				t.Fatalf("%s is paired and left out: %+v", l.ID, r)
			}
		}
	})
}
