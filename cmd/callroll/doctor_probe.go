package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/pflag"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
)

// probeFlags are the flags of doctor that make it probe a group.
type probeFlags struct {
	group          string
	with           []string
	withoutMembers bool
}

func (p *probeFlags) register(fs *pflag.FlagSet) {
	fs.StringVar(&p.group, "probe", "",
		"instead of the checks, find out on the throw-away Genesys group `GROUP` what Genesys does not document")
	fs.StringArrayVar(&p.with, "with", nil,
		"`ACCOUNT` that --probe may add, and that may be a member: a userName or an id (repeatable)")
	fs.BoolVar(&p.withoutMembers, "probe-without-members", false, "let --probe send a PUT that may empty the group for a moment")
}

// check returns an error for a flag that has no meaning without --probe.
func (p *probeFlags) check() error {
	if p.group == "" && (len(p.with) > 0 || p.withoutMembers) {
		return usage(errors.New("--with and --probe-without-members need --probe GROUP"))
	}
	return nil
}

// doctorProbe probes one group. It needs only the Genesys side of the configuration, and the state folder.
func (a *app) doctorProbe(ctx context.Context, f *outFlags, flags *probeFlags) error {
	out, err := a.output(f)
	if err != nil {
		return err
	}
	a.current = out
	return a.inSession(ctx, needs{genesys: true}, func(ctx context.Context, s *session) error {
		p := &prober{session: s, flags: flags, out: out}
		return p.run(ctx)
	}, out.fail)
}

// prober is one call of doctor --probe.
type prober struct {
	session  *session
	flags    *probeFlags
	out      *output
	conn     *genesys.Conn
	journal  *journal.Journal
	accounts []membership.Account
}

// run takes the lock that runs take, puts back what an earlier probe has left, and probes the group.
func (p *prober) run(ctx context.Context) error {
	s := p.session
	dir, err := s.stateDir()
	if err == nil && dir == journal.None {
		err = errors.New("is none: a probe keeps there what the group was before, to put it back after a kill")
		err = s.config.At("state_dir", err)
	}
	if err != nil {
		return err
	}
	if p.conn, err = s.genesys(ctx); err != nil {
		return err
	}
	if p.journal, err = journal.Open(dir, s.journalOptions()); err != nil {
		return s.stateError(err)
	}
	release, err := p.journal.Lock(ctx, p.conn.Host(), p.conn.ClientID(), 0)
	if err != nil {
		return s.stateError(err)
	}
	defer release()
	state, path, err := p.unfinished(dir)
	if err != nil {
		return err
	}
	if err := p.findAccounts(ctx); err != nil {
		return err
	}
	if state != nil {
		if err := p.putBack(ctx, *state, path); err != nil {
			return err
		}
	}
	id, err := p.findGroup(ctx)
	if err != nil {
		return err
	}
	return p.probe(ctx, id)
}

// options returns what the probe works with.
func (p *prober) options() probe.Options {
	s := p.session
	return probe.Options{
		Conn: p.conn, Keeper: p.journal.ProbeKeeper(), Accounts: p.accounts, Unknown: uuid.NewString(), Configured: s.configured(),
		WithoutMembers: p.flags.withoutMembers, ReadBack: cmp.Or(s.settings.ReadBack, defaultReadBack), Linger: rest.Linger,
	}
}

// defaultReadBack is how long a probe waits until a write shows if the configuration has read_back: 0.
const defaultReadBack = 30 * time.Second

// unfinished returns the state of a probe that was killed, or nil. It refuses to probe one group while another one is still to be
// put back.
func (p *prober) unfinished(dir string) (*probe.State, string, error) {
	state, path, err := journal.ReadUnfinishedProbe(dir)
	switch {
	case err != nil:
		return nil, "", &statusError{report.Failed, &hintedError{fmt.Errorf("what an unfinished probe has left cannot be read: %w", err),
			unreadableProbe}}
	case state == nil:
		return nil, "", nil
	case !state.IsOf(p.conn):
		p.sayBefore(*state)
		err := fmt.Errorf("an unfinished probe has not put back Genesys group %q (%s) yet, and only the OAuth client %s at %s can "+
			"do that; this is %s at %s", state.DisplayName, state.Group, state.ClientID, state.Host, p.conn.ClientID(), p.conn.Host())
		return nil, "", &statusError{report.Refused, &hintedError{err, otherClient(*state) + byHand(path)}}
	case state.IsConfigured(p.session.configured()): // whatever the call names
		return state, path, nil
	case !state.Is(p.flags.group):
		err := fmt.Errorf("an unfinished probe has not put back Genesys group %q (%s) of %s yet",
			state.DisplayName, state.Group, state.Host)
		return nil, "", &statusError{report.Refused, &hintedError{err, p.session.probeAgain(*state)}}
	}
	return state, path, nil
}

