package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// firstHour is a mistake of an admin's first hour.
type firstHour struct {
	config func(string) string                    // changes the configuration
	world  func(*sandbox.Entra, *sandbox.Genesys) // changes both services
	files  func(t *testing.T, dir string)         // changes the folder
	status int                                    // of doctor
	says   []string                               // lines of doctor: regular expressions
}

// with returns a function that replaces one text.
func with(old, new string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, new, 1) }
}

// appended returns a function that appends a line.
func appended(line string) func(string) string {
	return func(s string) string { return s + "\n" + line + "\n" }
}

func genesysGroup(org *sandbox.Genesys, name string) *sandbox.GenesysGroup {
	return &org.Groups[slices.IndexFunc(org.Groups, func(g sandbox.GenesysGroup) bool { return g.DisplayName == name })]
}

func entraGroup(tenant *sandbox.Entra, name string) *sandbox.EntraGroup {
	return &tenant.Groups[slices.IndexFunc(tenant.Groups, func(g sandbox.EntraGroup) bool { return g.DisplayName == name })]
}

// written returns a function that writes a line into a file.
func written(name, line string) func(*testing.T, string) {
	return func(t *testing.T, dir string) {
		do(t, os.WriteFile(filepath.Join(dir, name), []byte(line+"\n"), 0o600))
	}
}

func roles(names ...string) func(*sandbox.Entra, *sandbox.Genesys) {
	return func(tenant *sandbox.Entra, _ *sandbox.Genesys) { tenant.Roles = names }
}

