// Package pairing finds pairs of an Entra group and a Genesys group that have the same name, for an admin who writes a
// configuration. A name is only a proposal: anybody may be able to create a group of that name. The package knows no network,
// clock, disk or logger.
package pairing

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
)

// Side is a service.
type Side string

// The sides.
const (
	Entra   Side = "entra"
	Genesys Side = "genesys"
)

// Group is a group of one side.
type Group struct {
	ID       string   `json:"id"`
	Name     string   `json:"displayName"`
	Kinds    []string `json:"kinds,omitempty"`
	Members  int      `json:"-"` // 0 if it is not known
	Mappings []string `json:"-"` // the entries of the configuration that have the group already
	Unfit    string   `json:"-"` // why the group cannot be synchronized; empty if it can
}

// Prefixes are what the names of groups begin with. A group whose name begins with something else is not looked at.
type Prefixes struct{ Entra, Genesys string }

// Pair is two groups with the same name that no entry of the configuration has.
type Pair struct {
	Entra   Group `json:"entra"`
	Genesys Group `json:"genesys"`
	// Alike says that the names differ in letter case or in surrounding white space. See membership.Fold.
	Alike bool `json:"alike,omitempty"`
}

// LeftOut is a group that was not paired.
type LeftOut struct {
	Side   Side   `json:"side"`
	ID     string `json:"id"`
	Name   string `json:"displayName"`
	Reason string `json:"reason"`
}

// Result is the pairs and the groups that could not be paired, both sorted by name. If no group of a side begins with its prefix,
// there is nothing but a note that says so.
type Result struct {
	Pairs   []Pair
	LeftOut []LeftOut
	Notes   []string
}

// SameName pairs the groups whose names, without the prefixes, are equal. A name that several groups of one side have is never
// paired, whether or not an entry of the configuration has one of them. Only those Entra groups are left out that have the name
// of a Genesys group or the prefix.
func SameName(entra, genesys []Group, p Prefixes) Result {
	e, g := newNames(entra, p.Entra), newNames(genesys, p.Genesys)
	r := Result{Notes: append(noneBegins("Entra", e), noneBegins("Genesys", g)...)}
	if len(r.Notes) > 0 {
		return r
	}
	for i, group := range genesys {
		if !g.candidate(i) || len(group.Mappings) > 0 {
			continue
		}
		if source, alike, why := partner(e, g, i); why != "" {
			r.LeftOut = append(r.LeftOut, LeftOut{Genesys, group.ID, group.Name, why})
		} else {
			r.Pairs = append(r.Pairs, Pair{entra[source], group, alike})
		}
	}
	for i, group := range entra {
		if !e.candidate(i) || len(group.Mappings) > 0 {
			continue
		}
		if why := alone(e, g, i, p); why != "" {
			r.LeftOut = append(r.LeftOut, LeftOut{Entra, group.ID, group.Name, why})
		}
	}
	slices.SortFunc(r.Pairs, func(a, b Pair) int {
		return cmp.Or(compareNames(a.Genesys.Name, b.Genesys.Name), strings.Compare(a.Genesys.ID, b.Genesys.ID))
	})
	slices.SortFunc(r.LeftOut, func(a, b LeftOut) int {
		return cmp.Or(compareNames(a.Name, b.Name), cmp.Compare(a.Side, b.Side), strings.Compare(a.ID, b.ID))
	})
	return r
}

// noneBegins says that no group of a side begins with its prefix. It returns nothing if one does.
func noneBegins(side string, n names) []string {
	if n.prefix == "" || n.begins {
		return nil
	}
	return []string{fmt.Sprintf("no %s group begins with %q", side, n.prefix)}
}

func compareNames(a, b string) int {
	return cmp.Or(strings.Compare(membership.Fold(a), membership.Fold(b)), strings.Compare(a, b))
}

