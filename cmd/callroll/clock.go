package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/callroll/callroll/pkg/journal"
)

// mostOff is the largest accepted difference between the clock of this machine and the clock of a service.
const mostOff = 5 * time.Minute

// clock records how far the clock of this machine differs from the clocks of the services. For each host it keeps the largest
// difference seen in a response. It is safe for concurrent use.
type clock struct {
	mu    sync.Mutex
	ahead map[string]time.Duration
}

// observe records the difference seen in one response. It is used as the Clock function of a rest.Trace.
func (c *clock) observe(host string, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ahead == nil {
		c.ahead = map[string]time.Duration{}
	}
	if before, seen := c.ahead[host]; !seen || ahead.Abs() > before.Abs() {
		c.ahead[host] = ahead
	}
}

// judge returns whether the clock of this machine is right, wrong or unknown. One host that disagrees is enough for wrong.
func (c *clock) judge() journal.Clock {
	right, wrong := c.hosts()
	switch {
	case len(wrong) > 0:
		return journal.ClockWrong
	case len(right) > 0:
		return journal.ClockRight
	}
	return journal.ClockUnknown
}

// hosts returns the hosts whose clocks agree with the clock of this machine, and the hosts whose clocks do not.
func (c *clock) hosts() (right, wrong []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, host := range slices.Sorted(maps.Keys(c.ahead)) {
		if c.ahead[host].Abs() > mostOff {
			wrong = append(wrong, host)
		} else {
			right = append(right, host)
		}
	}
	return right, wrong
}

// sayClock prints a warning if the clock of this machine is wrong.
func (a *app) sayClock() {
	if a.current != nil && a.current.silent {
		return
	}
	_, wrong := a.clock.hosts()
	if len(wrong) == 0 {
		return
	}
	most := slices.MaxFunc(wrong, func(one, other string) int {
		return cmp.Compare(a.clock.ahead[one].Abs(), a.clock.ahead[other].Abs())
	})
	a.sayLines(fmt.Sprintf("the clock of this machine is %s by the answers of %s; nothing old is deleted in this run",
		off(a.clock.ahead[most]), strings.Join(wrong, ", ")), "hint: set the clock")
}

// off describes how wrong a clock is, for example "3 days ahead".
func off(ahead time.Duration) string {
	way := "ahead"
	if ahead < 0 {
		way = "behind"
	}
	const day = 24 * time.Hour
	if days := ahead.Abs() / day; days >= 2 {
		return fmt.Sprintf("%d days %s", days, way)
	}
	return fmt.Sprintf("%s %s", ahead.Abs().Round(time.Second), way)
}
