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
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/scim"
)

// list is one of the org's lists: where it is, and how one of its resources is read.
type list[T any] struct {
	name   string // "Genesys users"
	path   string
	filter string     // only "eq" is known to the vendor
	only   url.Values // attributes or excludedAttributes, without which no page is large
	size   *pageSize
	read   func(*jsontext.Decoder) (T, error) // with a *scim.InvalidError, the id at least
	id     func(T) string
	atOnce int // how many pages are read at the same time, after the first
}

// listed is one resource of a list, or why it cannot be read.
type listed[T any] struct {
	item   T
	broken error
}

// roomFor is for how many resources room is made beforehand, whatever a service announces.
const roomFor = 20_000

// mostListed bounds a list that grows while it is walked.
const mostListed = 1_000_000

// errShort says that a list ended before its totalResults.
var errShort = errors.New("the list cannot be shown to be whole")

// page is one page of a list.
type page[T any] struct {
	scim.Page
	start      int // from 1
	items      []listed[T]
	requestIDs []string
}

// walker is a list that is being walked.
type walker[T any] struct {
	list  list[T]
	api   *rest.Client
	all   []listed[T]
	at    map[string]int // place in all, by id
	start int            // of the next page, from 1
	total int            // of the list, as the last page has said
	done  bool
	err   error // why it cannot go on

	broken int // records that could not be read, once it is finished
}

func (l list[T]) walk(api *rest.Client) *walker[T] {
	return &walker[T]{list: l, api: api, at: map[string]int{}, start: 1}
}

// whole walks a list to its end and returns each resource once, sorted by id.
func (l list[T]) whole(ctx context.Context, api *rest.Client) ([]T, error) {
	return l.walk(api).finish(ctx)
}

// finish walks what is left. A list that comes out too short is walked once more, because one that changes meanwhile shifts.
// One bad record does not stop the others: it is noted and passed over, and whoever is in no listing is neither added nor
// removed.
func (w *walker[T]) finish(ctx context.Context) ([]T, error) {
	err := w.toEnd(ctx)
	if errors.Is(err, errShort) {
		*w = *w.list.walk(w.api)
		err = w.toEnd(ctx)
	}
	if errors.Is(err, errShort) {
		return nil, membership.Fail(membership.Incomplete, fmt.Errorf("listing %s, twice: %w", w.list.name, err))
	}
	if err != nil {
		return nil, readFailure("listing "+w.list.name, err)
	}
	items, broken := w.sorted()
	w.broken = len(broken)
	if len(broken) > 0 {
		w.api.Note(fmt.Sprintf("%d of %d %s cannot be read and are passed over; the first: %v", len(broken), len(w.all), w.list.name, broken[0]))
	}
	return items, nil
}

func (w *walker[T]) toEnd(ctx context.Context) error {
	for !w.done && w.err == nil {
		if size, sure := w.list.size.ask(); sure && w.start > 1 && w.list.atOnce > 1 {
			w.err = w.takeSeveral(ctx, size)
		} else {
			w.next(ctx)
		}
	}
	return w.err
}

// pagesLeft is how many more requests the list takes.
func (w *walker[T]) pagesLeft() int {
	size := w.list.size.get()
	return (w.total - w.start + size) / size
}

// next takes one page. It goes on by what came, not by what was asked for: a page that is short need not be the last.
func (w *walker[T]) next(ctx context.Context) {
	p, err := w.page(ctx)
	if err == nil {
		err = w.take(p)
	}
	w.err = err
}

// takeSeveral reads the next pages at the same time, each from where it begins if those before it are whole, and takes them in
// their order. Where one of them is short, those after it are read again from where it has ended.
func (w *walker[T]) takeSeveral(ctx context.Context, size int) error {
	pages := make([]page[T], min((w.total-w.start)/size+1, w.list.atOnce))
	errs := make([]error, len(pages))
	var readers errgroup.Group
	for i := range pages {
		readers.Go(func() error {
			defer func() {
				if r := recover(); r != nil {
					errs[i] = bug.Error("listing "+w.list.name, r)
				}
			}()
			pages[i], errs[i] = w.ask(ctx, w.start+i*size, size, false)
			return nil
		})
	}
	_ = readers.Wait() // each page has its own error
	for i, p := range pages {
		switch {
		case errs[i] != nil && size > smallest && tooMuch(errs[i], true):
			w.list.size.halve(size)
			return nil
		case errs[i] != nil:
			return errs[i]
		case p.start != w.start:
			return nil
		}
		w.list.size.came(size, p.Count, p.Total-p.start+1)
		if err := w.take(p); err != nil || w.done {
			return err
		}
	}
	return nil
}

