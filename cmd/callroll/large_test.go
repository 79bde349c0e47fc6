package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

// scale is the size of a made-up company. The same scale is always the same company.
type scale struct {
	groups    int // that are mapped
	members   int // of each
	people    int // among whom they are, each with an account
	orgGroups int // of Genesys, mapped or not
	inactive  int // accounts that nobody in Entra has
	changed   int // groups in which one member has to come and another has to go
}

// The scales that speed is measured at.
func large() scale {
	return scale{groups: 500, members: 1000, people: 20_000, orgGroups: 600, inactive: 200}
}
func small() scale {
	return scale{groups: 10, members: 100, people: 2_000, orgGroups: 20, inactive: 10}
}

// The kinds of ids.
const (
	companyIDs = 1 + iota
	personIDs
	accountIDs
	entraGroupIDs
	genesysGroupIDs
)

func companyID(kind, n int) string {
	return fmt.Sprintf("%08x-%04x-4000-8000-%012x", n*2654435761%0xffffffff, kind, n)
}

// company makes both sides, in step but for the groups that have changed.
func (s scale) company() (sandbox.Entra, sandbox.Genesys) {
	entra := sandbox.Entra{
		TenantID: companyID(companyIDs, 1), Domain: "contoso.onmicrosoft.com", ClientID: companyID(companyIDs, 2), ClientSecret: "the-entra-secret",
		Roles: []string{"GroupMember.Read.All", "User.Read.All", "Member.Read.Hidden"}, Seed: 1,
	}
	org := sandbox.Genesys{
		Region: "mypurecloud.ie", ClientID: companyID(companyIDs, 3), ClientSecret: "the-genesys-secret",
		Permissions: []string{"directory:group:edit"}, Seed: 1, Switches: sandbox.Switches{LargePage: "honoured"},
	}
	for n := range s.people + s.inactive {
		name := fmt.Sprintf("given%d.family%d", n%317, n)
		if n < s.people {
			entra.Users = append(entra.Users, sandbox.EntraUser{
				ID: companyID(personIDs, n), UserPrincipalName: name + "@contoso.com", Mail: strings.ToUpper(name[:1]) + name[1:] + "@Contoso.com",
				DisplayName: fmt.Sprintf("Given%d Family%d", n%317, n), AccountEnabled: true,
			})
		}
		org.Users = append(org.Users, sandbox.GenesysUser{
			ID: companyID(accountIDs, n), UserName: name + "@contoso.com", DisplayName: fmt.Sprintf("Given%d Family%d", n%317, n), Active: n < s.people,
		})
	}
	r := rand.New(rand.NewPCG(1, 2))
	for g := range s.orgGroups {
		who := r.Perm(s.people)[:s.members]
		target := sandbox.GenesysGroup{ID: companyID(genesysGroupIDs, g), DisplayName: fmt.Sprintf("Team %04d", g), Version: 1, Members: []sandbox.GenesysMember{}}
		source := sandbox.EntraGroup{ID: companyID(entraGroupIDs, g), DisplayName: fmt.Sprintf("GC Team %04d", g), Members: []string{}}
		for i, n := range who {
			if g >= s.changed || i > 0 {
				target.Members = append(target.Members, sandbox.GenesysMember{Value: companyID(accountIDs, n)})
			}
			if g >= s.changed || i < len(who)-1 {
				source.Members = append(source.Members, companyID(personIDs, n))
			}
		}
		org.Groups = append(org.Groups, target)
		if g < s.groups {
			entra.Groups = append(entra.Groups, source)
		}
	}
	return entra, org
}

// write makes a sandbox of the company in a folder that does not exist yet.
func (s scale) write(dir string) error {
	entra, org := s.company()
	var config strings.Builder
	fmt.Fprintf(&config, "entra: {tenant_id: contoso.onmicrosoft.com, client_id: %s, client_secret_file: secrets/entra}\n", entra.ClientID)
	fmt.Fprintf(&config, "genesys: {region: mypurecloud.ie, client_id: %s, client_secret_file: secrets/genesys, requests_per_minute: 100000000}\n", org.ClientID)
	fmt.Fprintf(&config, "state_dir: state\ngroups:\n")
	for g := range s.groups {
		fmt.Fprintf(&config, "  - {name: Team %04d, entra: %s, genesys: %s}\n", g, companyID(entraGroupIDs, g), companyID(genesysGroupIDs, g))
	}
	files := map[string][]byte{
		sandbox.DemoConfig: []byte(config.String()), "secrets/entra": []byte(entra.ClientSecret), "secrets/genesys": []byte(org.ClientSecret),
	}
	var err error
	if files["entra.json"], err = json.Marshal(entra); err != nil {
		return err
	}
	if files["genesys.json"], err = json.Marshal(org); err != nil {
		return err
	}
	for name, data := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// What -args of go test may say, to make a company for callroll sandbox serve.
var (
	companyDir     = flag.String("company", "", "make a company in this folder")
	companyGroups  = flag.Int("groups", 500, "mapped groups of the company")
	companyMembers = flag.Int("members", 1000, "members of each group")
	companyPeople  = flag.Int("people", 20_000, "people of the company")
	companyChanged = flag.Int("changed", 0, "groups to change")
)

// TestMakeCompany writes what was asked for; without -args -company DIR it makes a small one, as every test here may.
func TestMakeCompany(t *testing.T) {
	s := scale{groups: *companyGroups, members: *companyMembers, people: *companyPeople, orgGroups: *companyGroups * 6 / 5, inactive: *companyPeople / 100, changed: *companyChanged}
	dir := *companyDir
	if dir == "" {
		s, dir = small(), filepath.Join(t.TempDir(), "company")
	}
	if err := s.write(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := sandbox.Open(dir); err != nil {
		t.Error(err)
	}
}
