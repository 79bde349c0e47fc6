package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// Explanation implements Printer.
func (t Text) Explanation(e plan.Explanation) error { return t.page(explanationPage(e, t.All)) }

// Explanation implements Printer.
func (p Document) Explanation(e plan.Explanation) error {
	return p.write(newDocument("Explanation", nil, e.Notes, explanationPage(e, p.All)))
}

// Explanation implements Printer.
func (j JSON) Explanation(e plan.Explanation) error {
	return jsonfile.Write(j.W, struct {
		Format int    `json:"format"`
		Kind   string `json:"kind"`
		plan.Explanation
	}{Format, "explanation", e})
}

// explanationPage returns the page about one person. Groups that do not concern them are left out unless all is set, or somebody
// asked for them by name.
func explanationPage(e plan.Explanation, all bool) page {
	p := page{groups: []section{whoSection(e)}}
	concern, adds, removes, untold := 0, 0, 0, 0
	for _, place := range e.Places {
		switch place.Decision {
		case plan.Adds:
			adds++
		case plan.Removes:
			removes++
		case plan.Untold:
			untold++
		case plan.Nothing:
			if place.LeftOut == plan.LeftOutUnknown {
				untold++
			} else if !place.Wanted && len(place.Sources) == 0 && place.Last == nil {
				if all || e.Named {
					p.groups = append(p.groups, placeSection(place))
				}
				continue
			}
		}
		concern++
		p.groups = append(p.groups, placeSection(place))
	}
	verb := "concerns"
	if concern != 1 {
		verb = "concern"
	}
	p.total = fmt.Sprintf("%s of %d %s them", counted(concern, "group", "groups"), len(e.Places), verb)
	if text := counts(count{adds, "to add"}, count{removes, "to remove"}, count{untold, "not known"}); text != "" {
		p.total += ": " + text
	}
	return p
}

// whoSection says who the person is on both sides.
func whoSection(e plan.Explanation) section {
	s := section{status: push.InStep}
	switch {
	case e.Person != nil:
		s.title = e.Person.UserPrincipalName
		s.head = strings.TrimPrefix(e.Person.DisplayName+", in Entra as "+e.Person.ID, ", ")
	case e.Account != nil:
		s.title = e.Account.UserName
		s.head = strings.TrimPrefix(e.Account.DisplayName+", not in Entra", ", ")
	}
	s.messages = append(s.messages, message{text: accountText(e)})
	for _, near := range e.Near {
		text := fmt.Sprintf("near: %s (%s)", near.UserName, near.By)
		if !near.Active {
			text += ", inactive"
		}
		s.messages = append(s.messages, message{text: text})
	}
	return s
}

// accountText says which account the person has and by which keys, or what was searched for.
func accountText(e plan.Explanation) string {
	var by, searched []string
	var accounts []membership.Account
	for _, search := range e.Searches {
		what := fmt.Sprintf("%s looked for %s", search.Key, search.Value)
		if search.Value == "" {
			what = fmt.Sprintf("%s has no value", search.Key)
		}
		searched = append(searched, what)
		if len(search.Accounts) > 0 {
			by = append(by, string(search.Key))
		}
		accounts = append(accounts, search.Accounts...)
	}
	switch {
	case e.Account != nil:
		text := "account in Genesys: " + cmp.Or(e.Account.UserName, e.Account.ID)
		if !e.Account.Active {
			text += ", inactive"
		}
		if len(by) > 0 {
			text += ", by " + strings.Join(by, " and ")
		}
		return text
	case len(accounts) > 1:
		var names []string
		for _, a := range accounts {
			names = append(names, cmp.Or(a.UserName, a.ID))
		}
		return "several accounts in Genesys: " + strings.Join(slices.Compact(names), ", ")
	}
	return "no account in Genesys: " + strings.Join(searched, ", ")
}

// placeSection says where the person stands in one group.
func placeSection(p plan.Place) section {
	s := section{title: p.Group, status: push.InStep, head: decisionText(p)}
	switch p.Decision {
	case plan.Adds, plan.Removes:
		s.status = push.ToDo
	case plan.Untold:
		s.status = push.Incomplete
	}
	if p.State == plan.Refused {
		s.status = push.Refused
		text := "the next run changes nothing in the group, because it is refused; callroll diff says why"
		s.messages = append(s.messages, message{text: text})
	}
	for _, source := range p.Sources {
		text := "in Entra group " + source.ID
		if source.Unread {
			text += " through groups that could not be read"
		} else if len(source.Through) > 0 {
			text += " through " + strings.Join(source.Through, ", ")
		}
		s.messages = append(s.messages, message{text: text})
	}
	if p.LeftOut == plan.LeftOutNested {
		s.messages = append(s.messages, message{hint: true, text: "make them a direct member of that Entra group, " +
			"or write nested: true into the entry, which takes all members of its nested groups"})
	}
	return withLast(s, p)
}

// withLast adds what the journal knows of the person in the group.
func withLast(s section, p plan.Place) section {
	text := ""
	switch {
	case p.Last != nil && p.Last.Added:
		text = fmt.Sprintf("last added by run %s at %s", p.Last.Run, p.Last.Time.UTC().Format(time.RFC3339))
	case p.Last != nil:
		text = fmt.Sprintf("last removed by run %s at %s", p.Last.Run, p.Last.Time.UTC().Format(time.RFC3339))
	case p.Member && !p.Wanted:
		text = "no run in the journal has added them"
	}
	if text != "" {
		s.messages = append(s.messages, message{text: text})
	}
	return s
}

// decisionText says what the next run does about the person, and by which row of the table of package plan.
func decisionText(p plan.Place) string {
	switch p.Decision {
	case plan.Adds:
		return "the next run adds them, because they are in Entra and not in the group"
	case plan.Removes:
		return "the next run removes them, because " + notWantedText(p)
	case plan.Keeps:
		return "a member, and stays: " + p.Reason
	case plan.Stays:
		return "a member, who belongs there"
	case plan.Unresolves:
		return "the next run does not add them: " + unresolvedText(plan.Unresolved{Reason: p.Reason})
	case plan.Untold:
		return "cannot be told: " + cmp.Or(p.Detail, "the group is "+string(p.State))
	}
	return "not a member, and the next run does not add them, because " + notWantedText(p)
}

func notWantedText(p plan.Place) string {
	switch p.LeftOut {
	case plan.LeftOutNested:
		return "they are not a direct member of its Entra group, only of a group that is nested in it, and nested is off"
	case plan.LeftOutExcluded:
		return "exclude leaves them out"
	case plan.LeftOutDisabled:
		return "they are disabled in Entra, and disabled_users is drop"
	case plan.LeftOutUnknown:
		return "they do not belong there; why is not known"
	}
	if len(p.Entra) == 1 {
		return "they are not in its Entra group " + p.Entra[0]
	}
	return "they are in none of its Entra groups " + strings.Join(p.Entra, ", ")
}