// take adds a page to what has come, and says what is wrong with it.
func (w *walker[T]) take(p page[T]) error {
	if w.all == nil {
		w.all = make([]listed[T], 0, min(max(p.Total, 0), roomFor))
	}
	short := func(why string) error { return withIDs(fmt.Errorf("%w: %s", errShort, why), p.requestIDs) }
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
	// Whoever has left has moved others up, past the place where the next page begins.
	case !first && p.Total != announced:
		return short(fmt.Sprintf("%d were announced, and later %d", announced, p.Total))
	case len(w.all) > p.Total, ended && len(w.all) < p.Total:
		return short(fmt.Sprintf("%d are announced and %d came", p.Total, len(w.all)))
	case ended:
		w.done = true
		return nil
	case len(w.all) == before:
		return short(fmt.Sprintf("%d are announced, and the page at %d brings nothing new", p.Total, w.start))
	case len(w.all) > mostListed: // and once more it would be no better
		return membership.Fail(membership.Incomplete, withIDs(fmt.Errorf("more than %d came, and there is no end", mostListed), p.requestIDs))
	}
	return nil
}

// page reads the next page. If that is too much at once for the service it asks for less.
func (w *walker[T]) page(ctx context.Context) (page[T], error) {
	for {
		count, sure := w.list.size.ask()
		p, err := w.ask(ctx, w.start, count, !sure)
		switch {
		case err == nil:
			w.list.size.came(count, p.Count, p.Total-p.start+1)
			return p, nil
		case count <= smallest || !tooMuch(err, sure):
			return page[T]{}, err
		case throttled(err):
			w.list.size.atMost(smallest)
		default:
			w.list.size.halve(count)
		}
	}
}

// ask asks for one page in a size. untried says that the service may find that too much.
func (w *walker[T]) ask(ctx context.Context, start, count int, untried bool) (page[T], error) {
	l := w.list
	query := url.Values{"startIndex": {strconv.Itoa(start)}, "count": {strconv.Itoa(count)}}
	for name, values := range l.only {
		query[name] = values
	}
	if l.filter != "" {
		query.Set("filter", l.filter)
	}
	p := page[T]{start: start}
	request := rest.Request{Method: http.MethodGet, Path: l.path, Query: query, Header: accept(), Yield: untried, MaxBody: mostOfAList}
	answer, err := w.api.Do(ctx, request, func(dec *jsontext.Decoder) (err error) {
		p.items = nil
		p.Page, err = scim.ReadPage(dec, func(dec *jsontext.Decoder) error {
			item, err := l.read(dec)
			var bad *scim.InvalidError
			if err != nil && !errors.As(err, &bad) {
				return err
			}
			p.items = append(p.items, listed[T]{item, err})
			return nil
		})
		return err
	})
	p.requestIDs = answer.RequestIDs
	return p, ownIDs(err, answer)
}

// ownIDs adds the request ids to an error of ours about an answer that came; those of package rest have them.
func ownIDs(err error, answer rest.Response) error {
	var has *rest.Error
	if errors.As(err, &has) {
		return err
	}
	return withIDs(err, answer.RequestIDs)
}

// withIDs adds the request ids to what is wrong with an answer that came.
func withIDs(err error, ids []string) error {
	if err == nil || len(ids) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(ids, ", "))
}

// sorted returns what could be read, and why the rest could not.
func (w *walker[T]) sorted() (items []T, broken []error) {
	slices.SortFunc(w.all, func(a, b listed[T]) int { return strings.Compare(w.list.id(a.item), w.list.id(b.item)) })
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
