package pipeline

import (
	"slices"
	"sync"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

func ids(people []*membership.Person) []string {
	var ids []string
	for _, p := range people {
		ids = append(ids, p.ID)
	}
	slices.Sort(ids)
	return ids
}

// A mapping has the people of its groups, each once, without those whom it excludes and, where that is wanted, those who are disabled.
func TestMappingIsAUnion(t *testing.T) {
	person := func(id string, enabled bool) *membership.Person { return &membership.Person{ID: id, Enabled: &enabled} }
	ann, bob, carl, dora := person("ann", true), person("bob", true), person("carl", true), person("dora", false)
	r := readings{bySource: map[source]*reading{
		{"one", asMembers}:   {people: []*membership.Person{ann, bob}},
		{"two", asMembers}:   {people: []*membership.Person{bob, carl, dora}},
		{"none", asMembers}:  {},
		{"leave", asExclude}: {out: []*membership.Person{{ID: "ann"}}},
	}}
	all := Mapping{Rule: plan.Rule{Entra: []string{"one", "two", "none"}}}
	without := all
	without.Exclude = []string{"leave"}
	for _, test := range []struct {
		mapping Mapping
		drop    bool
		want    []string
	}{
		{all, false, []string{"ann", "bob", "carl", "dora"}},
		{without, false, []string{"bob", "carl", "dora"}},
		{all, true, []string{"ann", "bob", "carl"}},
		{Mapping{Rule: plan.Rule{Entra: []string{"two"}}}, true, []string{"bob", "carl"}},
		{Mapping{Rule: plan.Rule{Entra: []string{"none"}}}, false, nil},
	} {
		r.settings.DropDisabled = test.drop
		got, err := r.mapping(test.mapping)
		if err != nil || !slices.Equal(ids(got), test.want) {
			t.Errorf("%v without %v: %v, %v; want %v", test.mapping.Entra, test.mapping.Exclude, ids(got), err, test.want)
		}
	}
}

// Whoever was read several times is who was read last, in each of their groups.
func TestWhoWasReadLastCounts(t *testing.T) {
	r := readings{people: map[string]*membership.Person{}, isLatest: map[*membership.Person]bool{}}
	first := []*membership.Person{{ID: "ann", UserPrincipalName: "ann@x"}, {ID: "bob", UserPrincipalName: "bob@x"}}
	r.note(first)
	r.note([]*membership.Person{first[1]})
	if got := r.latest(first); &got[0] != &first[0] {
		t.Error("a list in which nobody has changed is copied")
	}
	second := []*membership.Person{{ID: "ann", UserPrincipalName: "ann@y"}}
	r.note(second)
	if got := r.latest(first); got[0] != second[0] || got[1] != first[1] || first[0].UserPrincipalName != "ann@x" {
		t.Errorf("the latest are %+v and %+v", *got[0], *got[1])
	}
	r.note(first[:1])
	if got := r.latest(second); got[0] != first[0] {
		t.Errorf("after a third reading the latest is %+v", *got[0])
	}
	var readers sync.WaitGroup
	for range 4 {
		readers.Go(func() {
			for range 100 {
				r.note([]*membership.Person{{ID: "ann"}, {ID: "carl"}})
			}
		})
	}
	readers.Wait()
	if len(r.people) != 3 {
		t.Errorf("%d people, want 3", len(r.people))
	}
}
