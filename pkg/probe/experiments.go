package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/membership"
)

// The names of the experiments.
const (
	Shows             = "a PUT shows in the group"
	Lag               = "lists show a PUT after the group"
	StaleVersion      = "PUT with an old If-Match"
	UnknownMember     = "PUT with an unknown member"
	InactiveMember    = "PUT with an inactive member"
	WithoutExternalID = "PUT without externalId"
	ManyMembers       = "members that a GET of the group shows"
	WithoutMembers    = "PUT without members"
	CountPlain        = "largest count, without attributes"
	CountSelected     = "largest count, with attributes"
	CountExpensive    = "largest count, with externalId"
)

// experiments makes all experiments, in their order.
func (r *run) experiments(ctx context.Context) {
	for _, e := range []struct {
		name string
		try  func(context.Context) (string, error)
	}{
		{Shows, r.shows},
		{Lag, r.lag},
		{StaleVersion, r.staleVersion},
		{UnknownMember, r.unknownMember},
		{InactiveMember, r.inactiveMember},
		{WithoutExternalID, r.withoutExternalID},
		{ManyMembers, r.manyMembers},
		{WithoutMembers, r.withoutMembers},
		{CountPlain, func(ctx context.Context) (string, error) { return r.largestCount(ctx) }},
		{CountSelected, func(ctx context.Context) (string, error) { return r.largestCount(ctx, "userName") }},
		{CountExpensive, func(ctx context.Context) (string, error) { return r.largestCount(ctx, "externalId") }},
	} {
		r.findings = append(r.findings, r.experiment(ctx, e.name, e.try))
	}
}

// skipError says why an experiment is not made.
type skipError struct{ reason string }

func (e skipError) Error() string { return e.reason }

// experiment makes one experiment, unless an earlier one has made that unsafe.
func (r *run) experiment(ctx context.Context, name string, try func(context.Context) (string, error)) Finding {
	text, err, notTried := "", r.stop, r.stop != nil
	switch {
	case notTried:
	case ctx.Err() != nil:
		err = errStopped
	default:
		text, err = caught(ctx, name, try)
		if ctx.Err() != nil && err != nil {
			err = errStopped
		}
	}
	if skip, ok := errors.AsType[skipError](err); ok {
		return Finding{Name: name, Result: Skip, Text: skip.reason}
	} else if err == nil {
		return Finding{Name: name, Result: Found, Text: text}
	}
	foreign, keep := errors.As(err, new(*ForeignError)), errors.As(err, new(*keepError))
	if r.stop == nil && (foreign || keep || errors.Is(err, errUnsettled) || membership.CauseOf(err) == membership.Internal) {
		r.stop = err
	}
	return Finding{Name: name, Result: Unknown, Text: reason(err, notTried), Cause: membership.CauseOf(err)}
}

func caught(ctx context.Context, name string, try func(context.Context) (string, error)) (text string, err error) {
	defer bug.Catch("probe: "+name, &err)
	return try(ctx)
}

// errStopped says that a signal or a time limit has ended the probe.
var errStopped = errors.New("the probe was stopped")

// statusText describes an answer that refuses a request. It has nothing of the service's own message, which may name somebody.
func statusText(a genesys.Answer) string {
	text := fmt.Sprint(a.Status)
	switch {
	case !a.Own:
		return text + ", in an answer that has not the form of Genesys' own errors"
	case a.Type != "":
		return text + " " + a.Type
	case a.Status == 400:
		return text + " without a scimType"
	}
	return text
}

const needsAccount = "it needs an active account to add or remove, which --with names"

// shows measures how long a PUT takes to show in the group.
func (r *run) shows(ctx context.Context) (string, error) {
	if r.toggle == "" {
		return "", skipError{needsAccount}
	}
	waited, _, err := r.write(ctx, r.other())
	r.shown = err == nil
	return waitedText(waited), err
}

// waitedText describes a delay by the pauses between the readings.
func waitedText(waited time.Duration) string {
	if waited == 0 {
		return "at once"
	}
	return fmt.Sprintf("within %s", waited)
}

