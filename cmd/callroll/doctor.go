package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/secret"
)

func (a *app) doctorCommand() *cobra.Command {
	var f outFlags
	var p probeFlags
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check the configuration, both services and each group, and say what to do",
		Long: "Check what a run needs: the configuration, the sign-in and the permissions on both sides, the clock, each group, and\n" +
			"the state folder. Each check is a line: ok, warn, fail, or skip with the reason. Nothing is changed, on either side\n" +
			"and on the disk. The exit status is that of the worst line.\n\n" +
			"With --probe GROUP there are no checks. Instead, callroll finds out on a throw-away Genesys group what the vendor does\n" +
			"not document. The group must be in no entry of the configuration, and be empty or have only members that --with\n" +
			"names. It is written several times, with these accounts and an id that nobody has, and put back at the end. What is\n" +
			"printed names nobody, so that it can be sent to others. If the probe is killed, the same call puts the group back.",
		Example: "  callroll doctor --output json\n" +
			"  callroll doctor --probe 'Throw-away' --with ada@contoso.com --with bela@contoso.com",
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := p.check(); err != nil {
				return err
			}
			if p.group != "" {
				return a.doctorProbe(cmd.Context(), &f, &p)
			}
			return a.doctor(cmd.Context(), &f)
		},
	}
	f.register(cmd.Flags())
	p.register(cmd.Flags())
	return cmd
}

func (a *app) doctor(ctx context.Context, f *outFlags) error {
	out, err := a.output(f)
	if err != nil {
		return err
	}
	c := &checkup{app: a}
	show := func(ctx context.Context) error {
		return out.succeed(stopStatus(ctx, c.status()), func(to report.Printer) error { return to.Checkup(c.result()) })
	}
	work := func(ctx context.Context, s *session) error {
		c.run(ctx, s)
		return show(ctx)
	}
	failed := func(ctx context.Context, err error) error {
		if statusOf(err) != report.Config {
			return out.fail(ctx, err)
		}
		c.misconfigured(err)
		return show(ctx)
	}
	return a.inSession(ctx, needs{entra: true, genesys: true, groups: true}, work, failed)
}

// checkup collects the checks of one call.
type checkup struct {
	app    *app
	checks []report.Check
	roles  []string // of the token for Graph
}

// The names of the checks, in their order.
const (
	checkConfig       = "configuration"
	checkNetwork      = "network"
	checkClock        = "clock"
	checkSignIn       = "Entra sign-in"
	checkPermissions  = "Entra permissions"
	checkCredential   = "Entra credential"
	checkOrg          = "Genesys sign-in"
	checkListing      = "Genesys groups"
	checkProvider     = "SCIM"
	checkProvisioning = "Entra provisioning"
	checkRules        = "Genesys rules"
	checkGroups       = "groups"
	checkMatch        = "match"
	checkState        = "state"
	checkProbe        = "probe"
)

func (c *checkup) add(result report.CheckResult, name, format string, args ...any) {
	c.checks = append(c.checks, report.Check{Name: name, Result: result, Text: fmt.Sprintf(format, args...)})
}

// hint sets the hint of the last check.
func (c *checkup) hint(text string) { c.checks[len(c.checks)-1].Hint = text }

// fail adds a check that an error has ended.
func (c *checkup) fail(name string, err error) {
	c.checks = append(c.checks, report.Check{
		Name: name, Result: report.CheckFail, Text: err.Error(), Hint: membership.HintOf(err), Status: statusOf(err),
	})
}

func (c *checkup) status() int {
	worst := report.OK
	for _, check := range c.checks {
		worst = report.Worst(worst, check.Status)
	}
	return worst
}

func (c *checkup) result() report.Checkup {
	return report.Checkup{Version: versionAndBuild(), Status: c.status(), Checks: c.checks}
}

// misconfigured adds a check for each mistake of the configuration, and skips the others.
func (c *checkup) misconfigured(err error) {
	var many config.Errors
	if !errors.As(err, &many) {
		c.fail(checkConfig, err)
	}
	for _, one := range many {
		c.fail(checkConfig, one)
	}
	for _, name := range []string{
		checkNetwork, checkClock, checkSignIn, checkPermissions, checkCredential, checkOrg, checkListing, checkProvider,
		checkProvisioning, checkRules, checkGroups, checkState, checkProbe,
	} {
		c.add(report.CheckSkip, name, "a configuration without mistakes is needed")
	}
}

