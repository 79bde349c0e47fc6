package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pairing"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/report"
)

func (i *initialization) tryGenesys(ctx context.Context) error {
	return i.signIn(ctx, needs{entra: true, genesys: true}, func(ctx context.Context, s *session) error {
		conn, err := s.genesys(ctx)
		if err == nil {
			err = genesys.NewReader(conn).SignIn(ctx)
		}
		if err == nil {
			i.app.say("signed in to Genesys, %s", conn.Host())
		}
		return err
	})
}

// unknownAuthority says whether a certificate of a service is signed by an authority that this machine does not know.
func unknownAuthority(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) }

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
	if len(p.LeftOut) > 0 {
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

// named returns the proposal with the pairs of the Genesys groups that are named, like the groups of a configuration by a flag.
func named(p report.Proposal, refs []string) (report.Proposal, error) {
	var taken []pairing.Pair
	var finder groupFinder
	for _, pair := range p.Pairs {
		finder.mappings = append(finder.mappings, pipeline.Mapping{Rule: plan.Rule{Name: pair.Genesys.Name, Genesys: pair.Genesys.ID}})
	}
	for _, ref := range refs {
		name, err := finder.configured(ref)
		if err == nil && name == "" {
			err = usage(errors.New(notPaired(p, ref)))
		}
		if err != nil {
			return p, fmt.Errorf("--group %q: %w", ref, err)
		}
		is := func(pair pairing.Pair) bool { return pair.Genesys.Name == name }
		if !slices.ContainsFunc(taken, is) {
			taken = append(taken, p.Pairs[slices.IndexFunc(p.Pairs, is)])
		}
	}
	p.Pairs = taken
	return p, nil
}

// notPaired says why no pair has the Genesys group that is named.
func notPaired(p report.Proposal, ref string) string {
	why := "no Genesys group has this name, or the client cannot see it"
	for _, l := range p.LeftOut {
		if l.Side == pairing.Genesys && (strings.EqualFold(l.Name, ref) || strings.EqualFold(l.ID, ref)) {
			if why = l.Reason; l.Name == ref {
				break
			}
		}
	}
	return why
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