// staleVersion sends a PUT with the version that the group had before its last change.
func (r *run) staleVersion(ctx context.Context) (string, error) {
	if r.older == "" || r.older == r.now.Version {
		return "", skipError{"the group has had one version only; " + needsAccount}
	}
	members := r.other()
	answer, err := r.send(ctx, genesys.Experiment{Members: members, Version: r.older}, members)
	if err == nil && answer.OK() {
		return "accepted", nil
	}
	return statusText(answer), err
}

// unknownMember sends a PUT with an id that no account has.
func (r *run) unknownMember(ctx context.Context) (string, error) {
	if _, err := r.reader.User(ctx, r.opts.Unknown); membership.CauseOf(err) != membership.Missing {
		return "", errors.Join(errors.New("it is not certain that the made-up id has no account"), err)
	}
	return r.withMember(ctx, r.opts.Unknown)
}

// inactiveMember sends a PUT with an inactive account.
func (r *run) inactiveMember(ctx context.Context) (string, error) {
	for _, a := range r.opts.Accounts {
		if !a.Active && !slices.Contains(r.state.Members, a.ID) {
			return r.withMember(ctx, a.ID)
		}
	}
	return "", skipError{"it needs an inactive account that --with names and that is no member"}
}

// withMember sends a PUT with one more member.
func (r *run) withMember(ctx context.Context, id string) (string, error) {
	if r.toggle == "" {
		return "", skipError{needsAccount}
	}
	rest := r.other()
	members := membership.Distinct(append(slices.Clone(rest), id))
	answer, err := r.send(ctx, genesys.Experiment{Members: members, Version: r.now.Version}, rest, members)
	switch {
	case err != nil:
		return "", err
	case !answer.OK():
		return statusText(answer), nil
	case r.now.Has(id):
		return "taken", nil
	}
	return "dropped: the others are members afterwards", nil
}

// withoutExternalID sends a PUT without externalId, with other members, so that it shows when it takes effect.
func (r *run) withoutExternalID(ctx context.Context) (string, error) {
	if r.state.ExternalID == nil {
		return "", skipError{"the group has no externalId"}
	} else if r.toggle == "" {
		return "", skipError{needsAccount}
	}
	members := r.other()
	answer, err := r.send(ctx, genesys.Experiment{Members: members, Version: r.now.Version, WithoutExternalID: true}, members)
	switch {
	case err != nil:
		return "", err
	case !answer.OK():
		return "refused: " + statusText(answer), nil
	case r.now.ExternalID == nil:
		return "removed", nil
	}
	return "kept", nil
}

// withoutMembers sends a PUT without members. It is not made if the group has an inactive member, whom it may be impossible to
// add again.
func (r *run) withoutMembers(ctx context.Context) (string, error) {
	inactive := func(a membership.Account) bool { return !a.Active && slices.Contains(r.state.Members, a.ID) }
	switch {
	case !r.opts.WithoutMembers:
		return "", skipError{"it may empty the group; --probe-without-members allows it"}
	case slices.ContainsFunc(r.opts.Accounts, inactive):
		return "", skipError{"the group has an inactive member, whom it may be impossible to add again"}
	case r.toggle == "":
		return "", skipError{needsAccount}
	}
	if slices.Equal(r.now.Members, r.state.Members) { // so that the PUT that puts the group back shows
		if _, _, err := r.write(ctx, r.other()); err != nil {
			return "", err
		}
	}
	if len(r.now.Members) == 0 {
		return "", skipError{"the group has one member; it needs another active account, which --with names"}
	}
	answer, err := r.send(ctx, genesys.Experiment{Version: r.now.Version, WithoutMembers: true}, r.now.Members, []string{})
	switch {
	case errors.Is(err, errUnsettled) && answer.OK():
		return fmt.Sprintf("kept: %d, without a new version within %s", answer.Status, r.opts.ReadBack), nil
	case err != nil:
		return "", err
	case !answer.OK():
		return "refused: " + statusText(answer), nil
	case len(r.now.Members) == 0:
		return "emptied", nil
	}
	return "kept", nil
}
