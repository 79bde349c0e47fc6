package main

import "testing"

// Once more is the same once more: a seed that has failed fails again.
func TestSimulationReplays(t *testing.T) {
	for seed := range uint64(4) {
		first, again := player().Play(t, seed).Log(), player().Play(t, seed).Log()
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
