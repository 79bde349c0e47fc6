package push

import "sync"

// Step is a part of a run that may take long.
type Step string

// The steps of this package. Their numbers are groups.
const (
	Writing     Step = "writing"
	ReadingBack Step = "reading back"
)

// Progress is called with how much of a step is done. A step is over when done equals total. If total is 0, it is not
// known. Steps may overlap, and so may the calls of two steps; those of one step do not. A nil Progress may be used.
type Progress func(step Step, done, total int)

// Begin begins a step and returns its counter.
func (p Progress) Begin(step Step, total int) *Counter {
	c := &Counter{to: p, step: step, total: total}
	c.Add(0)
	return c
}

// Counter counts what is done of a step. It is safe for concurrent use. A nil *Counter counts nothing.
type Counter struct {
	to    Progress
	step  Step
	total int

	mu   sync.Mutex
	done int
}

// Add adds to what is done.
func (c *Counter) Add(n int) {
	if c == nil || c.to == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += n
	c.to(c.step, c.done, c.total)
}

// End ends the step, whatever is done.
func (c *Counter) End() {
	if c == nil || c.to == nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total = max(c.total, 1)
	c.to(c.step, c.total, c.total)
}
