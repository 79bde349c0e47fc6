package report_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/report"
)

// The status of a probe is that of the experiments that have failed. What was skipped does not count.
func TestOfFindings(t *testing.T) {
	finding := func(r probe.Result, c membership.Cause) probe.Finding { return probe.Finding{Result: r, Cause: c} }
	for _, c := range []struct {
		findings []probe.Finding
		want     int
	}{
		{nil, report.OK},
		{[]probe.Finding{finding(probe.Found, ""), finding(probe.Skip, "")}, report.OK},
		{[]probe.Finding{finding(probe.Unknown, membership.Unavailable), finding(probe.Found, "")}, report.Unavailable},
		{[]probe.Finding{finding(probe.Unknown, membership.Unavailable), finding(probe.Unknown, membership.Denied)}, report.Denied},
	} {
		if got := report.OfFindings(c.findings); got != c.want {
			t.Errorf("%+v: %d, want %d", c.findings, got, c.want)
		}
	}
}

// Each format has each finding, in the given order.
func TestProbeInEachFormat(t *testing.T) {
	p := report.Probe{Version: "v1", Findings: []probe.Finding{
		{Name: "b", Result: probe.Found, Text: "409"}, {Name: "a", Result: probe.Skip, Text: "no account"},
		{Name: "c", Result: probe.Unknown, Text: "denied", Cause: membership.Denied},
	}}
	var b bytes.Buffer
	for name, to := range map[string]report.Printer{
		"text": report.Text{W: &b}, "JSON": report.JSON{W: &b}, "Markdown": report.Document{W: &b, Format: report.Markdown},
		"HTML": report.Document{W: &b, Format: report.HTML},
	} {
		b.Reset()
		if err := to.Probe(p); err != nil {
			t.Fatal(err)
		}
		rest := b.String()
		if name == "text" && rest != "found    b: 409\nskip     a: no account\nunknown  c: denied\n3 experiments: 1 found, 1 skipped, 1 unknown\n" {
			t.Errorf("text: %s", rest)
		}
		for _, text := range []string{"409", "no account", "denied"} {
			_, after, found := strings.Cut(rest, text)
			if rest = after; !found {
				t.Errorf("%s: %q is missing or in another order:\n%s", name, text, b.String())
			}
		}
	}
}
