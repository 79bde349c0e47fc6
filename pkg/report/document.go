package report

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// Document is a Printer for formats that are made of headings and tables.
type Document struct {
	W      io.Writer
	All    bool // see Text.All
	Format DocumentFormat
}

// DocumentFormat is the format of a [Document].
type DocumentFormat string

// The formats.
const (
	Markdown DocumentFormat = "markdown"
	HTML     DocumentFormat = "html"
)

// write writes a document in its format. Each format is one file of this package.
func (p Document) write(d document) error {
	if p.Format == HTML {
		return writeHTML(p.W, d)
	}
	return writeMarkdown(p.W, d)
}

// document is a report for the formats that are made of headings and tables. Its texts went through [Harmless]; the format
// escapes them for its own language.
type document struct {
	Title  string
	Facts  []string // where the data comes from
	Notes  []string
	Groups []documentGroup // groups, and messages that several groups share
	People []documentPerson
	Left   string // how many people are left out of People
	Header []string
	Table  [][]string // a listing, below Header
	Total  string
}

// documentGroup is one group, or a message that several groups share.
type documentGroup struct {
	Title    string
	Status   string
	Head     string // status and counts, or the message
	Messages []string
	People   []documentPerson
	Left     []string // how many people are left out of People
	Names    []string // of the groups that share the message
}

// documentPerson is one person. Groups is set for people in several groups.
type documentPerson struct {
	Sign, Who, Name, Note string
	Groups                []string
}

// Plan implements Printer.
func (p Document) Plan(made plan.Plan) error {
	times := "Made at " + made.Made.Format(time.RFC3339) + ", expires at " + made.Expires.Format(time.RFC3339)
	notes := slices.Concat(Notes(made), made.Remarks)
	return p.write(newDocument("Plan", []string{origin(made), times}, notes, newPage(Planned(made), p.All)))
}

// Run implements Printer.
func (p Document) Run(r Run) error {
	ended := fmt.Sprintf("Ended at %s with exit status %d (%s)", r.Ended.Format(time.RFC3339), r.Status, Name(r.Status))
	notes := slices.Concat(Notes(r.Plan), r.Plan.Remarks)
	return p.write(newDocument("Result", []string{origin(r.Plan), ended}, notes, newPage(r.Outcomes, p.All)))
}

// Membership implements Printer.
func (p Document) Membership(f membership.File) error {
	read := fmt.Sprintf("Read at %s from tenant %s, expires at %s",
		f.Taken.Format(time.RFC3339), f.Tenant, f.Expires.Format(time.RFC3339))
	return p.write(newDocument("Membership", []string{read}, nil, membershipPage(f, p.All)))
}

// Groups implements Printer.
func (p Document) Groups(l Listing) error {
	d := document{Title: "Groups", Facts: []string{"Groups of " + Harmless(l.Side)}}
	d.Header, d.Table = listingTable(l)
	d.Total = counted(len(l.Groups), "group", "groups")
	return p.write(d)
}

// Failure implements Printer.
func (p Document) Failure(status int, err error) error {
	d := document{Title: "Failure", Notes: []string{Harmless(err.Error())}}
	d.Total = fmt.Sprintf("Exit status %d (%s)", status, Name(status))
	if hint := membership.HintOf(err); hint != "" {
		d.Notes = append(d.Notes, "hint: "+Harmless(hint))
	}
	return p.write(d)
}

func origin(p plan.Plan) string { return "Org " + p.Genesys + ", tenant " + p.Tenant }

func newDocument(title string, facts, notes []string, p page) document {
	d := document{Title: title, Facts: harmlessAll(facts), Notes: harmlessAll(notes), Total: Harmless(p.total)}
	d.Groups = list.Map(slices.Concat(p.groups, p.shared), newDocumentGroup)
	for _, one := range p.several {
		d.People = append(d.People, newDocumentPerson(one.sign, one))
	}
	if p.left > 0 {
		d.Left = andMore(p.left)
	}
	return d
}

func newDocumentGroup(s section) documentGroup {
	g := documentGroup{
		Title: Harmless(s.title), Status: string(s.status), Head: Harmless(s.head), Names: harmlessAll(s.groups),
	}
	for _, m := range s.messages {
		text := m.text
		if m.hint {
			text = "hint: " + text
		}
		for _, flag := range m.flags {
			text += " " + flag
		}
		g.Messages = append(g.Messages, Harmless(text))
	}
	for _, k := range s.kinds {
		for _, one := range k.people {
			g.People = append(g.People, newDocumentPerson(k.sign, one))
		}
		if k.left > 0 {
			g.Left = append(g.Left, k.sign+" "+andMore(k.left))
		}
		if k.elsewhere > 0 {
			g.Left = append(g.Left, k.sign+" "+persons(k.elsewhere)+" in several groups, see the end")
		}
	}
	return g
}

func newDocumentPerson(sign string, p person) documentPerson {
	return documentPerson{
		Sign: sign, Who: Harmless(p.who), Name: Harmless(p.name), Note: Harmless(p.note), Groups: harmlessAll(p.groups),
	}
}

func harmlessAll(texts []string) []string { return list.Map(texts, Harmless) }
