package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// A run over hundreds of groups holds some twenty megabytes, and left to itself the collector would let as much again pile up
// before it looks. A fixed share would have it look all the time while there is hardly anything. So there is a limit, up to
// which nobody minds, and which gives way where a run holds more.

// leastMemory is far above what a run of ordinary size needs.
const leastMemory = 34 << 20

// memoryLimit returns the limit for what is held now: a quarter more, and room for the runtime itself.
func memoryLimit(held uint64) int64 {
	return max(leastMemory, int64(held+held/4+9<<20)) //nolint:gosec // memory is counted in far fewer bits
}

// limitMemory sets the limit, and again after every collection. Whoever sets GOMEMLIMIT knows better.
func limitMemory() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	held := uint64(0)
	if sample[0].Value.Kind() == metrics.KindUint64 {
		held = sample[0].Value.Uint64()
	}
	debug.SetMemoryLimit(memoryLimit(held))
	// Something that nobody needs is gone after the next collection.
	runtime.AddCleanup(new([16]byte), func(int) { limitMemory() }, 0)
}
