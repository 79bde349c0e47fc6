package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/push"
)

// Probe is the result of callroll doctor --probe. It names no group, no account and no org, so that it can be given to others.
type Probe struct {
	Version  string          `json:"version"` // of callroll
	Status   int             `json:"status"`
	Findings []probe.Finding `json:"findings"` // in the order in which they were made
}

// OfFindings returns the exit status of a probe: that of the experiments that have failed.
func OfFindings(findings []probe.Finding) int {
	status := OK
	for _, f := range findings {
		if f.Result == probe.Unknown {
			status = Worst(status, OfCause(f.Cause))
		}
	}
	return status
}

// Probe implements Printer: one line for each experiment.
func (t Text) Probe(p Probe) error {
	var b strings.Builder
	for _, f := range p.Findings {
		t.resultLine(&b, fmt.Sprintf("%-7s", f.Result), f.Name+": "+f.Text, findingStatus(f.Result))
	}
	t.lines(&b, probeTotal(p), "  ", nil)
	_, err := io.WriteString(t.W, b.String())
	return err
}

// Probe implements Printer.
func (j JSON) Probe(p Probe) error {
	return jsonfile.Write(j.W, struct {
		Format     int    `json:"format"`
		Kind       string `json:"kind"`
		StatusName string `json:"status_name"`
		Probe
	}{Format, "probe", Name(p.Status), p})
}

// Probe implements Printer.
func (p Document) Probe(probed Probe) error {
	d := document{
		Title: "Probe", Facts: []string{Harmless("callroll " + probed.Version)}, Total: probeTotal(probed),
		Header: []string{"result", "experiment", "found"},
	}
	for _, f := range probed.Findings {
		d.Table = append(d.Table, harmlessAll([]string{string(f.Result), f.Name, f.Text}))
	}
	return p.write(d)
}

// findingStatus returns the status that has the colour of a result.
func findingStatus(r probe.Result) push.Status {
	return map[probe.Result]push.Status{
		probe.Found: push.InStep, probe.Skip: push.Paused, probe.Unknown: push.Status(membership.Unavailable),
	}[r]
}

func probeTotal(p Probe) string {
	n := map[probe.Result]int{}
	for _, f := range p.Findings {
		n[f.Result]++
	}
	return counted(len(p.Findings), "experiment", "experiments") + ": " +
		counts(count{n[probe.Found], "found"}, count{n[probe.Skip], "skipped"}, count{n[probe.Unknown], "unknown"})
}