// partner returns the index of the Entra group for the i-th Genesys group, or says why there is none. If a group has exactly the
// name, groups with a similar name do not matter.
func partner(e, g names, i int) (source int, alike bool, why string) {
	if unfit := g.groups[i].Unfit; unfit != "" {
		return 0, false, unfit
	}
	sources, twins := e.exact[g.base[i]], g.exact[g.base[i]]
	also := ""
	if !g.isExact[i] || len(sources) == 0 {
		sources, twins, alike = e.folded[g.key[i]], g.folded[g.key[i]], true
		also = ", apart from letter case and white space"
	}
	switch {
	case len(sources) == 0:
		return 0, false, noneCalled("Entra", e, g, i)
	case len(twins) > 1:
		return 0, false, fmt.Sprintf("%d Genesys groups have this name%s", len(twins), also)
	case len(sources) > 1:
		return 0, false, fmt.Sprintf("%d Entra groups have this name%s: %s", len(sources), also, e.ids(sources))
	}
	switch found := e.groups[sources[0]]; {
	case len(found.Mappings) > 0:
		return 0, false, fmt.Sprintf("the Entra group of this name, %s, is in the entry %s", found.ID, quoted(found.Mappings))
	case found.Unfit != "":
		return 0, false, fmt.Sprintf("the Entra group of this name, %s, is left out: %s", found.ID, found.Unfit)
	}
	return sources[0], alike, ""
}

// alone says why the i-th Entra group has no partner. It is empty if it has one, if the Genesys group of its name says why, or if
// it has neither the prefix nor the name of a Genesys group.
func alone(e, g names, i int, p Prefixes) string {
	targets := g.folded[e.key[i]]
	switch {
	case len(targets) == 0 && p.Entra == "":
		return ""
	case len(targets) == 0:
		return noneCalled("Genesys", g, e, i)
	}
	for _, t := range targets {
		if len(g.groups[t].Mappings) == 0 {
			return ""
		}
	}
	taken := g.groups[targets[0]]
	return fmt.Sprintf("the Genesys group of this name, %s, is in the entry %s", taken.ID, quoted(taken.Mappings))
}

// noneCalled says that no group of a side is the partner of the i-th one of the other side. The name that the partner would have
// is another one if a side has a prefix.
func noneCalled(side string, in, other names, i int) string {
	if in.prefix == "" && other.prefix == "" {
		return "no " + side + " group has this name"
	}
	name := other.key[i]
	if other.isExact[i] {
		name = other.base[i]
	}
	return fmt.Sprintf("no %s group is called %q", side, in.prefix+name)
}

func quoted(names []string) string {
	var out []string
	for _, name := range names {
		out = append(out, fmt.Sprintf("%q", name))
	}
	return strings.Join(out, ", ")
}

// names is the groups of one side by their names without the prefix.
type names struct {
	groups        []Group
	prefix        string
	begins        bool     // at least one name begins with the prefix
	base, key     []string // the name without the prefix, as it is and folded; the key of a group without the prefix is empty
	isExact       []bool   // the name begins with exactly the prefix
	exact, folded map[string][]int
}

func newNames(groups []Group, prefix string) names {
	n := names{
		groups: groups, prefix: prefix, base: make([]string, len(groups)), key: make([]string, len(groups)), isExact: make([]bool, len(groups)),
		exact: map[string][]int{}, folded: map[string][]int{},
	}
	for i, g := range groups {
		n.base[i], n.isExact[i] = strings.CutPrefix(g.Name, prefix)
		n.key[i] = membership.Fold(n.base[i])
		if !n.isExact[i] {
			rest, begins := strings.CutPrefix(membership.Fold(g.Name), membership.Fold(prefix))
			if n.key[i] = ""; begins {
				n.key[i] = membership.Fold(rest)
			}
			n.begins = n.begins || begins
		}
		n.begins = n.begins || n.isExact[i]
		if n.key[i] == "" {
			continue
		}
		n.folded[n.key[i]] = append(n.folded[n.key[i]], i)
		if n.isExact[i] {
			n.exact[n.base[i]] = append(n.exact[n.base[i]], i)
		}
	}
	return n
}

// candidate says whether the name of the i-th group has something after the prefix.
func (n names) candidate(i int) bool { return n.key[i] != "" }

func (n names) ids(at []int) string {
	var ids []string
	for _, i := range at {
		ids = append(ids, n.groups[i].ID)
	}
	slices.Sort(ids)
	return strings.Join(ids, ", ")
}
