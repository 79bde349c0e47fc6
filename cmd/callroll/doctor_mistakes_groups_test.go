package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

func mistakesOfGenesysGroups() map[string]firstHour {
	return map[string]firstHour{
		"the ids swapped": {
			status: 4,
			says: []string{
				`fail  Support Tier 1: missing: `,
				`warn  Support Tier 1: the id under genesys is that of an Entra group$`,
				`  hint: swap entra and genesys`,
			},
			config: func(s string) string {
				return strings.NewReplacer("1bb21836-d6ec-41ee-8ac6-c8991ed36fd3", "8f30ea83-9899-4b93-8781-92cb2a75d6a8",
					"8f30ea83-9899-4b93-8781-92cb2a75d6a8", "1bb21836-d6ec-41ee-8ac6-c8991ed36fd3").Replace(s)
			}},
		"a group that Genesys does not have": {
			status: 4,
			says: []string{
				`fail  Billing: missing: no Genesys group is called "Biling"`,
				`  hint: callroll groups genesys`,
			},
			config: with("genesys: Billing", "genesys: Biling")},
		"two groups of one name": {
			status: 4,
			says: []string{
				`fail  Billing: missing: 2 Genesys groups are called "Billing"`,
				`  hint: name the right one by its id`,
			},
			world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
				genesysGroup(org, "Wallboard Screens").DisplayName = "Billing"
			}},
		"two entries with one group": {
			status: 78,
			says: []string{
				`fail  configuration: .*groups.4..genesys: "Billing" is the target of groups.2. already`,
			},
			config: with("genesys: Supervisors", "genesys: Billing")},
		"owners are members": {
			status: 0,
			says: []string{
				`warn  Billing: Genesys makes its owners members .1., whatever is written`,
				`  hint: turn off Include Owners`,
			},
			world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
				g := genesysGroup(org, "Billing")
				g.IncludeOwners, g.Owners = true, []string{org.Users[0].ID}
			}},
		"members by skills": {
			status: 0,
			says: []string{
				`warn  Billing: Genesys computes members of the group by their skills`,
			},
			world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
				genesysGroup(org, "Billing").Skills = true
				org.Permissions = append(org.Permissions, "directory:group:view")
			}},
		"members by a rule": {
			status: 4,
			says: []string{
				`fail  Support Tier 1: refused: Genesys has 1 of its 12 members by a membership rule`,
				`  hint: .*rules: accept`,
			},
			world: func(_ *sandbox.Entra, org *sandbox.Genesys) {
				g := genesysGroup(org, "Support Tier 1")
				who := g.Members[0].Value
				g.Members = g.Members[1:]
				org.Switches.RuleMembers = map[string][]string{g.ID: {who}}
			}},
		"a social group": {
			status: 0,
			says: []string{
				`warn  Billing: it is a social group`,
			},
			world: func(_ *sandbox.Entra, org *sandbox.Genesys) { genesysGroup(org, "Billing").Type = "social" }},
		"a private group": {
			status: 0,
			says: []string{
				`warn  Billing: it is not visible to everybody`,
			},
			world: func(_ *sandbox.Entra, org *sandbox.Genesys) { genesysGroup(org, "Billing").Visibility = "members" }},
	}
}

func mistakesOfCredentials() map[string]firstHour {
	return map[string]firstHour{
		"the region of another org": {
			status: 7,
			says: []string{
				`fail  network: login.mypurecloud.de, directly: the DNS has no host login.mypurecloud.de`,
				`  hint: look at the region`,
			},
			config: with("mypurecloud.ie", "mypurecloud.de")},
		"the id of the secret in place of its value": {
			status: 78,
			says: []string{
				`fail  configuration: .*entra.client_secret_file: it holds the id of a client secret and not its value`,
			},
			files: written("secrets/entra", "5f6d1c9e-3d7c-4a4b-9c61-2f4f1f0e9a77")},
		"a wrong secret of Genesys": {
			status: 6,
			says: []string{
				`fail  Genesys sign-in: .*bad credentials`,
				`  hint: check the region first`,
			},
			files: written("secrets/genesys", "nothing")},
		"no file with the secret": {
			status: 78,
			says: []string{
				`fail  configuration: .*:11: genesys.client_secret_file: cannot read the secret`,
			},
			files: func(t *testing.T, dir string) { do(t, os.Remove(filepath.Join(dir, "secrets/genesys"))) }},
		"an empty secret": {
			status: 78,
			says: []string{
				`fail  configuration: .*genesys.client_secret_file: .*it is empty`,
			},
			files: written("secrets/genesys", "")},
		"a secret in the configuration": {
			status: 78,
			says: []string{
				`fail  configuration: .*entra.client_secret: a secret does not belong in this file`,
			},
			config: with("client_secret_file: secrets/entra", "client_secret: this-is-not-a-secret-entra-sandbox-7QmV2x")},
		"another tenant": {
			status: 6,
			says: []string{
				`fail  Entra sign-in: .*there is no such tenant`,
				`  hint: check entra.tenant_id and entra.cloud`,
			},
			config: with("contoso.onmicrosoft.com", "fabrikam.onmicrosoft.com")},
		"the object id of the application": {
			status: 6,
			says: []string{
				`fail  Entra sign-in: .*the tenant does not have this application`,
				`  hint: check entra.client_id`,
			},
			config: with("d10823e6-32e0-4347-a638-f52386e3cd30", "0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11")},
		"another client of Genesys": {
			status: 6,
			says: []string{
				`fail  Genesys sign-in: .*bad credentials`,
				`  hint: client: 0d4c6e9a`,
			},
			config: with("b8bd7960-c0bb-4af1-b866-febe94793aef", "0d4c6e9a-8a55-4f0e-a0b8-6c6f0c6d1b11")},
	}
}
