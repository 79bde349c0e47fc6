package pipeline

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/internal/bug"
)

// MemberCount is how many direct members an Entra group has, or why this is not known.
type MemberCount struct {
	Members int
	Err     error
}

// CountMembers counts the direct members of Entra groups, several groups at the same time. Each group is a request. The result
// has the order of the groups.
func CountMembers(ctx context.Context, entra *graph.Client, groups []graph.ListedGroup, s Settings) []MemberCount {
	counts := make([]MemberCount, len(groups))
	counter := s.Progress.Begin(CountingMembers, len(groups))
	defer counter.End()
	var counting errgroup.Group
	counting.SetLimit(s.Concurrency.entra())
	for i := range groups {
		counting.Go(func() error {
			defer bug.Catch("counting the members of Entra group "+groups[i].ID, &counts[i].Err)
			counts[i].Members, counts[i].Err = entra.MemberCount(ctx, groups[i])
			counter.Add(1)
			return nil
		})
	}
	_ = counting.Wait() // each count has its own error
	return counts
}
