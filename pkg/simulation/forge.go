package simulation

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/oracle"
)

// forgery is one way to alter a plan. It says whether there was anything to alter.
type forgery struct {
	name string
	// mustFail says that the file contradicts a reading of now, so that the run must not end well.
	mustFail bool
	do       func(s *sim, groups []*tree) bool
}

func forgeries() []forgery {
	return []forgery{
		{"members left out", false, leavesMembersOut},
		{"members left out, and called dropped", false, dropsMembers},
		{"another id beside a name", true, changesID},
		{otherToRemove, true, changesRemoved},
		{"a protected account to remove under a false userName", true, removesProtected},
		{excludedToAdd, true, addsExcluded},
		{"an inactive account to add", true, addsInactive},
		{"a name twice, in another case", true, doublesName},
	}
}

const (
	excludedToAdd = "an excluded account to add"
	otherToRemove = "another id to remove beside a userName"
)

// forge alters a file, seals it again as everybody can, and says how.
func (s *sim) forge(in []byte) ([]byte, string) {
	t, err := parseTree(in)
	if err != nil {
		s.fail("a file that is no JSON: %v", err)
		return in, ""
	}
	isPlan := t.get("kind").text() == "plan"
	if isPlan && s.sealOf(t) != t.get("fingerprint").text() {
		s.met["a seal that is not understood"]++
		return in, ""
	}
	all := forgeries()
	if !isPlan {
		all = all[len(all)-1:]
	}
	var f forgery
	for done := false; !done; { // until there is something to alter
		if len(all) == 0 {
			return in, ""
		}
		i := s.r.IntN(len(all))
		f = all[i]
		all = slices.Delete(all, i, i+1)
		done = f.do(s, t.get("groups").values)
	}
	if isPlan {
		for _, g := range t.get("groups").values {
			rekey(g)
		}
		t.get("fingerprint").setText(s.sealOf(t))
	}
	data, err := t.MarshalJSON()
	if err != nil {
		s.fail("%v", err)
	}
	s.met["a file with "+f.name]++
	return append(data, '\n'), f.name
}

// rekey gives a group that has changes the key of its members to be, as everybody can make it.
func rekey(g *tree) {
	if len(g.get("add").values)+len(g.get("remove").values) == 0 {
		return
	}
	var ids []string
	for _, v := range g.get("members").values {
		ids = append(ids, v.text())
	}
	g.get("state").setText("changes")
	g.get("key").setText(keyOf(g.get("id").text(), ids))
}

