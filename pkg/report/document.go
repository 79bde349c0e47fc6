package report

import (
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

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

// planDocument returns the document for a plan.
func planDocument(p plan.Plan, all bool) document {
	facts := []string{origin(p), "Made at " + p.Made.Format(time.RFC3339) + ", expires at " + p.Expires.Format(time.RFC3339)}
	return newDocument("Plan", facts, slices.Concat(Notes(p), p.Remarks), newPage(Planned(p), all))
}

// runDocument returns the document for a run.
func runDocument(r Run, all bool) document {
	ended := fmt.Sprintf("Ended at %s with exit status %d (%s)", r.Ended.Format(time.RFC3339), r.Status, Name(r.Status))
	return newDocument("Result", []string{origin(r.Plan), ended}, slices.Concat(Notes(r.Plan), r.Plan.Remarks), newPage(r.Outcomes, all))
}

// membershipDocument returns the document for a membership file.
func membershipDocument(f membership.File, all bool) document {
	read := fmt.Sprintf("Read at %s from tenant %s, expires at %s", f.Taken.Format(time.RFC3339), f.Tenant, f.Expires.Format(time.RFC3339))
	return newDocument("Membership", []string{read}, nil, membershipPage(f, all))
}

// listingDocument returns the document for a listing of groups.
func listingDocument(l Listing) document {
	d := document{Title: "Groups", Facts: []string{"Groups of " + Harmless(l.Side)}}
	d.Header, d.Table = listingTable(l)
	d.Total = counted(len(l.Groups), "group", "groups")
	return d
}

// failureDocument returns the document for a command that failed as a whole.
func failureDocument(status int, err error) document {
	d := document{Title: "Failure", Total: fmt.Sprintf("Exit status %d (%s)", status, Name(status)), Notes: []string{Harmless(err.Error())}}
	if hint := membership.HintOf(err); hint != "" {
		d.Notes = append(d.Notes, "hint: "+Harmless(hint))
	}
	return d
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
