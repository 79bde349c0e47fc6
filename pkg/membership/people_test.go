package membership_test

import (
	"slices"
	"sync"
	"testing"

	"github.com/callroll/callroll/pkg/membership"
)

func names(p membership.People) []string {
	var names []string
	for _, one := range p.List() {
		names = append(names, one.UserPrincipalName)
	}
	slices.Sort(names)
	return names
}

func TestARegistryKeepsEverybodyOnce(t *testing.T) {
	var r membership.Registry
	made := 0
	keep := func(id string, hash uint64, name string) int32 {
		return r.Keep([]byte(id), hash, func() *membership.Person { made++; return &membership.Person{ID: id, UserPrincipalName: name} })
	}
	stranger := r.Number([]byte("zoe"))
	ann := keep("ann", 1, "ann@x")
	if again := keep("ann", 1, "not asked for"); again != ann || made != 1 {
		t.Errorf("the same person has the numbers %d and %d, and was made %d times", ann, again, made)
	}
	if zoe := keep("zoe", 0, "zoe@x"); zoe != stranger {
		t.Errorf("zoe is %d and was %d", zoe, stranger)
	}
	before := r.People([]int32{ann})
	if keep("ann", 2, "ann@y"); !slices.Equal(names(before), []string{"ann@y"}) {
		t.Errorf("what was read last does not count: %v", names(before))
	}
	if got := names(r.Named([]string{"zoe", "ann"})); !slices.Equal(got, []string{"ann@y", "zoe@x"}) {
		t.Errorf("by their ids: %v", got)
	}
}

func TestJoin(t *testing.T) {
	r := membership.RegistryOf([]membership.Person{{ID: "1", UserPrincipalName: "ann"}, {ID: "2", UserPrincipalName: "bob"}, {ID: "3", UserPrincipalName: "carl"}})
	groups := []membership.People{{}, r.Named([]string{"1", "2"}), r.Named(nil), r.Named([]string{"3", "2"}), {}}
	got := membership.Join(groups, func(p *membership.Person) bool { return p.ID == "1" })
	if !slices.Equal(names(got), []string{"bob", "carl"}) || got.Len() != 2 {
		t.Errorf("joined: %v", names(got))
	}
	if nobody := membership.Join(nil, nil); nobody.Len() != 0 || nobody.List() != nil {
		t.Errorf("nobody: %v", names(nobody))
	}
	defer func() {
		if recover() == nil {
			t.Error("people of two registries are joined")
		}
	}()
	other := membership.RegistryOf([]membership.Person{{ID: "4"}})
	membership.Join(append(groups, other.Named([]string{"4"})), func(*membership.Person) bool { return false })
}

func TestARegistryIsSafe(t *testing.T) {
	var r membership.Registry
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 100 {
				id := string(rune('a' + i%26))
				n := r.Keep([]byte(id), uint64(i%3), func() *membership.Person { return &membership.Person{ID: id} })
				if got := r.People([]int32{n}).List()[0]; got.ID != id {
					t.Errorf("%s instead of %s", got.ID, id)
				}
			}
		})
	}
	all.Wait()
}
