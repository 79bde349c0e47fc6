package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// work is a plan together with everything that is needed to plan one of its groups again.
type work struct {
	plan        plan.Plan
	settings    Settings
	memberships *memberships
	groups      *resolver
	known       directory
	doubts      doubtLookup
	present     present // the people whom exclude names now, if the memberships are from a file
	judged      *judged
	protects    protections
	askedRules  map[string]error // see Settings.refuseRuleMembers

	// watch is called with the people who belong to each group that is compared; nil if this is not needed.
	watch func(m Mapping, people []*membership.Person)
}

// errOther cancels the reading of one service after the reading of the other has failed.
var errOther = errors.New("the other service could not be read")

// errNoSource is a mistake of the caller: nothing says who should be in the groups.
var errNoSource = errors.New("there is neither a membership file nor a client for Entra")

// prepare reads both services, compares and judges. file is the membership file to use; if it is nil, Entra is read at
// the same time as Genesys.
func prepare(ctx context.Context, entra *graph.Client, org *genesys.Reader, file *membership.File, s Settings) (*work, error) {
	w := newWork(entra, org, s)
	return w, w.prepare(ctx, file)
}

func newWork(entra *graph.Client, org *genesys.Reader, s Settings) *work {
	return &work{
		settings: s, doubts: newDoubtLookup(entra, ""), protects: protections{},
		present: present{settings: s, entra: entra, org: org},
	}
}

func (w *work) prepare(ctx context.Context, file *membership.File) error {
	s, entra, org := w.settings, w.present.entra, w.present.org
	if err := s.check(); err != nil {
		return err
	}
	if err := w.begin(ctx, file); err != nil {
		return err
	}
	if err := w.read(ctx, file == nil); err != nil {
		return err
	}
	if file != nil && entra == nil && slices.ContainsFunc(s.workedOn(), func(m Mapping) bool { return len(m.Exclude) > 0 }) {
		note := fmt.Sprintf("Entra was not asked whom exclude names now, because %v", errNoCredentials)
		w.plan.Notes = append(w.plan.Notes, note)
	}
	if err := w.known.listForLookAlikes(ctx, w.memberships); err != nil {
		w.plan.Notes = append(w.plan.Notes,
			fmt.Sprintf("accounts whose names look like those of people without an account were not searched for: %v", err))
	}
	w.plan.Notes = append(w.plan.Notes, credentialNotes(ctx, entra, now())...)
	made, notes := now(), w.plan.Notes
	w.plan = plan.Plan{
		Notes: notes, Made: made, Expires: made.Add(s.life()), Genesys: org.Host(),
		Taken: w.memberships.taken, Tenant: w.memberships.tenant,
	}
	groups := list.Map(s.Mappings, func(m Mapping) plan.Group { return w.compare(ctx, m) })
	if note := w.doubts.confirm(ctx, groups); note != "" {
		w.plan.Notes = append(w.plan.Notes, note)
	}
	w.doubts.settle(ctx, groups, s.Policy)
	for i, m := range s.Mappings {
		if groups[i].Held() > 0 {
			plan.Resemble(&groups[i], w.wanted(m).people, w.known.dir)
		}
	}
	var taken time.Time
	if file != nil {
		taken = w.memberships.taken
	}
	if remark := w.protects.remark(w.known.dir, w.known.whole); remark != "" {
		w.plan.Remarks = append(w.plan.Remarks, remark)
	}
	err := s.judge(&w.plan, groups, taken)
	w.askedRules = s.refuseRuleMembers(ctx, org, w.plan.Groups, w.known.dir)
	w.judged = s.judged(w.plan.Groups)
	return err
}

// begin takes the memberships of a file, if there is one, and signs in before the parallel requests, each of which would sign
// in. Entra is signed in to where it is needed, if the memberships are from a file.
func (w *work) begin(ctx context.Context, file *membership.File) error {
	switch {
	case file != nil:
		if err := w.take(newMemberships(*file)); err != nil {
			return err
		}
	case w.present.entra == nil:
		return errNoSource
	default:
		if _, err := w.present.entra.SignIn(ctx); err != nil {
			return err
		}
	}
	return w.present.org.SignIn(ctx)
}

