package genesys

import (
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/callroll/callroll/pkg/rest"
)

// The vendor sends 25 resources on a page. With attributes or excludedAttributes it has sent more since 2021, and does not
// document how many: it may send fewer than requested, or answer 429 or 400 (announcement "SCIM count parameter").
const (
	minPageSize   = 25
	groupPageSize = 100 // groups come with all their members
	userPageSize  = 500 // users come with a few attributes
)

// pageSize is the size of the pages of a list to request, as far as it is known. It is safe for concurrent use.
type pageSize struct {
	mu    sync.Mutex
	size  int
	tried bool // a page of this size was received
}

func newPageSize(size int) *pageSize { return &pageSize{size: size} }

// The names of the lists in the result of [Conn.PageSizes].
const (
	usersList  = "users"
	groupsList = "groups"
)

// BeginWith applies the result of PageSizes of an earlier run.
func (c *Conn) BeginWith(sizes map[string]int) {
	c.userPages.limit(sizes[usersList])
	c.groupPages.limit(sizes[groupsList])
}

// PageSizes returns the page sizes that this connection has found to be smaller than usual, by the name of the list.
func (c *Conn) PageSizes() map[string]int {
	sizes := map[string]int{}
	if size := c.userPages.get(); size < userPageSize {
		sizes[usersList] = size
	}
	if size := c.groupPages.get(); size < groupPageSize {
		sizes[groupsList] = size
	}
	return sizes
}

func (p *pageSize) get() int {
	size, _ := p.current()
	return size
}

// current returns the size to request, and whether a page of this size was received before. If it was, a 429 is about
// something else.
func (p *pageSize) current() (size int, tried bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.size, p.tried || p.size <= minPageSize
}

// limit sets the largest size to request. 0 changes nothing.
func (p *pageSize) limit(size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if size > 0 {
		p.size = min(p.size, max(size, minPageSize))
	}
}

// halve records that a size was too large. On the way down it stops at a hundred, which is a common maximum of services.
func (p *pageSize) halve(size int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	less := max(size/2, minPageSize)
	if size > groupPageSize && less < 2*groupPageSize {
		less = groupPageSize
	}
	p.size, p.tried = min(p.size, less), false
}

// received records how many resources were received for a page of which so many were requested, when so many were left in
// the list. Fewer than both means that the service has a smaller maximum.
func (p *pageSize) received(requested, received, left int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if received < min(requested, left) {
		p.size = min(p.size, max(received, minPageSize))
	}
	p.tried = p.tried || received > minPageSize || p.size <= minPageSize
}

// page reads the next page. If the page is too large for the service, it tries a smaller size.
func (w *walker[T]) page(ctx context.Context) (page[T], error) {
	for {
		count, sure := w.list.size.current()
		p, err := w.request(ctx, w.start, count, !sure)
		switch {
		case err == nil:
			w.list.size.received(count, p.Count, p.Total-p.start+1)
			return p, nil
		case count <= minPageSize || !isTooLarge(err, sure):
			return page[T]{}, err
		case isThrottled(err):
			w.list.size.limit(minPageSize)
		default:
			w.list.size.halve(count)
		}
	}
}

// isTooLarge says whether a failure may be about the size of a page. A 429 is not, if a page of this size was received
// before.
func isTooLarge(err error, tried bool) bool {
	e, ok := errors.AsType[*rest.Error](err)
	return ok && (e.Kind == rest.Throttled && !tried || e.Kind == rest.Refused && e.Status == http.StatusBadRequest || e.TooLarge)
}

// isThrottled says whether a failure is a 429. A 429 for a page size that was not tried before is assumed to be about the
// size: the next request is sent at once, and waits as the service asks if it is answered 429 too.
func isThrottled(err error) bool {
	e, ok := errors.AsType[*rest.Error](err)
	return ok && e.Kind == rest.Throttled
}
