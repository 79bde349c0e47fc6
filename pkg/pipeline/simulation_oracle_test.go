package pipeline_test

import (
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/sandbox"
)

// An oracle says who is wanted in a group and who may go, by the rules of the manual and the whole truth of one moment. It
// shares no code with what it judges, and knows no requests.
type oracle struct {
	world *simWorld
	entra *sandbox.Entra
	org   *sandbox.Genesys
	views map[string]*oracleView
}

// oracleView is the oracle's opinion of one mapping.
type oracleView struct {
	readable   bool            // both sides have what the mapping names
	wanted     map[string]bool // accounts that belong, active or not
	addable    map[string]bool // of these, the active ones
	contested  map[string]bool // accounts that people without an account of their own point at
	unresolved map[string]bool // people who belong and have no account of their own
}

func newOracle(w *simWorld, entra *sandbox.Entra, org *sandbox.Genesys) *oracle {
	return &oracle{world: w, entra: entra, org: org, views: map[string]*oracleView{}}
}

func (o *oracle) view(rule simRule) *oracleView {
	if v := o.views[rule.name]; v != nil {
		return v
	}
	v := &oracleView{wanted: map[string]bool{}, addable: map[string]bool{}, contested: map[string]bool{}, unresolved: map[string]bool{}}
	o.views[rule.name] = v
	people, ok := o.people(rule)
	if v.readable = ok; ok {
		o.match(people, v)
	}
	return v
}

// people returns who belongs by Entra alone; false if a group that is named is not there.
func (o *oracle) people(rule simRule) ([]sandbox.EntraUser, bool) {
	in, out := map[string]bool{}, map[string]bool{}
	for _, ref := range rule.exclude {
		if !o.excluded(ref, out) {
			return nil, false
		}
	}
	for _, ref := range rule.entra {
		if !o.collect(ref, rule.nested, in, map[string]bool{}) {
			return nil, false
		}
	}
	var people []sandbox.EntraUser
	for _, u := range o.entra.Users {
		if in[u.ID] && !out[u.ID] && (u.AccountEnabled || !o.world.dropped) {
			people = append(people, u)
		}
	}
	return people, true
}

func (o *oracle) excluded(ref string, out map[string]bool) bool {
	if o.collect(ref, true, out, map[string]bool{}) {
		return true
	}
	for _, u := range o.entra.Users {
		if strings.EqualFold(u.ID, ref) || strings.EqualFold(u.UserPrincipalName, ref) {
			out[u.ID] = true
			return true
		}
	}
	return false
}

func (o *oracle) collect(group string, nested bool, into, done map[string]bool) bool {
	i := slices.IndexFunc(o.entra.Groups, func(g sandbox.EntraGroup) bool { return g.ID == group })
	if i < 0 {
		return false
	}
	done[group] = true
	for _, m := range o.entra.Groups[i].Members {
		into[m] = true
		if nested && !done[m] {
			o.collect(m, true, into, done)
		}
	}
	return true
}

// match gives each account to the one person with the best claim: by userPrincipalName before mail, two with the same
// claim have none, and whoever finds two accounts has neither.
func (o *oracle) match(people []sandbox.EntraUser, v *oracleView) {
	byName := map[string]sandbox.GenesysUser{}
	for _, u := range o.org.Users {
		byName[strings.ToLower(u.UserName)] = u
	}
	first, second := map[string][]string{}, map[string][]string{} // people by account
	spoiled := map[string]bool{}
	claims := map[string]string{}
	for _, p := range people {
		byUPN, okUPN := byName[strings.ToLower(p.UserPrincipalName)]
		byMail, okMail := byName[strings.ToLower(p.Mail)]
		switch {
		case okUPN && okMail && byUPN.ID != byMail.ID:
			spoiled[byUPN.ID], spoiled[byMail.ID] = true, true
		case okUPN:
			first[byUPN.ID], claims[p.ID] = append(first[byUPN.ID], p.ID), byUPN.ID
		case okMail:
			second[byMail.ID], claims[p.ID] = append(second[byMail.ID], p.ID), byMail.ID
		}
	}
	for id := range spoiled {
		v.contested[id] = true
	}
	for _, p := range people {
		account := claims[p.ID]
		best := first[account]
		if len(best) == 0 {
			best = second[account]
		}
		if account != "" && !spoiled[account] && len(best) == 1 && best[0] == p.ID {
			v.wanted[account] = true
			continue
		}
		v.unresolved[p.ID] = true
		if account != "" {
			v.contested[account] = true
		}
	}
	for _, u := range o.org.Users {
		v.addable[u.ID] = v.wanted[u.ID] && u.Active
	}
}

// mayAdd says whether the rules want an account in.
func (o *oracle) mayAdd(rule simRule, account string) bool {
	return rule.mode != plan.Paused && o.view(rule).addable[account]
}

// mayRemove says whether the rules do not want a member in. member is as the group shows him.
func (o *oracle) mayRemove(rule simRule, member string) bool {
	v := o.view(rule)
	if !v.readable || rule.mode != plan.Mirror || v.wanted[member] || v.contested[member] {
		return false
	}
	i := slices.IndexFunc(o.org.Users, func(u sandbox.GenesysUser) bool { return u.ID == member })
	if i < 0 { // nobody's, or a group
		return false
	}
	name := o.org.Users[i].UserName
	if slices.Contains(rule.protect, name) || slices.Contains(rule.protect, member) {
		return false
	}
	return len(v.unresolved) == 0 || o.leaver(name, v)
}

// leaver says whether a name is known, and not as one of the people who are looked for.
func (o *oracle) leaver(name string, v *oracleView) bool {
	known, theirs := false, false
	meet := func(u sandbox.EntraUser) {
		names := append([]string{u.UserPrincipalName, u.Mail}, u.ProxyAddresses...)
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) || strings.EqualFold(n, "smtp:"+name) }) {
			known, theirs = true, theirs || v.unresolved[u.ID]
		}
	}
	for _, u := range o.entra.Users {
		meet(u)
	}
	for _, u := range o.entra.DeletedUsers {
		meet(u.EntraUser)
	}
	return known && !theirs
}

// wish is who is to be in a group, as the rules have it, before any limit.
func (o *oracle) wish(rule simRule, members []string) []string {
	out := slices.DeleteFunc(slices.Clone(members), func(m string) bool { return o.mayRemove(rule, m) })
	for account, ok := range o.view(rule).addable {
		if ok && !slices.Contains(out, account) {
			out = append(out, account)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
