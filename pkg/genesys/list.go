package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sync/errgroup"

	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/internal/scim"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// list describes one list of the org: its path, and how one of its resources is read.
type list[T any] struct {
	name   string // "Genesys users"
	path   string
	filter string     // the vendor supports only "eq"
	params url.Values // attributes or excludedAttributes; without them the vendor sends small pages
	size   *pageSize
	read   func(*jsontext.Decoder) (T, error) // with a *scim.InvalidError, the result has at least the id
	id     func(T) string
	atOnce int // how many pages are read in parallel, after the first
}

// resource is one resource of a list, or the error that it could not be read with.
type resource[T any] struct {
	item   T
	broken error
}

// maxPrealloc limits the memory that is allocated in advance, whatever total a service announces.
const maxPrealloc = 20_000

// maxItems limits a list that grows while it is read.
const maxItems = 1_000_000

// errIncomplete means that a list ended before its totalResults.
var errIncomplete = errors.New("the list cannot be shown to be whole")

// page is one page of a list.
type page[T any] struct {
	scim.Page
	start      int // from 1
	items      []resource[T]
	requestIDs []string
}

// walker reads a list page by page.
type walker[T any] struct {
	list  list[T]
	api   *rest.Client
	all   []resource[T]
	at    map[string]int // index in all, by id
	start int            // of the next page, from 1
	total int            // totalResults of the last page
	done  bool
	err   error // the error that ended the walk

	broken int // number of records that could not be read; set by finish
}

func (l list[T]) walk(api *rest.Client) *walker[T] {
	return &walker[T]{list: l, api: api, at: map[string]int{}, start: 1}
}

// finish reads the rest of the list, and returns the resources without duplicates, sorted by id. A list that is too short is
// read once more, because changes during the reading shift the pages. A record that cannot be read does not stop the others:
// it is logged and skipped, and a user in no listing is neither added nor removed.
func (w *walker[T]) finish(ctx context.Context) ([]T, error) {
	err := w.readToEnd(ctx)
	if errors.Is(err, errIncomplete) {
		*w = *w.list.walk(w.api)
		err = w.readToEnd(ctx)
	}
	return w.result(err)
}

// result returns the resources after the list has been read to its end, or the error of the reading.
func (w *walker[T]) result(err error) ([]T, error) {
	if errors.Is(err, errIncomplete) {
		return nil, membership.Fail(membership.Incomplete, fmt.Errorf("listing %s, twice: %w", w.list.name, err))
	}
	if err != nil {
		return nil, readFailure("listing "+w.list.name, err)
	}
	items, broken := w.sorted()
	w.broken = len(broken)
	if len(broken) > 0 {
		w.api.Note(fmt.Sprintf("%d of %d %s cannot be read and are passed over; the first: %v",
			len(broken), len(w.all), w.list.name, broken[0]))
	}
	return items, nil
}

func (w *walker[T]) readToEnd(ctx context.Context) error {
	for !w.done && w.err == nil {
		if size, sure := w.list.size.current(); sure && w.start > 1 && w.list.atOnce > 1 {
			w.err = w.readParallel(ctx, size)
		} else {
			w.next(ctx)
		}
	}
	return w.err
}

// pagesLeft returns how many more requests the list needs.
func (w *walker[T]) pagesLeft() int {
	size := w.list.size.get()
	return (w.total - w.start + size) / size
}

// next reads one page. The next page begins after the resources that were received, because a short page need not be the
// last.
func (w *walker[T]) next(ctx context.Context) {
	p, err := w.page(ctx)
	if err == nil {
		err = w.add(p)
	}
	w.err = err
}