// run makes all checks. A check that fails does not end the others.
func (c *checkup) run(ctx context.Context, s *session) {
	groups := "1 group"
	if n := len(s.config.Groups); n != 1 {
		groups = fmt.Sprintf("%d groups", n)
	}
	c.add(report.CheckOK, checkConfig, "%s, %s", s.config.Path, groups)
	for _, file := range s.config.Readable {
		c.add(report.CheckWarn, checkConfig, "everybody on this machine may read the secret file %s", file)
		c.hint(secret.ChmodHint)
	}
	reached := &contacts{next: s.http.Transport, host: map[string]contact{}}
	s.http.Transport = reached
	before := len(c.checks)
	c.services(ctx, s)
	c.state(s)
	c.probed(s)
	after := slices.Clone(c.checks[before:])
	c.checks = c.checks[:before] // how the hosts were reached is known only now, and explains what was found
	c.network(reached)
	c.clock()
	c.checks = append(c.checks, after...)
}

// services checks both services and the groups.
func (c *checkup) services(ctx context.Context, s *session) {
	entra := c.entra(ctx, s)
	conn := c.genesys(ctx, s)
	if entra != nil && conn != nil {
		c.groups(ctx, s, entra, conn)
	} else {
		c.add(report.CheckSkip, checkProvisioning, "both services are needed")
		c.add(report.CheckSkip, checkRules, "both services are needed")
		c.add(report.CheckSkip, checkGroups, "both services are needed")
	}
}

// entra checks the sign-in, the permissions and the credential of the Entra side. It returns nil if there is no token.
func (c *checkup) entra(ctx context.Context, s *session) *graph.Client {
	client, err := s.entra(ctx)
	var who graph.Identity
	if err == nil {
		who, err = client.SignIn(ctx)
	}
	if err != nil {
		c.fail(checkSignIn, err)
		c.add(report.CheckSkip, checkPermissions, "there is no token")
		c.add(report.CheckSkip, checkCredential, "there is no token")
		return nil
	}
	c.add(report.CheckOK, checkSignIn, "tenant %s, with %s", who.TenantID, s.config.EntraAuth())
	c.roles = who.Roles
	c.permissions()
	c.credential(client.CredentialEnd(ctx))
	return client
}

// genesys checks the sign-in and the permission of the Genesys side. It returns nil if the groups cannot be listed.
func (c *checkup) genesys(ctx context.Context, s *session) *genesys.Conn {
	conn, err := s.genesys(ctx)
	if err == nil {
		err = genesys.NewReader(conn).SignIn(ctx)
	}
	if err != nil {
		c.fail(checkOrg, err)
		c.add(report.CheckSkip, checkListing, "there is no token")
		c.add(report.CheckSkip, checkProvider, "there is no token")
		return nil
	}
	c.add(report.CheckOK, checkOrg, "%s", conn.Host())
	reading := s.settings.Progress.Begin(pipeline.ReadingGenesys, 0)
	listing, err := genesys.NewReader(conn).Groups(ctx, nil)
	reading.End()
	if err != nil {
		c.fail(checkListing, err)
	} else {
		c.add(report.CheckOK, checkListing, "%d are visible", len(listing.Groups()))
	}
	switch provider, readErr := genesys.NewReader(conn).ServiceProvider(ctx); {
	case readErr != nil:
		c.add(report.CheckWarn, checkProvider, "%v", readErr)
	case !provider.ETag:
		c.add(report.CheckWarn, checkProvider, "it says that resources have no versions (ETag), so that a change by "+
			"somebody else at the same moment may be overwritten")
	default:
		c.add(report.CheckOK, checkProvider, "pages of up to %d, versions (ETag)", provider.MaxResults)
	}
	if err != nil {
		return nil
	}
	return conn
}

// groups checks each group of the configuration.
func (c *checkup) groups(ctx context.Context, s *session, entra *graph.Client, conn *genesys.Conn) {
	s.recall(conn)
	p, groups, better, err := pipeline.Examine(ctx, entra, genesys.NewReader(conn), s.settings)
	if err != nil {
		c.add(report.CheckSkip, checkProvisioning, "the groups are not known")
		c.add(report.CheckSkip, checkRules, "the groups are not known")
		c.fail(checkGroups, err)
		return
	}
	byGroup := c.provisioning(ctx, s, entra, groups)
	c.rules(groups)
	for _, note := range append(report.Notes(p), p.Remarks...) {
		if !pipeline.IsCredentialNote(note) { // a check of its own
			c.add(report.CheckWarn, checkGroups, "%s", note)
		}
	}
	for _, text := range s.settings.Policy.Limits.Useless() {
		c.add(report.CheckWarn, checkGroups, "%s", text)
	}
	planned := report.Planned(p)
	for i, x := range groups {
		facts := factsOf(x)
		if byGroup != nil {
			facts.Provisioned = byGroup[i]
		}
		c.checks = append(c.checks, report.GroupChecks(planned[i], facts)...)
	}
	c.keys(better)
}
