package simulation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/callroll/callroll/pkg/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// sim is one seed at play.
type sim struct {
	player Player
	r      *rand.Rand
	spec   *spec
	world  *sandbox.World
	dir    string            // of this seed
	homes  map[string]string // the state folder of each machine

	runs    []*run
	run     *run // the one whose turn it is
	puts    []*put
	moments []oracle.Moment
	past    map[string]map[int]oracle.Group // every version of every group
	events  int                             // that have happened

	touched map[string]bool   // people whom something has happened to since a run, or the first stage of a pipe, began
	piping  bool              // between two stages of a pipe
	names   map[string]string // of Genesys groups, as their admins want them
	seen    int               // changes of the World's history that were taken in

	lines []string
	bad   []string
	met   map[string]int

	readers   map[string]*reader   // of the mails of each machine
	forgotten map[string]bool      // problems whose end a reader knows of, by machine, and the journal perhaps not
	grown     map[string]time.Time // when a file of a state folder was last written to, by machine and name
	gone      map[string]time.Time // until when nothing is left in the journal of a machine
	tokens    []string             // that were given out

	frozen chan struct{} // closed when those who were killed may come to their end
	all    sync.WaitGroup
}

func newSim(p Player, r *rand.Rand, dir string) *sim {
	return newSimOf(p, r, newSpec(r, p.Always), dir)
}

func newSimOf(p Player, r *rand.Rand, spec *spec, dir string) *sim {
	s := &sim{
		player: p, r: r, spec: spec, dir: dir, world: sandbox.New(spec.entra, spec.org), homes: map[string]string{},
		past: map[string]map[int]oracle.Group{}, touched: map[string]bool{}, names: map[string]string{}, met: map[string]int{},
		readers: map[string]*reader{}, forgotten: map[string]bool{}, grown: map[string]time.Time{}, gone: map[string]time.Time{},
		frozen: make(chan struct{}),
	}
	s.run = &run{}
	if err := s.furnish(); err != nil {
		s.fail("%v", err)
	}
	s.snapshot()
	return s
}

// furnish makes the files that a run needs beside its configuration.
func (s *sim) furnish() error {
	stage := filepath.Join(s.dir, "stage")
	return errors.Join(
		os.MkdirAll(stage, 0o700),
		os.WriteFile(filepath.Join(stage, "entra.json"), []byte("{}"), 0o600),
		os.WriteFile(filepath.Join(stage, "genesys.json"), []byte("{}"), 0o600),
		os.WriteFile(filepath.Join(s.dir, "entra-secret"), []byte(entraSecret), 0o600),
		os.WriteFile(filepath.Join(s.dir, "genesys-secret"), []byte(genesysSecret), 0o600),
	)
}

// bury lets those who were killed come to their end.
func (s *sim) bury() {
	close(s.frozen)
	for _, run := range s.runs {
		run.cancel(errDead)
	}
	s.all.Wait()
}

func (s *sim) say(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf("run %d, request %d: ", s.run.number, s.run.requests)+fmt.Sprintf(format, args...))
}

func (s *sim) fail(format string, args ...any) {
	s.bad = append(s.bad, fmt.Sprintf("run %d: ", s.run.number)+fmt.Sprintf(format, args...))
}

// snapshot keeps the world as it is at this moment.
func (s *sim) snapshot() {
	m := oracle.Moment{At: time.Now(), Tenant: tenantOf(s.world.Entra()), Org: orgOf(s.world.Genesys())}
	if n := len(s.moments); n > 0 {
		last := s.moments[n-1]
		sameTenant, sameOrg := reflect.DeepEqual(last.Tenant, m.Tenant), reflect.DeepEqual(last.Org, m.Org)
		if sameTenant && sameOrg {
			return
		}
		if sameTenant {
			m.Tenant = last.Tenant
		}
		if sameOrg {
			m.Org = last.Org
		}
	}
	s.moments = append(s.moments, m)
	for _, g := range m.Org.Groups {
		if s.past[g.ID] == nil {
			s.past[g.ID] = map[int]oracle.Group{}
		}
		s.past[g.ID][g.Version] = g
	}
}

// now is the world as it is.
func (s *sim) now() oracle.Moment {
	s.snapshot()
	return s.moments[len(s.moments)-1]
}

// momentsOf are the moments of which a run may have seen something: from its beginning, or that of the first stage, on. A
// list that lags shows what was before.
func (s *sim) momentsOf(run *run) []oracle.Moment {
	if run.to > 0 {
		return s.moments[run.from:run.to]
	}
	return s.moments[run.from:]
}

// tenantOf takes down the Entra side.
func tenantOf(e sandbox.Entra) *oracle.Tenant {
	person := func(u sandbox.EntraUser) oracle.Person {
		p := oracle.Person{ID: u.ID, Name: u.UserPrincipalName, Mail: u.Mail, Employee: u.EmployeeID, Enabled: u.AccountEnabled}
		for _, address := range u.ProxyAddresses {
			p.Aliases = append(p.Aliases, address[len("smtp:"):])
		}
		return p
	}
	t := &oracle.Tenant{}
	for _, u := range e.Users {
		t.People = append(t.People, person(u))
	}
	for _, u := range e.DeletedUsers {
		t.Deleted = append(t.Deleted, person(u.EntraUser))
	}
	for _, g := range e.Groups {
		t.Teams = append(t.Teams, oracle.Team{ID: g.ID, Hidden: g.Visibility == "HiddenMembership", Members: g.Members})
	}
	return t
}

// orgOf takes down the Genesys side. Of a group that hides its members the accounts are what anybody can know.
func orgOf(g sandbox.Genesys) *oracle.Org {
	o := &oracle.Org{}
	for _, u := range g.Users {
		listed := len(g.Divisions) == 0 || u.Division == "" || slices.Contains(g.Divisions, u.Division)
		o.Accounts = append(o.Accounts, oracle.Account{
			ID: u.ID, Name: u.UserName, Employee: u.EmployeeNumber, External: u.ExternalID, Active: u.Active, Listed: listed,
			Found: listed || g.Switches.UnlistedUsers != "missing",
		})
	}
	for _, group := range g.Groups {
		one := oracle.Group{ID: group.ID, Name: group.DisplayName, Version: group.Version, Hidden: group.HidesMembers}
		one.Ruled = g.Switches.RuleMembers[group.ID]
		in := map[string]bool{}
		for _, m := range group.Members {
			if _, known := o.Account(m.Value); known || !group.HidesMembers {
				one.Members, in[m.Value] = append(one.Members, oracle.Member{ID: m.Value, Other: m.Type == "Group"}), true
			}
		}
		for _, id := range one.Ruled {
			if !in[id] && !group.HidesMembers {
				one.Members = append(one.Members, oracle.Member{ID: id})
			}
		}
		slices.SortFunc(one.Members, func(a, b oracle.Member) int { return compare(a.ID, b.ID) })
		o.Groups = append(o.Groups, one)
	}
	return o
}
