package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/pairing"
)

// Proposal is entries for a configuration: pairs of groups with the same name, and the groups without a pair.
type Proposal struct {
	pairing.Result
	Taken []string // names of the entries that the configuration has
}

// Proposal implements Printer: entries in YAML that can be appended below groups in a configuration. Names come from other
// systems. In an entry they are as [Harmless] returns them, which is enough for a label.
func (t Text) Proposal(p Proposal) error {
	var b strings.Builder
	names := p.entryNames()
	for i, pair := range p.Pairs {
		name, err := yaml.Marshal(names[i]) // one line, because a harmless name has no line end
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "  - name: %s", name)
		fmt.Fprintf(&b, "    entra: %s%s\n", Harmless(pair.Entra.ID), comment(pair.Entra))
		fmt.Fprintf(&b, "    genesys: %s%s\n", Harmless(pair.Genesys.ID), comment(pair.Genesys))
		b.WriteString("    mode: add-only\n")
	}
	_, err := io.WriteString(t.W, b.String())
	return err
}

// comment returns the name of a group as a YAML comment. A harmless text has no character that ends a line (YAML 1.2.2, section
// 5.4), and a # inside a comment means nothing.
func comment(g pairing.Group) string {
	text := strings.TrimSpace(g.Name)
	if len(g.Kinds) > 0 {
		text += " (" + strings.Join(g.Kinds, ", ") + ")"
	}
	return "  # " + Harmless(text)
}

// entryNames returns a name for the entry of each pair. A configuration may not have the same name twice.
func (p Proposal) entryNames() []string {
	taken := slices.Clone(p.Taken)
	var names []string
	for _, pair := range p.Pairs {
		name := Harmless(strings.TrimSpace(pair.Genesys.Name))
		if slices.Contains(taken, name) {
			name += " (" + Harmless(pair.Genesys.ID) + ")"
		}
		taken, names = append(taken, name), append(names, name)
	}
	return names
}

// Proposal implements Printer.
func (p Document) Proposal(found Proposal) error {
	d := document{Title: "Groups with the same name", Header: []string{"name", "entra", "Entra name", "genesys", "Genesys name"}}
	names := found.entryNames()
	for i, pair := range found.Pairs {
		row := []string{names[i], pair.Entra.ID, pair.Entra.Name, pair.Genesys.ID, pair.Genesys.Name}
		d.Table = append(d.Table, harmlessAll(row))
	}
	d.Notes, d.Total = harmlessAll(found.Messages()), found.Total()
	return p.write(d)
}

// Proposal implements Printer.
func (j JSON) Proposal(p Proposal) error {
	type entry struct {
		Name string `json:"name"`
		pairing.Pair
	}
	names, pairs := p.entryNames(), []entry{}
	for i, pair := range p.Pairs {
		pairs = append(pairs, entry{names[i], pair})
	}
	return jsonfile.Write(j.W, struct {
		Format  int               `json:"format"`
		Kind    string            `json:"kind"`
		Pairs   []entry           `json:"pairs"`
		LeftOut []pairing.LeftOut `json:"leftOut"`
		Notes   []string          `json:"notes"`
	}{Format, "proposal", pairs, append([]pairing.LeftOut{}, p.LeftOut...), append([]string{}, p.Notes...)})
}

// Messages returns the notes, a line for each pair whose names are only alike, and one for each group without a pair.
func (p Proposal) Messages() []string {
	out := slices.Clone(p.Notes)
	for _, pair := range p.Pairs {
		if pair.Alike {
			out = append(out, fmt.Sprintf("paired, although letter case or white space differs: "+
				"Entra group %q (%s) and Genesys group %q (%s)", pair.Entra.Name, pair.Entra.ID, pair.Genesys.Name, pair.Genesys.ID))
		}
	}
	titles := map[pairing.Side]string{pairing.Entra: "Entra", pairing.Genesys: "Genesys"}
	return append(out, list.Map(p.LeftOut, func(l pairing.LeftOut) string {
		return fmt.Sprintf("left out: %s group %q (%s): %s", titles[l.Side], l.Name, l.ID, l.Reason)
	})...)
}

// Total counts the pairs and the groups without one.
func (p Proposal) Total() string {
	return fmt.Sprintf("%s with the same name, %s left out", counted(len(p.Pairs), "pair", "pairs"),
		counted(len(p.LeftOut), "group", "groups"))
}
