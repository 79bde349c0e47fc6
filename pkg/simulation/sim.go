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

	"github.com/callroll/callroll/pkg/internal/oracle"
	"github.com/callroll/callroll/pkg/sandbox"
)

// sim plays one seed.
type sim struct {
	player Player
	r      *rand.Rand
	spec   *worldSpec
	world  *sandbox.World
	dir    string            // of this seed
	homes  map[string]string // the state folder of each machine

	runs          []*run
	run           *run // the run that has its turn
	puts          []*putRequest
	moments       []oracle.Moment
	groupVersions map[string]map[int]oracle.Group // all versions of all groups
	events        int                             // number of events

	touched     map[string]bool   // people with an event since the beginning of a run, or of the first stage of a pipe
	inPipe      bool              // between two stages of a pipe
	names       map[string]string // names that admins gave to Genesys groups
	historySeen int               // number of changes of the World's history that were processed

	lines []string
	bad   []string
	met   map[string]int

	readers     map[string]*mailReader // readers of the mails of each machine
	forgotten   map[string]bool        // problems whose end a reader knows, but the journal may not, by machine
	lastWritten map[string]time.Time   // last write to a file of a state folder, by machine and name
	journalGone map[string]time.Time   // until when the journal of a machine was removed
	tokens      []string               // issued tokens

	killedMayEnd chan struct{} // closed at the end of the seed
	processes    sync.WaitGroup
}

func newSim(p Player, r *rand.Rand, dir string) *sim {
	return newSimOf(p, r, newSpec(r, p.Always), dir)
}

func newSimOf(p Player, r *rand.Rand, spec *worldSpec, dir string) *sim {
	s := &sim{
		player: p, r: r, spec: spec, dir: dir, world: sandbox.New(spec.entra, spec.org), homes: map[string]string{},
		groupVersions: map[string]map[int]oracle.Group{}, touched: map[string]bool{}, names: map[string]string{}, met: map[string]int{},
		readers: map[string]*mailReader{}, forgotten: map[string]bool{}, lastWritten: map[string]time.Time{},
		journalGone:  map[string]time.Time{},
		killedMayEnd: make(chan struct{}),
	}
	s.run = &run{}
	if err := s.writeFixtures(); err != nil {
		s.errorf("%v", err)
	}
	s.snapshot()
	return s
}

// writeFixtures writes the files that a run needs in addition to its configuration.
func (s *sim) writeFixtures() error {
	stage := filepath.Join(s.dir, "stage")
	return errors.Join(
		os.MkdirAll(stage, 0o700),
		os.WriteFile(filepath.Join(stage, "entra.json"), []byte("{}"), 0o600),
		os.WriteFile(filepath.Join(stage, "genesys.json"), []byte("{}"), 0o600),
		os.WriteFile(filepath.Join(s.dir, "entra-secret"), []byte(entraSecret), 0o600),
		os.WriteFile(filepath.Join(s.dir, "genesys-secret"), []byte(genesysSecret), 0o600),
	)
}

// stopKilledRuns lets the goroutines of killed runs end.
func (s *sim) stopKilledRuns() {
	close(s.killedMayEnd)
	for _, run := range s.runs {
		run.cancel(errDead)
	}
	s.processes.Wait()
}

func (s *sim) logf(format string, args ...any) {
	s.lines = append(s.lines, fmt.Sprintf("run %d, request %d: ", s.run.number, s.run.requests)+fmt.Sprintf(format, args...))
}

func (s *sim) errorf(format string, args ...any) {
	s.bad = append(s.bad, fmt.Sprintf("run %d: ", s.run.number)+fmt.Sprintf(format, args...))
}

// snapshot records the present state of the world.
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
		if s.groupVersions[g.ID] == nil {
			s.groupVersions[g.ID] = map[int]oracle.Group{}
		}
		s.groupVersions[g.ID][g.Version] = g
	}
}

// now returns the present state of the world.
func (s *sim) now() oracle.Moment {
	s.snapshot()
	return s.moments[len(s.moments)-1]
}

// momentsOf returns the moments that a run may have read: from its beginning, or that of the first stage. A list that lags
// shows earlier ones.
func (s *sim) momentsOf(run *run) []oracle.Moment {
	if run.to > 0 {
		return s.moments[run.from:run.to]
	}
	return s.moments[run.from:]
}

// tenantOf converts the Entra side for package oracle.
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

// orgOf converts the Genesys side for package oracle. Of a group that hides its members, only accounts are known.
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
