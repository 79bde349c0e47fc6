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
