package main

import (
	"testing"

	"github.com/callroll/callroll/pkg/simulation"
)

// Once more is the same once more: a seed that has failed fails again.
func TestSimulationReplays(t *testing.T) {
	t.Parallel()
	for seed, always := range []simulation.Feature{"", "", simulation.Clocks, simulation.Mails, simulation.Flags, simulation.Bytes} {
		p := player()
		p.Always = always
		first, again := p.Play(t, uint64(seed)).Log(), p.Play(t, uint64(seed)).Log()
		for i := range first {
			if i >= len(again) || first[i] != again[i] {
				t.Fatalf("seed %d, request %d: first %s, then %s", seed, i, first[i], again[min(i, len(again)-1)])
			}
		}
		if len(again) != len(first) {
			t.Errorf("seed %d: %d requests, then %d", seed, len(first), len(again))
		}
	}
}