// read reads both services at the same time, or one after the other if the settings allow one request at a time. If both
// fail, it returns the error of Entra. live means that the memberships are read from Entra, and not from a file.
func (w *work) read(ctx context.Context, live bool) error {
	known := make(chan struct{}) // closed when w.memberships is set, or cannot be read
	both, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var entraErr, orgErr error
	var sides errgroup.Group
	if w.settings.Concurrency.oneAtATime() {
		sides.SetLimit(1)
	}
	side := func(doing string, err *error, read func() error) {
		defer func() {
			if *err != nil {
				stop(errOther)
			}
		}()
		defer bug.Catch(doing, err)
		*err = read()
	}
	sides.Go(func() error {
		defer close(known)
		side("reading Entra", &entraErr, func() error {
			if !live {
				w.present.tenant = w.memberships.tenant
				return w.present.readExcluded(both, w.settings.workedOn())
			}
			lasting := w.settings
			lasting.Expires = 0 // Expires holds for files that are written, not for these memberships
			r, err := fetch(both, w.present.entra, lasting)
			if err != nil {
				return err
			}
			return w.take(r)
		})
		return nil
	})
	sides.Go(func() error {
		side("reading Genesys", &orgErr, func() error { return w.readOrg(both, known) })
		return nil
	})
	_ = sides.Wait()
	if entraErr != nil && !errors.Is(entraErr, errOther) {
		return entraErr
	}
	return orgErr
}

// The steps of reading. The numbers of Entra are groups and people that the configuration names, and the others are groups.
const (
	ReadingEntra    push.Step = "reading Entra"
	ReadingGenesys  push.Step = "reading Genesys"
	CountingMembers push.Step = "counting members"
	LookingAtGroups push.Step = "checking groups"
)

// readOrg reads the groups and the accounts of Genesys. known is closed when the memberships are known.
func (w *work) readOrg(ctx context.Context, known <-chan struct{}) (err error) {
	defer w.settings.Progress.Begin(ReadingGenesys, 0).End()
	refs, org := w.settings.refs(), w.present.org
	if w.groups, err = newResolver(ctx, org, refs); err != nil {
		return err
	}
	keys := w.settings.Match
	accounts, err := org.Accounts(ctx, genesys.AccountsOptions{
		Keys: keys, Hint: w.groups.count(refs),
		Exact: func() (membership.Lookup, error) {
			select {
			case <-known:
			case <-ctx.Done():
			}
			if err := context.Cause(ctx); err != nil {
				return membership.Lookup{}, err
			}
			return membership.LookupOf(w.memberships.everybody(), keys, w.groups.members(refs)), nil
		},
	})
	if err != nil {
		return err
	}
	if len(accounts.List) == 0 && w.groups.showsMembers(refs) {
		return membership.Fail(membership.Incomplete, errors.New(
			"the lists of Genesys show members of groups and not a single user, so that nobody can be matched"))
	}
	w.known = newDirectory(org, keys, accounts)
	return nil
}

// workedOn returns the mappings that the run reads and may change.
func (s Settings) workedOn() []Mapping {
	return slices.DeleteFunc(slices.Clone(s.Mappings), func(m Mapping) bool { return !s.worksOn(m) })
}

// refs returns the Genesys groups of these mappings as they are configured, by id or by name, each once.
func (s Settings) refs() []string {
	return membership.Distinct(list.Map(s.workedOn(), func(m Mapping) string { return m.Genesys }))
}

// take checks the memberships against the clock and the mappings, and keeps them in w.
func (w *work) take(r *memberships) error {
	w.memberships, w.doubts.tenant = r, r.tenant
	if err := checkMade("membership file", r.taken); err != nil {
		return err
	}
	if time.Now().After(r.expires) {
		err := fmt.Errorf("the membership has %w: it was good until %s", ErrExpired, r.expires.Format(time.RFC3339))
		return &fileError{err, newMembership}
	}
	return w.join()
}

// wanted returns the members that the group of a mapping should have; nil if the memberships do not have the group.
func (w *work) wanted(m Mapping) *wantedGroup {
	i := slices.IndexFunc(w.memberships.groups, func(g wantedGroup) bool { return g.Genesys == m.Genesys })
	if i < 0 {
		return nil
	}
	return &w.memberships.groups[i]
}
