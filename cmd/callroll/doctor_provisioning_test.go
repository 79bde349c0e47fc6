package main

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/callroll/callroll/pkg/sandbox"
)

// provisioning gives the tenant an application of the gallery whose job keeps Billing, and the token the first n of the
// permissions that show it.
func provisioning(n int, change func(app *sandbox.EntraApplication, billing string)) func(*sandbox.Entra, *sandbox.Genesys) {
	return func(tenant *sandbox.Entra, org *sandbox.Genesys) {
		roles := []string{"Application.Read.All", "Synchronization.Read.All", "SynchronizationMetadata.Read.All"}
		tenant.Roles = slices.Concat(tenant.Roles, roles[:n])
		billing := genesysGroup(org, "Billing").ID
		app := sandbox.EntraApplication{
			ID: "52c0d3f4-9a0b-4a57-8b0b-1d4d3a2f7c11", DisplayName: "Genesys Cloud for Azure",
			Jobs: []sandbox.EntraProvisioningJob{{ID: "genesys.7", Links: map[string]string{entraGroup(tenant, "Billing").ID: billing}}},
		}
		if change != nil {
			change(&app, billing)
		}
		tenant.Applications = []sandbox.EntraApplication{app}
	}
}

func mistakesOfProvisioning() map[string]firstHour {
	const notKnown = `warn  Entra provisioning: Genesys Cloud for Azure provisions, and it is not known which of these groups it manages: `
	none := []string{`ok    Entra provisioning: Genesys Cloud for Azure manages none of these groups$`}
	nothing := []string{`ok    Entra provisioning: no enterprise application with genesys or purecloud in its name provisions anything$`}
	job := func(change func(*sandbox.EntraProvisioningJob, string)) func(*sandbox.EntraApplication, string) {
		return func(app *sandbox.EntraApplication, billing string) { change(&app.Jobs[0], billing) }
	}
	return map[string]firstHour{
		"Entra provisions the group too": {
			says: []string{
				`warn  Entra provisioning: Genesys Cloud for Azure also manages 1 of 5 groups$`,
				`warn  Billing: Entra's own provisioning also manages this group: enterprise application Genesys Cloud for Azure$`,
				`  hint: take the group out of the scope of that application`,
			},
			world: provisioning(3, nil)},
		"Entra provisions the group from another Entra group": {
			says: []string{`warn  Billing: Entra's own provisioning also manages this group`},
			world: provisioning(3, job(func(j *sandbox.EntraProvisioningJob, billing string) {
				j.Links = map[string]string{"3a3a3a3a-0000-4000-8000-000000000001": billing}
			}))},
		"a job in quarantine": {
			says:  []string{`warn  Billing: Entra's own provisioning also manages this group`},
			world: provisioning(3, job(func(j *sandbox.EntraProvisioningJob, _ string) { j.Status = "Quarantine" }))},
		"Entra provisions into another Genesys group": {
			says: none,
			world: provisioning(3, job(func(j *sandbox.EntraProvisioningJob, _ string) {
				for source := range j.Links {
					j.Links[source] = "another"
				}
			}))},
		"the provisioning is off": {
			says:  nothing,
			world: provisioning(3, job(func(j *sandbox.EntraProvisioningJob, _ string) { j.Disabled = true }))},
		"an application of another name": {
			says:  nothing,
			world: provisioning(3, func(app *sandbox.EntraApplication, _ string) { app.DisplayName = "Payroll" })},
		"no permission for links": {
			says:  []string{notKnown + `.*403`, `  hint: grant the application SynchronizationMetadata.Read.All`},
			world: provisioning(2, nil)},
		"a part of the answers is missing": {
			says:  []string{notKnown + `.*503`, `warn  Billing: Entra's own provisioning also manages this group`},
			files: written("faults.json", `[{"match":"GET /beta/*/1f655bde-673a-4998-b55a-d7650323749b","status":503}]`),
			world: provisioning(3, nil)},
		"a group that cannot be looked for": {
			status: 4,
			says:   []string{`ok    Entra provisioning: Genesys Cloud for Azure manages none of 4 groups; 1 could not be looked for$`},
			config: with("genesys: Billing", "genesys: Biling"),
			world:  provisioning(3, nil)},
		"no group that can be looked for": {
			status: 4,
			says:   []string{`skip  Entra provisioning: Genesys Cloud for Azure provisions, and none of these groups could be looked for$`},
			config: func(s string) string {
				return regexp.MustCompile(`(?m)^    genesys: (.*)$`).ReplaceAllString(s, "    genesys: no $1")
			},
			world: provisioning(3, nil)},
		"too many jobs": {
			says: []string{notKnown + `asking for each group would be 2010 requests, and callroll sends 2000 at most$`},
			world: provisioning(3, func(app *sandbox.EntraApplication, _ string) {
				for i := range 200 {
					app.Jobs = append(app.Jobs, sandbox.EntraProvisioningJob{ID: fmt.Sprint(i)})
				}
			})},
		"another cloud": {
			says:   []string{`skip  Entra provisioning: the cloud usgov does not tell which groups`},
			config: with("entra:\n", "entra:\n  cloud: usgov\n"),
			world:  provisioning(3, nil)},
		"an answer that ends in a panic": {
			status: 70,
			says:   []string{`fail  Entra provisioning: asking what Entra provisions: internal error: `},
			files:  written("faults.json", `[{"match":"GET /beta/*","skip":1,"panic":true}]`),
			world:  provisioning(3, nil)},
		"no permission for jobs": {
			says:  []string{`skip  Entra provisioning: whether .* is known only with Synchronization.Read.All$`},
			world: provisioning(1, nil)},
	}
}
