package main

import (
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
)

// feature is what an application permission of Microsoft Graph is for. Any of roles is enough; the first one is the least.
type feature struct {
	roles   []string
	without string             // what does not work without it
	result  report.CheckResult // without it
}

func features() []feature {
	return []feature{
		{[]string{"GroupMember.Read.All", "Group.Read.All", "Directory.Read.All", "GroupMember.ReadWrite.All",
			"Group.ReadWrite.All", "Directory.ReadWrite.All"}, "the members of groups cannot be read", report.CheckFail},
		{[]string{"User.Read.All", "Directory.Read.All", "User.ReadWrite.All", "Directory.ReadWrite.All"},
			"Graph hides the names of people, and no group is changed", report.CheckFail},
		{[]string{"Member.Read.Hidden"}, "groups with hidden membership stay as they are", report.CheckWarn},
	}
}

// permissions checks the permissions in the token, and warns of those that allow to write.
func (c *checkup) permissions() {
	if c.roles == nil {
		c.add(report.CheckWarn, checkPermissions, "the token names none: nothing is granted, or admin consent is missing")
		c.hint("grant GroupMember.Read.All and User.Read.All of Microsoft Graph to the application in Entra, with admin consent")
		return
	}
	var granted []string
	for _, f := range features() {
		if role := c.granted(f.roles); role != "" {
			granted = append(granted, role)
			continue
		}
		c.add(f.result, checkPermissions, "%s is not granted: %s", f.roles[0], f.without)
		c.hint("grant the application permission " + f.roles[0] + " of Microsoft Graph in Entra, with admin consent")
		if f.result == report.CheckFail {
			c.checks[len(c.checks)-1].Status = report.Denied
		}
	}
	if len(granted) > 0 {
		c.add(report.CheckOK, checkPermissions, "%s", strings.Join(granted, ", "))
	}
	var writes []string
	for _, role := range c.roles {
		if strings.Contains(role, "Write") || strings.Contains(role, "Manage") {
			writes = append(writes, role)
		}
	}
	if slices.Sort(writes); len(writes) > 0 {
		c.add(report.CheckWarn, checkPermissions, "%s: callroll only reads in Entra, and needs no permission to write",
			strings.Join(writes, ", "))
	}
}

// granted returns the first of some permissions that the token has; empty if it has none of them.
func (c *checkup) granted(anyOf []string) string {
	for _, role := range anyOf {
		if slices.Contains(c.roles, role) {
			return role
		}
	}
	return ""
}

// failBefore is how long before its end a credential is a failure. From pipeline.EndsSoon on it is a warning.
const failBefore = 7 * 24 * time.Hour

// credential checks when the credential for Entra expires.
func (c *checkup) credential(end time.Time) {
	left := time.Until(end)
	text, advice := pipeline.EndText(end, time.Now())
	switch {
	case end.IsZero():
		c.add(report.CheckSkip, checkCredential,
			"it is not known when it expires; entra.secret_expires in the configuration can say it")
		return
	case left > pipeline.EndsSoon:
		c.add(report.CheckOK, checkCredential, "%s", text)
		return
	}
	c.add(report.CheckWarn, checkCredential, "%s", text)
	c.hint(advice)
	if last := &c.checks[len(c.checks)-1]; left <= failBefore {
		last.Result, last.Status = report.CheckFail, report.Refused
	}
}

// clock checks the clock of this machine against the times in the answers of both services.
func (c *checkup) clock() {
	right, wrong := c.app.clock.hosts()
	for _, host := range wrong {
		c.add(report.CheckWarn, checkClock, "it is %s by the answers of %s", off(c.app.clock.ahead[host]), host)
		c.hint("set the clock")
	}
	switch {
	case len(wrong) > 0:
	case len(right) > 0:
		c.add(report.CheckOK, checkClock, "agrees with %s", strings.Join(right, ", "))
	default:
		c.add(report.CheckSkip, checkClock, "no service has answered with a time")
	}
}
