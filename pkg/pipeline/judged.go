package pipeline

import (
	"slices"
	"sync"

	"github.com/callroll/callroll/pkg/plan"
)

// judged has the groups of a run with their latest judgement. It is safe for concurrent use, because groups are planned
// again while others are written.
type judged struct {
	settings Settings
	rules    []plan.Rule

	mu     sync.Mutex
	groups []plan.Group
}

func (s Settings) judged(groups []plan.Group) *judged {
	return &judged{settings: s, rules: s.rules(), groups: slices.Clone(groups)}
}

// find returns a group by its Genesys id.
func (j *judged) find(id string) (plan.Group, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.index(id)
	if i < 0 {
		return plan.Group{}, false
	}
	return j.groups[i], true
}

// again judges a group whose plan has changed, together with all the others, and returns it.
func (j *judged) again(g plan.Group) plan.Group {
	j.mu.Lock()
	defer j.mu.Unlock()
	i := j.index(g.ID)
	if i < 0 {
		return g
	}
	j.groups[i] = plan.Rejudge(j.groups, i, g, j.rules, j.settings.Policy)
	return j.groups[i]
}

func (j *judged) index(id string) int {
	return slices.IndexFunc(j.groups, func(g plan.Group) bool { return g.ID == id })
}
