package main

import (
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

func mistakesOfEntraAndSettings() map[string]firstHour {
	return map[string]firstHour{
		"no permission for members": {
			status: 6,
			says: []string{
				`fail  Entra permissions: GroupMember.Read.All is not granted: the members of groups cannot be read`,
				`  hint: .*admin consent`,
			},
			world: roles("User.Read.All")},
		"no permission for users": {
			status: 6,
			says: []string{
				`fail  Entra permissions: User.Read.All is not granted: Graph hides the names of people, and no group is changed`,
			},
			world: roles("GroupMember.Read.All")},
		"no permission at all": {
			status: 6,
			says: []string{
				`warn  Entra permissions: the token names none`,
				`fail  5 groups: denied: .*\n  hint: grant the application GroupMember.Read.All, with admin consent\n` +
					`  Billing, Night Shift, Supervisors, Support Tier 1, Support Tier 2$`,
			},
			world: roles()},
		"nothing may be read outside SCIM": {
			status: 0,
			says: []string{
				`warn  5 groups: it is not known whether a membership rule or an owner gives it members: Genesys group …: reading its individual ` +
					`members: .*403.*\n  hint: give the role of the OAuth client the permission that Genesys names\n  Billing, Night Shift, `,
				`warn  5 groups: Genesys group …: reading its settings outside SCIM: .*403.*\n  hint: give the role of the OAuth client `,
			},
			files: written("faults.json", `[{"match": "GET /api/v2/groups/*", "status": 403}]`)},
		"a permission to write": {
			status: 0,
			says: []string{
				`warn  Entra permissions: Group.ReadWrite.All: callroll only reads in Entra`,
			},
			world: roles("Group.ReadWrite.All", "User.Read.All", "GroupMember.Read.All")},
		"hidden members": {
			status: 6,
			says: []string{
				`warn  Entra permissions: Member.Read.Hidden is not granted`,
				`fail  Billing: denied: the members of Entra group .* are hidden`,
			},
			world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
				entraGroup(tenant, "Billing").Visibility = "HiddenMembership"
			}},
		"no permission in Genesys": {
			status: 6,
			says: []string{
				`fail  Genesys groups: .*directory:group:edit`,
				`  hint: the role of the OAuth client needs directory:group:edit`,
			},
			world: func(_ *sandbox.Entra, org *sandbox.Genesys) { org.Permissions = nil }},
		"nested groups": {
			status: 0,
			says: []string{
				`warn  Support Tier 2: 1 group is nested in Entra group .*, and the entry does not take its members`,
				`  hint: nested: true`,
			},
			config: with("    nested: true\n", "")},
		"a dynamic group that is paused": {
			status: 0,
			says: []string{
				`warn  Billing: Entra group .* is dynamic, and the processing of its rule is paused`,
			},
			world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
				g := entraGroup(tenant, "Billing")
				g.GroupTypes, g.MembershipRule, g.RulePaused = []string{"DynamicMembership"}, "user.department -eq 1", true
			}},
		"devices in the group": {
			status: 0,
			says: []string{
				`warn  Billing: members of Entra group .* that are neither users nor groups are left out: 1 of the type device$`,
			},
			world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
				tenant.Devices = []string{"0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11"}
				g := entraGroup(tenant, "Billing")
				g.Members = append(g.Members, tenant.Devices[0])
			}},
		"a distribution list": {
			status: 0,
			says: []string{
				`warn  Billing: Exchange manages the members of Entra group `,
			},
			world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
				g := entraGroup(tenant, "Billing")
				g.MailEnabled, g.SecurityEnabled = true, new(bool)
			}},
		"an empty source": {
			status: 4,
			says: []string{
				`fail  Billing: refused: would lose all 7 members and be empty`,
			},
			world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) { entraGroup(tenant, "Billing").Members = nil }},
		"a state folder that is a file": {
			status: 78,
			says: []string{
				`fail  state: .*state_dir: .* is not a folder$`,
				`skip  probe: there is no state folder, `,
				`21 checks: .* 1 failure, `,
			},
			config: with("state_dir: state", "state_dir: callroll.yaml")},
		"a state folder below a file": {
			status: 78,
			says: []string{
				`fail  state: .*state_dir: .*not a directory`,
				`skip  probe: there is no state folder, `,
				`21 checks: .* 1 failure, `,
			},
			config: with("state_dir: state", "state_dir: callroll.yaml/state")},
		"a secret that ends soon": {
			status: 4,
			says: []string{
				`fail  Entra credential: expires on `,
				`  hint: make a new one before`,
			},
			config: with("  client_secret_file: secrets/entra", "  client_secret_file: secrets/entra\n  secret_expires: "+time.Now().Add(48*time.Hour).Format(time.DateOnly))},
		"a secret that has ended": {
			status: 4,
			says: []string{
				`fail  Entra credential: expired on 2026-02-01$`,
				`  hint: make a new one now`,
			},
			config: with("  client_secret_file: secrets/entra", "  client_secret_file: secrets/entra\n  secret_expires: 2026-02-01")},
		"people who are known by another key": {
			status: 0,
			says: []string{
				`warn  match: employeeId finds 1 of 1 people who have no account by the other keys: clodagh.ryan@contoso.com has c.ryan@contoso.example$`,
				`  hint: .*add employeeId to match`,
			},
			world: func(tenant *sandbox.Entra, org *sandbox.Genesys) {
				i := slices.IndexFunc(tenant.Users, func(u sandbox.EntraUser) bool { return u.UserPrincipalName == "clodagh.ryan@contoso.com" })
				tenant.Users[i].EmployeeID = "4711"
				org.Users = append(org.Users, sandbox.GenesysUser{ID: "0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11", UserName: "c.ryan@contoso.example",
					DisplayName: "Clodagh Ryan", Active: true, EmployeeNumber: "4711"})
			}},
		"a limit that stops everything": {
			status: 4,
			says: []string{
				`warn  groups: limits.remove is 0, so that every group is refused that somebody has to leave`,
				`fail  Support Tier 1: refused: `,
			},
			config: appended("limits: {remove: 0}")},
		"a limit that stops nothing": {
			status: 0,
			says: []string{
				`warn  groups: limits.remove is 100%, so that it stops no removal`,
			},
			config: appended("limits: {remove: 100%}")},
		"a number that stops nothing": {status: 0, says: []string{`warn  4 groups: limits.remove is a number, and the group has only … members, so that the limit stops no removal$`},
			config: appended("limits: {remove: 7}")},
		"a dynamic group": {
			status: 0,
			says: []string{
				`ok    Billing: Entra group .* is dynamic: Entra computes its members`,
			},
			world: func(tenant *sandbox.Entra, _ *sandbox.Genesys) {
				g := entraGroup(tenant, "Billing")
				g.GroupTypes, g.MembershipRule = []string{"DynamicMembership"}, "user.department -eq 1"
			}},
		"no state": {
			status: 0,
			says: []string{
				`warn  state: state_dir is none: there is no lock`,
			},
			config: with("state_dir: state", "state_dir: none")},
		"a word that is no key": {
			status: 78,
			says: []string{
				`fail  configuration: .*groups.2..nestde: unknown key; did you mean nested`,
			},
			config: with("genesys: Billing", "genesys: Billing\n    nestde: true")},
		"no groups": {
			status: 78,
			says: []string{
				`fail  configuration: .*groups: there is no group to keep`,
			},
			config: func(s string) string {
				before, _, _ := strings.Cut(s, "groups:")
				return before + "groups: []\nretry: {base: 1ms, max: 2ms}\n"
			}},
	}
}
