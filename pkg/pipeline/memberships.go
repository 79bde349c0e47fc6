package pipeline

import (
	"fmt"
	"time"

	"github.com/callroll/callroll/pkg/membership"
)

// memberships is a membership file as a run holds it in memory: each person once, and groups that point at their people.
type memberships struct {
	taken, expires time.Time
	tenant         string
	groups         []wantedGroup
}

// wantedGroup is who belongs to one mapped group.
type wantedGroup struct {
	membership.Membership                      // without its Members
	people                []*membership.Person // each once
	released              bool                 // people was let go
}

// release lets go of the people of a group in step, which is never planned again: 500 groups with 1,000 members hold 4 MiB less.
func (c *wantedGroup) release() { c.people, c.released = nil, true }

// takenOtherwise says in what the members were taken in another way than a mapping says now; empty if in nothing that is known. A
// file of another program need not say how, but with disabled users left out it has to say who is enabled.
func (c *wantedGroup) takenOtherwise(m Mapping, disabled membership.DisabledUsers) string {
	switch {
	case c.Nested != nil && *c.Nested != m.Nested:
		return fmt.Sprintf("the membership file was taken with nested: %v, and the configuration says nested: %v", *c.Nested, m.Nested)
	case c.DisabledUsers != "" && c.DisabledUsers != disabled:
		return fmt.Sprintf("the membership file was taken with disabled_users: %s, and the configuration says disabled_users: %s",
			c.DisabledUsers, disabled)
	case disabled != membership.DropDisabled:
		return ""
	}
	for _, p := range c.people {
		if p.Enabled == nil {
			return fmt.Sprintf("the configuration says disabled_users: drop, and the membership file does not say whether %s is enabled",
				p.UserPrincipalName)
		}
	}
	return ""
}

// newMemberships takes a file, each group's people in the order of the file.
func newMemberships(file membership.File) *memberships {
	r := &memberships{taken: file.Taken, expires: file.Expires, tenant: file.Tenant}
	people := make(map[string]*membership.Person, len(file.People))
	for i := range file.People {
		people[file.People[i].ID] = &file.People[i]
	}
	for _, g := range file.Groups {
		one := wantedGroup{Membership: g}
		one.Members = nil
		for _, id := range membership.Distinct(g.Members) {
			one.people = append(one.people, people[id])
		}
		r.groups = append(r.groups, one)
	}
	return r
}

// everybody returns the people of all groups, each once.
func (r *memberships) everybody() []*membership.Person {
	var people []*membership.Person
	seen := map[*membership.Person]bool{}
	for _, g := range r.groups {
		for _, p := range g.people {
			if !seen[p] {
				seen[p] = true
				people = append(people, p)
			}
		}
	}
	return people
}

// mayLookAlike returns those of the people of all groups whose names may look like others. Somebody in several groups may come
// several times.
func (r *memberships) mayLookAlike() []*membership.Person {
	var people []*membership.Person
	for _, g := range r.groups {
		for _, p := range g.people {
			if membership.MayLookAlike(p) {
				people = append(people, p)
			}
		}
	}
	return people
}

// file returns the memberships as a file.
func (r *memberships) file() membership.File {
	f := membership.File{Taken: r.taken, Expires: r.expires, Tenant: r.tenant, People: []membership.Person{}}
	for _, p := range r.everybody() {
		f.People = append(f.People, *p)
	}
	for _, g := range r.groups {
		one := g.Membership
		one.Members = make([]string, 0, len(g.people))
		for _, p := range g.people {
			one.Members = append(one.Members, p.ID)
		}
		f.Groups = append(f.Groups, one)
	}
	return f.Sorted()
}