func firstHourMistakes() map[string]firstHour {
	return map[string]firstHour{
		"the region of another org":                  {status: 7, says: []string{`fail  network: login.mypurecloud.de, directly: the DNS has no host login.mypurecloud.de`, `  hint: look at the region`}, config: with("mypurecloud.ie", "mypurecloud.de")},
		"the id of the secret in place of its value": {status: 78, says: []string{`fail  configuration: .*entra.client_secret_file: it holds the id of a client secret and not its value`}, files: written("secrets/entra", "5f6d1c9e-3d7c-4a4b-9c61-2f4f1f0e9a77")},
		"a wrong secret of Genesys":                  {status: 6, says: []string{`fail  Genesys sign-in: .*bad credentials`, `  hint: check the region first`}, files: written("secrets/genesys", "nothing")},
		"no file with the secret":                    {status: 78, says: []string{`fail  configuration: .*:11: genesys.client_secret_file: cannot read the secret`}, files: func(t *testing.T, dir string) { do(t, os.Remove(filepath.Join(dir, "secrets/genesys"))) }},
		"an empty secret":                            {status: 78, says: []string{`fail  configuration: .*genesys.client_secret_file: .*it is empty`}, files: written("secrets/genesys", "")},
		"a secret in the configuration":              {status: 78, says: []string{`fail  configuration: .*entra.client_secret: a secret does not belong in this file`}, config: with("client_secret_file: secrets/entra", "client_secret: this-is-not-a-secret-entra-sandbox-7QmV2x")},
		"another tenant":                             {status: 6, says: []string{`fail  Entra sign-in: .*there is no such tenant`, `  hint: check entra.tenant_id and entra.cloud`}, config: with("contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com")},
		"the object id of the application":           {status: 6, says: []string{`fail  Entra sign-in: .*the tenant does not have this application`, `  hint: check entra.client_id`}, config: with("d10823e6-32e0-4347-a638-f52386e3cd30", "0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11")},
		"another client of Genesys":                  {status: 6, says: []string{`fail  Genesys sign-in: .*bad credentials`, `  hint: client: 0d4c6e9a`}, config: with("b8bd7960-c0bb-4af1-b866-febe94793aef", "0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11")},
		"the ids swapped": {status: 4, says: []string{`fail  Support Tier 1: missing: `, `warn  Support Tier 1: the id under genesys is that of an Entra group$`, `  hint: swap entra and genesys`}, config: func(s string) string {
			return strings.NewReplacer("1bb21836-d6ec-41ee-8ac6-c8991ed36fd3", "8f30ea83-9899-4b93-8781-92cb2a75d6a8",
				"8f30ea83-9899-4b93-8781-92cb2a75d6a8", "1bb21836-d6ec-41ee-8ac6-c8991ed36fd3").Replace(s)
		}},
		"a group that Genesys does not have": {status: 4, says: []string{`fail  Billing: missing: no Genesys group is called "Biling"`, `  hint: callroll groups genesys`}, config: with("genesys: Billing", "genesys: Biling")},
		"two groups of one name": {status: 4, says: []string{`fail  Billing: missing: 2 Genesys groups are called "Billing"`, `  hint: name the right one by its id`}, world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
			genesysGroup(org, "Wallboard Screens").DisplayName = "Billing"
		}},
		"two entries with one group": {status: 78, says: []string{`fail  configuration: .*groups.4..genesys: "Billing" is the target of groups.2. already`}, config: with("genesys: Supervisors", "genesys: Billing")},
		"owners are members": {status: 0, says: []string{`warn  Billing: Genesys makes its owners members .1., whatever is written`, `  hint: turn off Include Owners`}, world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
			g := genesysGroup(org, "Billing")
			g.IncludeOwners, g.Owners = true, []string{org.Users[0].ID}
		}},
		"members by skills": {status: 0, says: []string{`warn  Billing: Genesys computes members of the group by their skills`}, world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
			genesysGroup(org, "Billing").Skills = true
			org.Permissions = append(org.Permissions, "directory:group:view")
		}},
		"members by a rule": {status: 4, says: []string{`fail  Support Tier 1: refused: Genesys has 1 of its 12 members by a membership rule`, `  hint: .*rules: accept`}, world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
			g := genesysGroup(org, "Support Tier 1")
			who := g.Members[0].Value
			g.Members = g.Members[1:]
			org.Switches.RuleMembers = map[string][]string{g.ID: {who}}
		}},
		"a social group":            {status: 0, says: []string{`warn  Billing: it is a social group`}, world: func(_ *sandbox.Entra, org *sandbox.Genesys) { genesysGroup(org, "Billing").Type = "social" }},
		"a private group":           {status: 0, says: []string{`warn  Billing: it is not visible to everybody`}, world: func(_ *sandbox.Entra, org *sandbox.Genesys) { genesysGroup(org, "Billing").Visibility = "members" }},
		"no permission for members": {status: 6, says: []string{`fail  Entra permissions: GroupMember.Read.All is not granted: the members of groups cannot be read`, `  hint: .*admin consent`}, world: roles("User.Read.All")},
		"no permission for users":   {status: 6, says: []string{`fail  Entra permissions: User.Read.All is not granted: Graph hides the names of people, and no group is changed`}, world: roles("GroupMember.Read.All")},
		"no permission at all":      {status: 6, says: []string{`warn  Entra permissions: the token names none`, `fail  Billing: denied: `}, world: roles()},
		"a permission to write":     {status: 0, says: []string{`warn  Entra permissions: Group.ReadWrite.All: callroll only reads in Entra`}, world: roles("Group.ReadWrite.All", "User.Read.All", "GroupMember.Read.All")},
		"hidden members": {status: 6, says: []string{`warn  Entra permissions: Member.Read.Hidden is not granted`, `fail  Billing: denied: the members of Entra group .* are hidden`}, world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
			entraGroup(tenant, "Billing").Visibility = "HiddenMembership"
		}},
		"no permission in Genesys": {status: 6, says: []string{`fail  Genesys groups: .*directory:group:edit`, `  hint: the role of the OAuth client needs directory:group:edit`}, world: func(_ *sandbox.Entra, org *sandbox.Genesys) { org.Permissions = nil }},
		"nested groups":            {status: 0, says: []string{`warn  Support Tier 2: 1 group is nested in Entra group .*, and the entry does not take its members`, `  hint: nested: true`}, config: with("    nested: true\n", "")},
		"a dynamic group that is paused": {status: 0, says: []string{`warn  Billing: Entra group .* is dynamic, and the processing of its rule is paused`}, world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
			g := entraGroup(tenant, "Billing")
			g.GroupTypes, g.MembershipRule, g.RulePaused = []string{"DynamicMembership"}, "user.department -eq 1", true
		}},
		"devices in the group": {status: 0, says: []string{`warn  Billing: members of Entra group .* that are neither users nor groups are left out: 1 of the type device$`}, world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
			tenant.Devices = []string{"0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11"}
			g := entraGroup(tenant, "Billing")
			g.Members = append(g.Members, tenant.Devices[0])
		}},
		"a distribution list": {status: 0, says: []string{`warn  Billing: Exchange manages the members of Entra group `}, world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
			g := entraGroup(tenant, "Billing")
			g.MailEnabled, g.SecurityEnabled = true, new(bool)
		}},
		"an empty source":               {status: 4, says: []string{`fail  Billing: refused: would lose all 7 members and be empty`}, world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) { entraGroup(tenant, "Billing").Members = nil }},
		"a state folder that is a file": {status: 78, says: []string{`fail  state: .*state_dir: .* is not a folder$`}, config: with("state_dir: state", "state_dir: callroll.yaml")},
		"a secret that ends soon":       {status: 4, says: []string{`fail  Entra credential: expires on `, `  hint: make a new one before`}, config: with("  client_secret_file: secrets/entra", "  client_secret_file: secrets/entra\n  secret_expires: "+time.Now().Add(48*time.Hour).Format(time.DateOnly))},
		"people who are known by another key": {status: 0, says: []string{`warn  match: employeeId finds 1 of 1 people who have no account by the other keys: clodagh.ryan@contoso.com has c.ryan@contoso.example$`, `  hint: .*add employeeId to match`}, world: func(tenant *sandbox.Entra, org *sandbox.Genesys) {
			i := slices.IndexFunc(tenant.Users, func(u sandbox.EntraUser) bool { return u.UserPrincipalName == "clodagh.ryan@contoso.com" })
			tenant.Users[i].EmployeeID = "4711"
			org.Users = append(org.Users, sandbox.GenesysUser{ID: "0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11", UserName: "c.ryan@contoso.example",
				DisplayName: "Clodagh Ryan", Active: true, EmployeeNumber: "4711"})
		}},
		"a limit that stops everything": {status: 4, says: []string{`warn  groups: limits.remove is 0, so that every group is refused that somebody has to leave`, `fail  Support Tier 1: refused: `}, config: appended("limits: {remove: 0}")},
		"a limit that stops nothing":    {status: 0, says: []string{`warn  groups: limits.remove is 100%, so that it stops no removal`}, config: appended("limits: {remove: 100%}")},
		"a number that stops nothing": {status: 0, says: []string{`warn  Billing: limits.remove is a number, and the group has only 7 members, so that the limit stops no removal$`},
			config: appended("limits: {remove: 7}")},
		"a dynamic group": {status: 0, says: []string{`ok    Billing: Entra group .* is dynamic: Entra computes its members`}, world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
			g := entraGroup(tenant, "Billing")
			g.GroupTypes, g.MembershipRule = []string{"DynamicMembership"}, "user.department -eq 1"
		}},
		"no state":              {status: 0, says: []string{`warn  state: state_dir is none: there is no lock`}, config: with("state_dir: state", "state_dir: none")},
		"a word that is no key": {status: 78, says: []string{`fail  configuration: .*groups.2..nestde: unknown key; did you mean nested`}, config: with("genesys: Billing", "genesys: Billing\n    nestde: true")},
		"no groups": {status: 78, says: []string{`fail  configuration: .*groups: there is no group to keep`}, config: func(s string) string {
			before, _, _ := strings.Cut(s, "groups:")
			return before + "groups: []\nretry: {base: 1ms, max: 2ms}\n"
		}},
	}
}

