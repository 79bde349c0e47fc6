package main

import (
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/simulation"
)

// featureSeeds is how many seeds are played in which something always happens that happens in some seeds otherwise.
const featureSeeds = 12

// Clocks that are wrong, the reader of --quiet, flags that are typed as they were printed, bytes that misbehave on the wire, and
// several requests at once: each of them in every seed.
func TestSimulationFeatures(t *testing.T) {
	t.Parallel()
	for feature, base := range map[simulation.Feature]uint64{
		simulation.Clocks: 1_000_000, simulation.Mails: 2_000_000, simulation.Flags: 3_000_000, simulation.Bytes: 4_000_000,
		simulation.AtOnce: 5_000_000,
	} {
		t.Run(string(feature), func(t *testing.T) {
			t.Parallel()
			p := player()
			p.Always = feature
			overlaps := 0
			for seed := base; seed < base+featureSeeds; seed++ {
				story := p.Play(t, seed)
				if len(story.Bad) > 0 {
					t.Log(story)
					t.Fatalf("seed %d: %s", seed, strings.Join(story.Bad, "\n"))
				}
				overlaps += story.Met["requests under way at once"]
			}
			if feature == simulation.AtOnce && overlaps == 0 {
				t.Error("no two requests were under way at once")
			}
		})
	}
}