// sealOf makes the fingerprint of a plan, which is no secret: the hash of the plan without one.
func (s *sim) sealOf(t *tree) string {
	blank := t.clone()
	blank.get("fingerprint").setText("")
	data, err := blank.MarshalJSON()
	if err != nil {
		s.fail("%v", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func anyGroup(s *sim, groups []*tree, with string) *tree {
	var full []*tree
	for _, g := range groups {
		if len(g.get(with).values) > 0 && g.get("id").text() != "" {
			full = append(full, g)
		}
	}
	if len(full) == 0 {
		return nil
	}
	return pick(s.r, full...)
}

func leavesMembersOut(s *sim, groups []*tree) bool {
	g := anyGroup(s, groups, "members")
	if g == nil {
		return false
	}
	members := g.get("members")
	members.values = members.values[:s.r.IntN(len(members.values))]
	g.get("state").setText("changes")
	return true
}

func dropsMembers(s *sim, groups []*tree) bool {
	g := anyGroup(s, groups, "members")
	if g == nil || !slices.Contains(g.names, "dropped") {
		return false
	}
	members := g.get("members")
	for _, id := range members.values {
		g.get("dropped").push(entryTree(id.text(), id.text()))
	}
	members.values = nil
	g.get("state").setText("changes")
	return true
}

// changesID lets a group stand beside the id of another one, which no entry means.
func changesID(s *sim, groups []*tree) bool {
	g := anyGroup(s, groups, "add")
	if g == nil {
		return false
	}
	for _, other := range s.world.Genesys().Groups {
		meant := func(g *tree) bool { return g.get("id").text() == other.ID }
		if !slices.ContainsFunc(groups, meant) {
			g.get("id").setText(other.ID)
			return true
		}
	}
	return false
}

// changesRemoved lets somebody go who is called like somebody else.
func changesRemoved(s *sim, groups []*tree) bool {
	g := anyGroup(s, groups, "remove")
	if g == nil {
		return false
	}
	entry, now := pick(s.r, g.get("remove").values...), s.now()
	for _, member := range g.get("members").values {
		a, known := now.Org.Account(member.text())
		if !known || oracle.SameName(a.Name, entry.get("userName").text()) {
			continue
		}
		id := entry.get("id").text()
		entry.get("id").setText(member.text())
		member.setText(id)
		sortTexts(g.get("members"))
		return true
	}
	return false
}

func removesProtected(s *sim, groups []*tree) bool {
	now := s.now()
	for _, g := range groups {
		for _, member := range g.get("members").values {
			m := s.entry(g)
			if m < 0 {
				continue
			}
			if _, ok := now.Org.Account(member.text()); ok && s.view(now, s.spec.mappings[m]).Protects(member.text()) {
				g.get("remove").push(entryTree(member.text(), "somebody.else@contoso.com"))
				without(g.get("members"), member.text())
				return true
			}
		}
	}
	return false
}

func addsExcluded(s *sim, groups []*tree) bool {
	now := s.now()
	return s.addsAny(groups, func(m int, id string) bool { return s.view(now, s.spec.mappings[m]).Excludes(id) })
}

func addsInactive(s *sim, groups []*tree) bool {
	now := s.now()
	return s.addsAny(groups, func(_ int, id string) bool {
		a, _ := now.Org.Account(id)
		return !a.Active
	})
}

// addsAny adds the first account of a kind to a group that gets others as well.
func (s *sim) addsAny(groups []*tree, is func(mapping int, id string) bool) bool {
	for _, g := range groups {
		m := s.entry(g)
		if m < 0 || g.get("id").text() == "" {
			continue
		}
		for _, u := range s.world.Genesys().Users {
			members := g.get("members")
			in := slices.ContainsFunc(members.values, func(v *tree) bool { return v.text() == u.ID })
			if in || !is(m, u.ID) {
				continue
			}
			g.get("add").push(entryTree(u.ID, u.UserName))
			members.push(textTree(u.ID))
			sortTexts(members)
			return true
		}
	}
	return false
}

// doublesName has a name twice in one object, the second time in another case and with nobody in it.
func doublesName(s *sim, groups []*tree) bool {
	if len(groups) == 0 {
		return false
	}
	g := pick(s.r, groups...)
	i := s.r.IntN(len(g.names))
	other := strings.ToUpper(g.names[i])
	if other == g.names[i] {
		return false
	}
	value := g.values[i].clone()
	if value.kind == '[' {
		value.values = nil
	}
	g.names, g.values = append(g.names, other), append(g.values, value)
	return true
}

// entry is the mapping that a group of a file is about; negative if there is none.
func (s *sim) entry(g *tree) int {
	for i, m := range s.spec.mappings {
		if m.Name == g.get("name").text() {
			return i
		}
	}
	return -1
}

// entryTree is an account in a list of a plan.
func entryTree(id, userName string) *tree {
	return &tree{kind: '{', names: []string{"id", "userName", "displayName"}, values: []*tree{textTree(id), textTree(userName), textTree("")}}
}

func without(list *tree, text string) {
	list.values = slices.DeleteFunc(list.values, func(v *tree) bool { return v.text() == text })
}

func sortTexts(list *tree) {
	slices.SortFunc(list.values, func(a, b *tree) int { return strings.Compare(a.text(), b.text()) })
}
