package main

import "testing"

// The limit is a floor for small runs and a share for large ones: it must never stand below what is held, or the collector
// would do nothing else.
func TestMemoryLimitGivesWay(t *testing.T) {
	for held, want := range map[uint64]int64{0: leastMemory, 10 << 20: leastMemory, 20 << 20: leastMemory, 40 << 20: 59 << 20, 400 << 20: 509 << 20} {
		if got := memoryLimit(held); got != want {
			t.Errorf("%d MiB held: %d MiB, want %d", held>>20, got>>20, want>>20)
		}
	}
}