// readParallel reads the next pages in parallel, each from where it begins if the pages before it are full, and adds them
// in order. If a page is short, the pages after it are read again from where it ended.
func (w *walker[T]) readParallel(ctx context.Context, size int) error {
	pages := make([]page[T], min((w.total-w.start)/size+1, w.list.atOnce))
	errs := make([]error, len(pages))
	var readers errgroup.Group
	for i := range pages {
		readers.Go(func() error {
			defer bug.Catch("listing "+w.list.name, &errs[i])
			pages[i], errs[i] = w.request(ctx, w.start+i*size, size, false)
			return nil
		})
	}
	_ = readers.Wait() // each page has its own error
	for i, p := range pages {
		switch {
		case errs[i] != nil && size > minPageSize && isTooLarge(errs[i], true):
			w.list.size.halve(size)
			return nil
		case errs[i] != nil:
			return errs[i]
		case p.start != w.start:
			return nil
		}
		w.list.size.received(size, p.Count, p.Total-p.start+1)
		if err := w.add(p); err != nil || w.done {
			return err
		}
	}
	return nil
}

// add adds the resources of a page, and returns an error if the page contradicts the earlier ones.
func (w *walker[T]) add(p page[T]) error {
	if w.all == nil {
		w.all = make([]resource[T], 0, min(max(p.Total, 0), maxPrealloc))
	}
	short := func(why string) error { return withIDs(fmt.Errorf("%w: %s", errIncomplete, why), p.requestIDs) }
	before := len(w.all)
	for _, one := range p.items {
		id := w.list.id(one.item)
		if id == "" {
			return withIDs(one.broken, p.requestIDs)
		}
		if i, again := w.at[id]; again {
			w.all[i] = one
			continue
		}
		w.at[id] = len(w.all)
		w.all = append(w.all, one)
	}
	first, announced := w.start == 1, w.total
	w.start, w.total = w.start+p.Count, p.Total
	switch ended := w.start > p.Total; {
	// Users who were removed have shifted others from the next page to one that was already read.
	case !first && p.Total != announced:
		return short(fmt.Sprintf("%d were announced, and later %d", announced, p.Total))
	case len(w.all) > p.Total, ended && len(w.all) < p.Total:
		return short(fmt.Sprintf("%d are announced and %d came", p.Total, len(w.all)))
	case ended:
		w.done = true
		return nil
	case len(w.all) == before:
		return short(fmt.Sprintf("%d are announced, and the page at %d brings nothing new", p.Total, w.start))
	case len(w.all) > maxItems: // reading the list again would not help
		err := fmt.Errorf("more than %d came, and there is no end", maxItems)
		return membership.Fail(membership.Incomplete, withIDs(err, p.requestIDs))
	}
	return nil
}

// request requests one page. untried means that the service may refuse the size.
func (w *walker[T]) request(ctx context.Context, start, count int, untried bool) (page[T], error) {
	l := w.list
	query := url.Values{"startIndex": {strconv.Itoa(start)}, "count": {strconv.Itoa(count)}}
	for name, values := range l.params {
		query[name] = values
	}
	if l.filter != "" {
		query.Set("filter", l.filter)
	}
	p := page[T]{start: start}
	req := rest.Request{Method: http.MethodGet, Path: l.path, Query: query, Header: accept(), Yield: untried, MaxBody: maxListBody}
	answer, err := w.api.Do(ctx, req, func(dec *jsontext.Decoder) (err error) {
		p.items = nil
		p.Page, err = scim.ReadPage(dec, func(dec *jsontext.Decoder) error {
			item, err := l.read(dec)
			if err != nil && !errors.As(err, new(*scim.InvalidError)) {
				return err
			}
			p.items = append(p.items, resource[T]{item, err})
			return nil
		})
		return err
	})
	p.requestIDs = answer.RequestIDs
	return p, withAnswerIDs(err, answer)
}

// sorted returns the resources that could be read, sorted by id, and the errors of the others.
func (w *walker[T]) sorted() (items []T, broken []error) {
	slices.SortFunc(w.all, func(a, b resource[T]) int { return strings.Compare(w.list.id(a.item), w.list.id(b.item)) })
	items = make([]T, 0, len(w.all))
	for _, one := range w.all {
		if one.broken != nil {
			broken = append(broken, one.broken)
		} else {
			items = append(items, one.item)
		}
	}
	return items, broken
}
