// Package probe finds out on a throw-away Genesys group what the vendor does not document: how an old If-Match and unknown
// members are answered, what a PUT without an attribute does, and how lists are paged. It leaves the group as it was. It prints
// nothing and keeps nothing on the disk: a [Keeper] does that.
//
// What it finds is evidence for people. No other package decides by it.
package probe

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/membership"
)

// Keeper keeps what a probe that is killed leaves behind, so that the next one can put the group back.
type Keeper interface {
	// Keep is called before each write. The state must be on the disk when it returns nil. After an error nothing is sent.
	Keep(State) error
	// Drop is called after the group was put back and read back.
	Drop() error
}

// Options are what a probe works with. All fields but WithoutMembers and Begin are required; Accounts and Configured may be empty.
type Options struct {
	Conn     *genesys.Conn
	Keeper   Keeper
	Accounts []membership.Account // may be added to the group, and may be its members
	Unknown  string               // an id that no account has
	// Configured are the ids and names of the Genesys groups in the configuration. None of them is probed.
	Configured []string
	// WithoutMembers allows the experiment that may empty the group.
	WithoutMembers bool
	ReadBack       time.Duration // how long to wait until a write shows
	// Begin is called when the group may be probed, before anything is written.
	Begin func()
	// Linger returns a context for a request that may continue after the probe was stopped. It ends this long after its
	// parent.
	Linger func(context.Context, time.Duration) (context.Context, context.CancelFunc)
}

// named returns the ids of the accounts.
func (o Options) named() map[string]bool {
	return list.Set(list.Map(o.Accounts, func(a membership.Account) string { return a.ID }))
}

// How long a PUT may continue after the probe was stopped, and how long putting back the group may take.
const (
	graceOfPut     = 7 * time.Second
	graceOfPutBack = 15 * time.Second
)

// Result says how an experiment ended.
type Result string

// The results.
const (
	Found   Result = "found"
	Skip    Result = "skip"    // not tried, for the reason in Text
	Unknown Result = "unknown" // tried, or to be tried, and not found out
)

// Finding is what one experiment has found. Its texts are made of constants and numbers, so that they name nobody.
type Finding struct {
	Name   string           `json:"name"`
	Result Result           `json:"result"`
	Text   string           `json:"text"`
	Cause  membership.Cause `json:"cause,omitempty"` // of an experiment that failed
}

// Run probes a group and puts it back. The error says why the group is not probed, or that it is not as it was before; there may
// be findings all the same. See [RefusedError], [ForeignError] and [LeftError].
func Run(ctx context.Context, id string, o Options) ([]Finding, error) {
	r := &run{opts: o, reader: genesys.NewReader(o.Conn), writer: genesys.NewWriter(o.Conn), prober: genesys.NewProber(o.Conn)}
	group, err := r.reader.Group(ctx, id)
	if err != nil {
		return nil, err
	}
	individuals, err := r.reader.Individuals(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := check(group, individuals, o); err != nil {
		return nil, err
	}
	if o.Begin != nil {
		o.Begin()
	}
	r.state = newState(group, o.Conn)
	r.now = group
	r.chooseToggle()
	r.experiments(ctx)
	if !r.kept { // nothing was written
		return r.findings, nil
	} else if foreign, ok := errors.AsType[*ForeignError](r.stop); ok { // the group may look like ours again
		return r.findings, foreign
	}
	return r.findings, r.finish(ctx)
}

// PutBack puts a group back after a probe that was killed, and drops its state. It returns a [RefusedError] for a group that the
// configuration has by now. If the state is old, it gives back the membership only to the accounts of the options.
func PutBack(ctx context.Context, s State, o Options) error {
	if s.IsConfigured(o.Configured) {
		return refuseToPutBack(s, configuredByNow)
	}
	r := &run{opts: o, state: s, reader: genesys.NewReader(o.Conn), writer: genesys.NewWriter(o.Conn)}
	return r.finish(ctx)
}

// run is one probe.
type run struct {
	opts     Options
	reader   *genesys.Reader
	writer   *genesys.Writer
	prober   *genesys.Prober
	state    State
	now      membership.Group // the group after the last write, as it was read
	older    string           // a version that the group had before
	toggle   string           // the account that the experiments add and remove; empty if there is none
	findings []Finding
	shown    bool  // the first write has shown
	kept     bool  // the state was kept, so that the group is to be put back
	wasOpen  bool  // state.Open before the last PUT
	stop     error // why no further experiment is made
}

// chooseToggle chooses an active account to add to the group, or, if there is none, an active member to remove. An inactive
// member is never removed, because it may be impossible to add them again.
func (r *run) chooseToggle() {
	for _, a := range r.opts.Accounts {
		if a.Active && !r.now.Has(a.ID) {
			r.toggle = a.ID
			return
		}
	}
	for _, a := range r.opts.Accounts {
		if a.Active {
			r.toggle = a.ID
		}
	}
}

// other returns members that the group does not have now: those from before the probe, or the same with the toggle added or
// removed. Without a toggle, they are those from before.
func (r *run) other() []string {
	before := r.state.Members
	switch {
	case !slices.Equal(r.now.Members, before) || r.toggle == "":
		return before
	case slices.Contains(before, r.toggle):
		return slices.DeleteFunc(slices.Clone(before), func(id string) bool { return id == r.toggle })
	}
	return membership.Distinct(append(slices.Clone(before), r.toggle))
}

// RefusedError says why a group is not probed, or not put back. Nothing was written.
type RefusedError struct {
	Reason string
	Before *State // how the group was before the probe, if it is not put back
	// Unnamed are the accounts that the options must have so that the group is probed, or an old state is put back.
	Unnamed []string
}

func (e *RefusedError) Error() string { return e.Reason }

// check returns an error unless the group is one that may be probed.
func check(g membership.Group, individuals []string, o Options) error {
	refused := func(format string, args ...any) *RefusedError {
		what := fmt.Sprintf("Genesys group %q (%s) is not probed: ", g.DisplayName, g.ID)
		return &RefusedError{Reason: what + fmt.Sprintf(format, args...)}
	}
	named := o.named()
	isNamed := func(id string) bool { return named[id] }
	others := slices.DeleteFunc(slices.Clone(g.Members), isNamed)
	switch {
	case isConfigured(o.Configured, g):
		return refused("the configuration has it, or a group whose name looks the same, and a probe needs a throw-away group")
	case len(g.NotUsers) > 0:
		return refused("%d of its members are not users", len(g.NotUsers))
	case len(others) > 0:
		err := refused("%d of its %d members are not named by --with", len(others), len(g.Members))
		err.Unnamed = others
		return err
	case !slices.Equal(membership.Distinct(individuals), g.Members):
		return refused("SCIM shows %d members and Genesys has %d individual ones, so that a rule or the owners give it members",
			len(g.Members), len(individuals))
	case g.Version == "":
		return refused("it came without a version")
	}
	return nil
}