// doctor names each mistake, and says what to do.
func TestDoctorKnowsTheMistakes(t *testing.T) {
	t.Parallel()
	for name, m := range firstHourMistakes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := play(t, "[]")
			if m.world != nil {
				world, err := sandbox.Open(dir)
				do(t, err)
				do(t, world.Edit(m.world))
				do(t, world.Close())
			}
			if m.files != nil {
				m.files(t, dir)
			}
			config := file(t, dir, sandbox.DemoConfig) + "\nretry: {base: 1ms, max: 2ms}\n"
			if m.config != nil {
				config = m.config(config)
			}
			do(t, os.WriteFile(filepath.Join(dir, sandbox.DemoConfig), []byte(config), 0o600))
			var stdout, stderr bytes.Buffer
			status := run(t.Context(), []string{"doctor", "--sandbox", dir}, nil, strings.NewReader(""), &stdout, &stderr)
			if status != m.status {
				t.Errorf("status %d, want %d", status, m.status)
			}
			for _, line := range m.says {
				if !regexp.MustCompile("(?m)^" + line).MatchString(stdout.String()) {
					t.Errorf("no line %s in\n%s%s", line, stdout.String(), stderr.String())
				}
			}
		})
	}
}

// Every line that shows a mistake is absent without it.
func TestDoctorFindsNoMistake(t *testing.T) {
	t.Parallel()
	dir := play(t, "[]")
	var stdout, stderr bytes.Buffer
	status := run(t.Context(), []string{"doctor", "--sandbox", dir}, nil, strings.NewReader(""), &stdout, &stderr)
	if status != report.OK {
		t.Fatalf("status %d: %s%s", status, stdout.String(), stderr.String())
	}
	for name, m := range firstHourMistakes() {
		missing := func(line string) bool { return !regexp.MustCompile("(?m)^" + line).MatchString(stdout.String()) }
		if !slices.ContainsFunc(m.says, missing) {
			t.Errorf("%s: all lines are there without the mistake", name)
		}
	}
}
