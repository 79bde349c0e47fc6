package genesys

import (
	"slices"
	"testing"
)

// On the way down a size stops at a hundred. No size is below the vendor's default.
func TestPageSizesOnTheWayDown(t *testing.T) {
	p := newPageSize(userPageSize)
	var sizes []int
	for range 6 {
		size := p.get()
		sizes = append(sizes, size)
		p.halve(size)
	}
	if want := []int{500, 250, 100, 50, 25, 25}; !slices.Equal(sizes, want) {
		t.Errorf("%v, want %v", sizes, want)
	}
	p = newPageSize(userPageSize)
	if p.received(500, 100, 2000); p.get() != 100 {
		t.Errorf("cut to 100, and %d are asked for", p.get())
	}
	if p.received(100, 7, 7); p.get() != 100 {
		t.Errorf("the end of a list is taken for a cut: %d", p.get())
	}
	if p.received(100, 3, 50); p.get() != minPageSize {
		t.Errorf("a page of three, and %d are asked for", p.get())
	}
}