// putBack puts back the group of a probe that was killed.
func (p *prober) putBack(ctx context.Context, state probe.State, path string) error {
	p.session.app.say("an unfinished probe has written Genesys group %q (%s); putting it back first", state.DisplayName, state.Group)
	return p.explain(ctx, probe.PutBack(ctx, state, p.options()), path)
}

// findAccounts finds the accounts of --with, each by exactly its userName or by its id.
func (p *prober) findAccounts(ctx context.Context) error {
	reader := genesys.NewReader(p.conn)
	for _, ref := range p.flags.with {
		find := reader.UserNamed
		if membership.IsID(ref) {
			find = reader.User
			ref = strings.ToLower(ref)
		}
		account, err := find(ctx, ref)
		if err != nil {
			return fmt.Errorf("--with %s: %w", ref, err)
		}
		p.accounts = append(p.accounts, account)
	}
	return nil
}

// findGroup returns the id of the group.
func (p *prober) findGroup(ctx context.Context) (string, error) {
	ref := p.flags.group
	if membership.IsID(ref) {
		return strings.ToLower(ref), nil
	}
	groups, err := genesys.NewReader(p.conn).Named(ctx, ref)
	if err != nil {
		return "", err
	}
	if len(groups) == 1 {
		return groups[0].ID, nil
	}
	err = fmt.Errorf("%d Genesys groups are called %q", len(groups), ref)
	if len(groups) == 0 {
		err = fmt.Errorf("no Genesys group is called %q", ref)
	}
	return "", &statusError{report.Refused, &hintedError{err, "name the group by its id, as callroll groups genesys shows it"}}
}

// probe says what it will do, does it, keeps what was found, and prints it.
func (p *prober) probe(ctx context.Context, id string) error {
	a := p.session.app
	options := p.options()
	options.Begin = func() {
		a.say("probing Genesys group %s: it is written several times, with its members, %s and a made-up id, and put back at the end",
			id, accountsText(len(p.accounts)))
	}
	findings, err := probe.Run(ctx, id, options)
	_, path, _ := journal.ReadUnfinishedProbe(p.journal.Dir())
	err = p.explain(ctx, err, path)
	if len(findings) == 0 {
		return err
	}
	status := report.OfFindings(findings)
	if err != nil {
		a.sayLines(append([]string{err.Error()}, hintLines(err)...)...)
		status = report.Worst(status, statusOf(err))
	}
	isKept := false
	if ctx.Err() == nil { // a probe that was stopped has found less than the one before
		kept := p.journal.KeepProbe(journal.ProbeResult{
			Host: p.conn.Host(), Version: version(), Ended: time.Now().UTC().Truncate(time.Second), Findings: findings,
		})
		if kept != nil {
			a.say("what was found could not be kept in the state folder: %v", kept)
			status = report.Worst(status, report.Failed)
		}
		isKept = kept == nil
	}
	result := report.Probe{Version: versionAndBuild(), Status: stopStatus(ctx, status), Findings: findings}
	err = p.out.succeed(result.Status, func(to report.Printer) error { return to.Probe(result) })
	if isKept {
		p.sayNext()
	}
	return err
}

// sayNext says what can be done with what was found. Neither the text nor the JSON on stdout names the group.
func (p *prober) sayNext() {
	lines := []string{fmt.Sprintf("what was found is kept in %s, and callroll doctor shows it", p.journal.ProbePath())}
	if p.out.format != jsonFormat && p.out.flags.file == "" {
		lines = append(lines, "hint: to send it to the project, call the probe again with --output json: it names neither the group nor anybody")
	}
	p.session.app.sayLines(lines...)
}

func accountsText(n int) string {
	if n == 1 {
		return "1 account of --with"
	}
	return fmt.Sprintf("%d accounts of --with", n)
}
