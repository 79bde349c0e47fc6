package simulation

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// forgery is one way to alter a plan. do says whether there was anything to alter.
type forgery struct {
	name string
	// mustFail says that the file contradicts the present readings, so that the run must not succeed.
	mustFail bool
	do       func(s *sim, groups []*jsonTree) bool
}

func forgeries() []forgery {
	return []forgery{
		{"members left out", false, omitMembers},
		{"members left out, and called dropped", false, dropMembers},
		{"another id beside a name", true, changeGroupID},
		{otherToRemove, true, changeRemovedID},
		{"a protected account to remove under a false userName", true, removeProtected},
		{excludedToAdd, true, addExcluded},
		{"an inactive account to add", true, addInactive},
		{"a name twice, in another case", true, duplicateName},
	}
}

const (
	excludedToAdd = "an excluded account to add"
	otherToRemove = "another id to remove beside a userName"
)

// forge alters a file, updates its fingerprint as anybody can, and returns the kind of the alteration.
func (s *sim) forge(in []byte) ([]byte, string) {
	t, err := parseTree(in)
	if err != nil {
		s.errorf("a file that is no JSON: %v", err)
		return in, ""
	}
	isPlan := t.get("kind").text() == "plan"
	if isPlan && s.fingerprintOf(t) != t.get("fingerprint").text() {
		s.met["a seal that is not understood"]++
		return in, ""
	}
	all := forgeries()
	if !isPlan {
		all = all[len(all)-1:]
	}
	var f forgery
	for done := false; !done; { // until something was altered
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
		t.get("fingerprint").setText(s.fingerprintOf(t))
	}
	data, err := t.MarshalJSON()
	if err != nil {
		s.errorf("%v", err)
	}
	s.met["a file with "+f.name]++
	return append(data, '\n'), f.name
}

// rekey updates the key of a group that has changes, as anybody can.
func rekey(g *jsonTree) {
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

// fingerprintOf returns the fingerprint of a plan, which is the hash of the plan without it.
func (s *sim) fingerprintOf(t *jsonTree) string {
	blank := t.clone()
	blank.get("fingerprint").setText("")
	data, err := blank.MarshalJSON()
	if err != nil {
		s.errorf("%v", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func randomGroup(s *sim, groups []*jsonTree, with string) *jsonTree {
	var full []*jsonTree
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

func omitMembers(s *sim, groups []*jsonTree) bool {
	g := randomGroup(s, groups, "members")
	if g == nil {
		return false
	}
	members := g.get("members")
	members.values = members.values[:s.r.IntN(len(members.values))]
	g.get("state").setText("changes")
	return true
}

func dropMembers(s *sim, groups []*jsonTree) bool {
	g := randomGroup(s, groups, "members")
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

// changeGroupID gives a group the id of another one that no entry means.
func changeGroupID(s *sim, groups []*jsonTree) bool {
	g := randomGroup(s, groups, "add")
	if g == nil {
		return false
	}
	for _, other := range s.world.Genesys().Groups {
		meant := func(g *jsonTree) bool { return g.get("id").text() == other.ID }
		if !slices.ContainsFunc(groups, meant) {
			g.get("id").setText(other.ID)
			return true
		}
	}
	return false
}

// changeRemovedID removes the id of one member under the userName of another.
func changeRemovedID(s *sim, groups []*jsonTree) bool {
	g := randomGroup(s, groups, "remove")
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

func removeProtected(s *sim, groups []*jsonTree) bool {
	now := s.now()
	for _, g := range groups {
		for _, member := range g.get("members").values {
			m := s.mappingIndex(g)
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

func addExcluded(s *sim, groups []*jsonTree) bool {
	now := s.now()
	return s.addAny(groups, func(m int, id string) bool { return s.view(now, s.spec.mappings[m]).Excludes(id) })
}

func addInactive(s *sim, groups []*jsonTree) bool {
	now := s.now()
	return s.addAny(groups, func(_ int, id string) bool {
		a, _ := now.Org.Account(id)
		return !a.Active
	})
}

// addAny adds the first account of a kind to a group that has other additions.
func (s *sim) addAny(groups []*jsonTree, is func(mapping int, id string) bool) bool {
	for _, g := range groups {
		m := s.mappingIndex(g)
		if m < 0 || g.get("id").text() == "" {
			continue
		}
		for _, u := range s.world.Genesys().Users {
			members := g.get("members")
			in := slices.ContainsFunc(members.values, func(v *jsonTree) bool { return v.text() == u.ID })
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

// duplicateName adds a name of an object a second time, in another case and with an empty list.
func duplicateName(s *sim, groups []*jsonTree) bool {
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

// mappingIndex returns the index of the mapping of a group in a file; negative if there is none.
func (s *sim) mappingIndex(g *jsonTree) int {
	for i, m := range s.spec.mappings {
		if m.Name == g.get("name").text() {
			return i
		}
	}
	return -1
}

// entryTree returns an account in a list of a plan.
func entryTree(id, userName string) *jsonTree {
	values := []*jsonTree{textTree(id), textTree(userName), textTree("")}
	return &jsonTree{kind: '{', names: []string{"id", "userName", "displayName"}, values: values}
}

func without(list *jsonTree, text string) {
	list.values = slices.DeleteFunc(list.values, func(v *jsonTree) bool { return v.text() == text })
}

func sortTexts(list *jsonTree) {
	slices.SortFunc(list.values, func(a, b *jsonTree) int { return strings.Compare(a.text(), b.text()) })
}
