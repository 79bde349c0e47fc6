package list_test

import (
	"maps"
	"slices"
	"strconv"
	"testing"

	"github.com/callroll/callroll/pkg/internal/list"
)

func TestMap(t *testing.T) {
	if got := list.Map([]int{3, 1, 3}, strconv.Itoa); !slices.Equal(got, []string{"3", "1", "3"}) {
		t.Errorf("Map = %q", got)
	}
	if got := list.Map(nil, strconv.Itoa); got == nil || len(got) != 0 {
		t.Errorf("Map of nothing = %#v, want a list without elements", got)
	}
}

func TestSet(t *testing.T) {
	if got := list.Set([]string{"b", "a", "b"}); !maps.Equal(got, map[string]bool{"a": true, "b": true}) {
		t.Errorf("Set = %v", got)
	}
}

func TestCount(t *testing.T) {
	odd := func(n int) bool { return n%2 == 1 }
	if got := list.Count([]int{1, 2, 3}, odd); got != 2 {
		t.Errorf("Count returned %d, want 2", got)
	}
	if got := list.Count(nil, odd); got != 0 {
		t.Errorf("Count returned %d for no elements", got)
	}
}
