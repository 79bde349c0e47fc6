package main

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/rest"
)

// waiting is the step of a wait for the pace, which only the client for Genesys has. Its numbers are seconds.
const waiting push.Step = "waiting for Genesys' pace"

// progress shows on a terminal how far a run has come, in one line, which is removed when anything else is printed. It
// shows only what takes longer than noticeable. A nil *progress shows nothing. It is safe for concurrent use.
type progress struct {
	to   io.Writer
	talk *sync.Mutex // held while anything is printed, and while the fields below are used

	steps  []*step // those that are not over, in the order in which they began
	bar    *progressbar.ProgressBar
	shown  *step // what bar shows; nil if nothing is shown
	text   string
	ticker *time.Ticker
	ended  chan struct{}
}

// step is the state of a step.
type step struct {
	name        push.Step
	done, total int
	began       time.Time
}

// newProgress draws until stop is called.
func newProgress(to io.Writer, talk *sync.Mutex) *progress {
	p := &progress{to: to, talk: talk, ticker: time.NewTicker(200 * time.Millisecond), ended: make(chan struct{})}
	go func() {
		for {
			select {
			case <-p.ticker.C:
				p.talk.Lock()
				p.draw(time.Now())
				p.talk.Unlock()
			case <-p.ended:
				return
			}
		}
	}()
	return p
}

// stop removes the line for good.
func (p *progress) stop() {
	if p == nil {
		return
	}
	p.talk.Lock()
	defer p.talk.Unlock()
	p.clear()
	p.ticker.Stop()
	select {
	case <-p.ended:
	default:
		close(p.ended)
	}
}

// step is the function of pipeline.Settings.
func (p *progress) step(name push.Step, done, total int) {
	p.talk.Lock()
	defer p.talk.Unlock()
	p.set(name, done, total)
}

// wait shows a wait for the pace, and reports whether it does. If there are several, the one that ends last is shown.
func (p *progress) wait(w rest.Wait) bool {
	if p == nil || !w.Pace {
		return false
	}
	p.talk.Lock()
	defer p.talk.Unlock()
	if s := p.find(waiting); s == nil || time.Until(s.end()) < w.For {
		p.remove(waiting)
		p.set(waiting, 0, int((w.For+time.Second-1)/time.Second))
	}
	return true
}

func (p *progress) find(name push.Step) *step {
	i := slices.IndexFunc(p.steps, func(s *step) bool { return s.name == name })
	if i < 0 {
		return nil
	}
	return p.steps[i]
}

func (p *progress) remove(name push.Step) {
	p.steps = slices.DeleteFunc(p.steps, func(s *step) bool { return s.name == name })
}

func (p *progress) set(name push.Step, done, total int) {
	s := p.find(name)
	switch {
	case total > 0 && done >= total:
		p.remove(name)
		return
	case s == nil:
		s = &step{name: name, began: time.Now()}
		p.steps = append(p.steps, s)
	}
	s.done, s.total = done, total
}

// end is when a wait is over.
func (s *step) end() time.Time { return s.began.Add(time.Duration(s.total) * time.Second) }

// text is what stands before the bar. A wait has no bar, and says how long it still takes.
func (s *step) text() string {
	if s.name == waiting {
		return fmt.Sprintf("callroll: waiting %d s for Genesys' pace", s.total-s.done)
	}
	return "callroll: " + string(s.name)
}

// clear removes the line. It is called with the lock held, before anything else is printed.
func (p *progress) clear() {
	if p != nil && p.bar != nil {
		_ = p.bar.Clear() // the terminal may be gone
		p.bar, p.shown = nil, nil
	}
}

// draw shows one step that takes long: a wait, or else the one that began first.
func (p *progress) draw(now time.Time) {
	if s := p.find(waiting); s != nil {
		if s.done = int(now.Sub(s.began) / time.Second); s.done >= s.total {
			p.remove(waiting)
		}
	}
	var show *step
	for _, s := range p.steps {
		if now.Sub(s.began) >= noticeable && (show == nil || s.name == waiting) {
			show = s
		}
	}
	if show != p.shown || show != nil && show.text() != p.text {
		p.clear()
	}
	if show == nil {
		return
	}
	if p.bar == nil {
		p.bar, p.shown, p.text = newBar(p.to, show), show, show.text()
	}
	if show.total > 0 && show.name != waiting {
		_ = p.bar.Set(show.done) // the terminal may be gone
	} else {
		_ = p.bar.RenderBlank()
	}
}

// newBar returns a line that fits into 50 columns. If the total is not known, it has moving dots instead of a bar; they are
// given to the library as a spinner, because only a spinner may be without a number.
func newBar(to io.Writer, s *step) *progressbar.ProgressBar {
	text := s.text()
	options := []progressbar.Option{
		progressbar.OptionSetWriter(to), progressbar.OptionSetElapsedTime(false), progressbar.OptionSetPredictTime(false),
	}
	// Without an interval the library starts no goroutine for a spinner, which would never end.
	still := progressbar.OptionSetSpinnerChangeInterval(0)
	switch {
	case s.name == waiting:
		return progressbar.NewOptions(-1, append(options, progressbar.OptionSpinnerCustom([]string{text}), still)...)
	case s.total <= 0:
		dots := progressbar.OptionSpinnerCustom([]string{text + " .", text + " ..", text + " ..."})
		return progressbar.NewOptions(-1, append(options, dots, still)...)
	}
	return progressbar.NewOptions(s.total, append(options,
		progressbar.OptionSetDescription(text), progressbar.OptionShowCount(), progressbar.OptionSetWidth(6),
		progressbar.OptionSetTheme(progressbar.ThemeASCII))...)
}
