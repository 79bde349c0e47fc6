package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pairing"
	"github.com/callroll/callroll/pkg/report"
)

// pairs lists the groups of both sides and returns those that the configuration gets.
func (i *initialization) pairs(ctx context.Context) (p report.Proposal, err error) {
	for {
		p, err = i.propose(ctx)
		if err == nil || i.prompt == nil || ctx.Err() != nil {
			break
		}
		i.app.end(err)
		again := false
		what := query{text: "The groups cannot be listed. What now?", preset: "again"}
		chooseErr := i.prompt.choose(ctx, what, []choice{
			{"again", "list them again, after a permission was granted for example"},
			{"without", "write the configuration without groups"},
		}, func(answer string) error {
			again = answer == "again"
			return nil
		})
		if chooseErr != nil {
			return p, chooseErr
		}
		if !again {
			return report.Proposal{}, nil
		}
	}
	if err != nil {
		return p, err
	}
	return i.chosen(ctx, p)
}

// propose pairs the groups as callroll map does, and says which ones are left out.
func (i *initialization) propose(ctx context.Context) (report.Proposal, error) {
	var p report.Proposal
	err := i.tried(ctx, needs{entra: true, genesys: true}, func(ctx context.Context, s *session) error {
		var err error
		p, err = s.proposal(ctx, i.flags.prefixes)
		return err
	})
	if err != nil {
		return p, err
	}
	for _, text := range append(p.Messages(), p.Total()) {
		i.app.say("%s", text)
	}
	if len(p.LeftOut)+len(p.Notes) > 0 {
		i.app.say("groups that the client in Genesys cannot see are not listed: private ones need Directory > PrivateGroup > View")
	}
	return p, nil
}

// chosen returns the proposal with the pairs that the flags or the user choose.
func (i *initialization) chosen(ctx context.Context, p report.Proposal) (report.Proposal, error) {
	switch {
	case i.flags.sameName:
		return p, nil
	case len(i.flags.groups) > 0:
		return named(p, i.flags.groups)
	case len(p.Pairs) == 0:
		return p, nil
	case i.prompt == nil:
		i.app.say("no group was taken: --same-name takes all pairs, and --group NAME takes one")
		return report.Proposal{}, nil
	}
	what := query{
		text: "These groups have the same name on both sides. A name proves nothing: anybody may be able to create an Entra group " +
			"of that name. Which ones should the configuration have?",
		how: "Type all, none, or numbers such as 1,3-5", preset: "all",
	}
	for n := range p.Pairs {
		what.items = append(what.items, offer(p.Pairs, n))
	}
	var taken []pairing.Pair
	err := i.prompt.ask(ctx, what, func(answer string) error {
		chosen, err := numbers(answer, len(p.Pairs))
		taken = nil
		for _, n := range chosen {
			taken = append(taken, p.Pairs[n])
		}
		return err
	})
	p.Pairs = taken
	return p, err
}

// offer describes a pair to choose. It has the ids if the names of the pair differ, or if another pair looks the same.
func offer(pairs []pairing.Pair, n int) string {
	pair := pairs[n]
	facts := slices.Clone(pair.Entra.Kinds)
	if members := pair.Genesys.Members; members == 1 {
		facts = append(facts, "1 member in Genesys")
	} else if members > 1 {
		facts = append(facts, fmt.Sprintf("%d members in Genesys", members))
	}
	looksTheSame := func(other pairing.Pair) bool {
		a, b := other.Genesys, pair.Genesys
		return a.ID != b.ID && (membership.SameName(a.Name, b.Name) || membership.LookTheSame(a.Name, b.Name))
	}
	if pair.Alike {
		facts = append(facts, fmt.Sprintf("called %q in Entra", pair.Entra.Name))
	}
	if pair.Alike || slices.ContainsFunc(pairs, looksTheSame) {
		facts = append(facts, "Genesys "+pair.Genesys.ID, "Entra "+pair.Entra.ID)
	}
	if len(facts) == 0 {
		return pair.Genesys.Name
	}
	return pair.Genesys.Name + " (" + strings.Join(facts, ", ") + ")"
}

// named returns the proposal with the pairs of the Genesys groups that are named.
func named(p report.Proposal, refs []string) (report.Proposal, error) {
	var taken []pairing.Pair
	for _, ref := range refs {
		pair, err := pairOf(p.Result, ref)
		if err != nil {
			return p, usage(fmt.Errorf("--group %q: %w", ref, err))
		}
		if !slices.ContainsFunc(taken, func(t pairing.Pair) bool { return t.Genesys.ID == pair.Genesys.ID }) {
			taken = append(taken, pair)
		}
	}
	p.Pairs = taken
	return p, nil
}

// pairOf returns the pair of the Genesys group that ref means. What has the form of an id is only an id. Letter case of a name does
// not matter if no group has exactly the name. A group that is left out counts: no other one may be taken in its place.
func pairOf(r pairing.Result, ref string) (pairing.Pair, error) {
	rules := []func(id, name string) bool{
		func(_, name string) bool { return name == ref },
		func(_, name string) bool { return membership.SameName(name, ref) },
	}
	if membership.IsID(ref) {
		rules = []func(id, name string) bool{func(id, _ string) bool { return strings.EqualFold(id, ref) }}
	}
	for _, fits := range rules {
		var pairs []pairing.Pair
		var reasons, all []string
		for _, pair := range r.Pairs {
			if g := pair.Genesys; fits(g.ID, g.Name) {
				pairs, all = append(pairs, pair), append(all, fmt.Sprintf("%q (%s)", g.Name, g.ID))
			}
		}
		for _, l := range r.LeftOut {
			if l.Side == pairing.Genesys && fits(l.ID, l.Name) {
				reasons, all = append(reasons, l.Reason), append(all, fmt.Sprintf("%q (%s)", l.Name, l.ID))
			}
		}
		switch {
		case len(all) > 1:
			return pairing.Pair{}, fmt.Errorf("it can mean any of these Genesys groups; name one by its id: %s", strings.Join(all, ", "))
		case len(reasons) == 1:
			return pairing.Pair{}, errors.New(reasons[0])
		case len(pairs) == 1:
			return pairs[0], nil
		}
	}
	if len(r.Notes) > 0 { // no group was compared
		return pairing.Pair{}, errors.New(strings.Join(r.Notes, "; "))
	}
	return pairing.Pair{}, errors.New("no Genesys group has this name, or the client cannot see it")
}

// sayNested says which groups have groups nested in them. The entries do not take their members, and would remove them in another
// mode than add-only.
func (i *initialization) sayNested(ctx context.Context, p report.Proposal) {
	_ = i.tried(ctx, needs{entra: true}, func(ctx context.Context, s *session) error {
		client, err := s.entra(ctx)
		if err != nil {
			return err
		}
		for _, pair := range p.Pairs {
			if facts, err := client.GroupFacts(ctx, pair.Entra.ID); err == nil && facts.Nested > 0 { // doctor tells what cannot be read
				i.app.say("%s: groups are nested in the Entra group (%d), and the entry does not take their members; nested: true "+
					"in the entry takes them", pair.Genesys.Name, facts.Nested)
			}
		}
		return nil
	})
}
