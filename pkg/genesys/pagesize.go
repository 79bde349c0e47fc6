package genesys

import (
	"errors"
	"net/http"
	"sync"

	"github.com/callroll/callroll/pkg/rest"
)

// The vendor gives 25 resources on a page. With attributes or excludedAttributes it has given more since 2021, and says
// nowhere how many: it may cut a page without a word, or answer 429 or 400 (announcement "SCIM count parameter").
const (
	smallest    = 25
	manyGroups  = 100 // each with all its members
	manyAtATime = 500 // users, of whom little is asked for
)

// pageSize is how many resources of a list to ask for, as far as that is known. It is safe for concurrent use.
type pageSize struct {
	mu    sync.Mutex
	size  int
	tried bool // a page of that size has come
}

func newPageSize(size int) *pageSize { return &pageSize{size: size} }

// PageSizes are how many resources of each list to ask for, as far as that is known to be less than usual; 0 where it is not.
type PageSizes struct {
	Users, Groups int
}

// BeginWith takes over what another run has learned.
func (c *Conn) BeginWith(sizes PageSizes) {
	c.userPages.atMost(sizes.Users)
	c.groupPages.atMost(sizes.Groups)
}

// PageSizes returns what was learned.
func (c *Conn) PageSizes() PageSizes {
	var sizes PageSizes
	if size := c.userPages.get(); size < manyAtATime {
		sizes.Users = size
	}
	if size := c.groupPages.get(); size < manyGroups {
		sizes.Groups = size
	}
	return sizes
}

func (p *pageSize) get() int {
	size, _ := p.ask()
	return size
}

// ask returns the size to ask for, and whether a page of that size has come before. A 429 is about something else then.
func (p *pageSize) ask() (size int, tried bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size, p.tried || p.size <= smallest
}

// atMost notes that no more than a size is to be asked for. 0 says nothing.
func (p *pageSize) atMost(size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if size > 0 {
		p.size = min(p.size, max(size, smallest))
	}
}

// halve notes that a size was too much. It stops at a hundred on the way down, a size that services like to have as their
// largest.
func (p *pageSize) halve(size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	less := max(size/2, smallest)
	if size > manyGroups && less < 2*manyGroups {
		less = manyGroups
	}
	p.size, p.tried = min(p.size, less), false
}

// came notes how many resources came of those that were asked for, with so many left in the list. Fewer than both is a cut.
func (p *pageSize) came(asked, came, left int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if came < min(asked, left) {
		p.size = min(p.size, max(came, smallest))
	}
	p.tried = p.tried || came > smallest || p.size <= smallest
}

// tooMuch says whether a failure may be about the size of a page. If a page of that size has come before, a 429 is not.
func tooMuch(err error, tried bool) bool {
	var e *rest.Error
	return errors.As(err, &e) && (e.Kind == rest.Throttled && !tried || e.Kind == rest.Refused && e.Status == http.StatusBadRequest || e.TooLarge)
}

// throttled says whether a failure is a 429. One of a page that nobody has tried is about that page, as far as anybody can
// tell: the next request is sent at once, and waits as the service asks if it is answered 429 too.
func throttled(err error) bool {
	var e *rest.Error
	return errors.As(err, &e) && e.Kind == rest.Throttled
}
