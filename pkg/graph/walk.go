package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/jsonarray"
	"github.com/callroll/callroll/pkg/rest"
)

// collection is a list that Graph sends page by page.
type collection[T item] struct {
	path  string
	query url.Values
	next  func(*jsontext.Decoder) (*T, error) // reads the next item
}

// item is an element of a collection. key returns its id in lower case.
type item interface{ key() string }

func listOf[T item](path string, query url.Values) collection[T] {
	return collection[T]{path: path, query: query, next: func(dec *jsontext.Decoder) (*T, error) {
		one := new(T)
		return one, json.UnmarshalDecode(dec, one)
	}}
}

// page is one page of a collection.
type page[T item] struct {
	Count *int            `json:"@odata.count"`
	Next  string          `json:"@odata.nextLink"`
	Value jsonarray.Array `json:"value"`
	items []*T
}

// read reads a page into p, whose previous content is dropped.
func (c collection[T]) read(dec *jsontext.Decoder, p *page[T]) error {
	*p = page[T]{items: p.items[:0]}
	p.Value.Each = func(dec *jsontext.Decoder) error {
		one, err := c.next(dec)
		p.items = append(p.items, one)
		return err
	}
	return json.UnmarshalDecode(dec, p)
}

// result is a collection that was read to its end.
type result[T item] struct {
	items []*T     // without duplicates, in the order of the pages
	count *int     // @odata.count of page one; nil if it is missing
	ids   []string // the request ids of the last page
}

// incomplete returns the error for a collection that cannot be shown to be complete.
func (f result[T]) incomplete(why string) error {
	return fmt.Errorf("%w: %s (last page: %s)", errIncomplete, why, strings.Join(f.ids, ", "))
}

// fitsCount reports whether as many items came as Graph counted.
func (f result[T]) fitsCount() bool { return f.count != nil && *f.count == len(f.items) }

// errIncomplete is an answer that violates the protocol, so that it is not known what is missing.
var errIncomplete = errors.New("the answer cannot be shown to be whole")

// maxEmptyPages is how many pages in a row may have no new items. Empty pages with a next link are normal, but a walk must
// end.
const maxEmptyPages = 100

// maxItems limits a collection that grows while it is read.
const maxItems = 1_000_000

// maxPrealloc limits the memory that is allocated in advance, whatever count a service announces.
const maxPrealloc = 20_000

// laterPage changes the meaning of a 404 for a page after the first one: it does not mean that the collection does not
// exist.
func laterPage(err error, before int) error {
	if e, ok := errors.AsType[*rest.Error](err); before > 0 && ok && e.Kind == rest.Refused && e.Status == http.StatusNotFound {
		return fmt.Errorf("%w: after %d pages came %w", errIncomplete, before, err)
	}
	return err
}

// walk reads a collection page by page. If two items have the same id, the later one is used.
func (c collection[T]) walk(ctx context.Context, client *rest.Client) (result[T], error) {
	var all result[T]
	var p page[T]
	var seen map[string]bool // the ids of all.items
	links := map[string]bool{}
	request := rest.Request{Method: http.MethodGet, Path: c.path, Query: c.query}
	for emptyPages := 0; ; {
		answer, err := client.Do(ctx, request, func(dec *jsontext.Decoder) error { return c.read(dec, &p) })
		if err != nil {
			return all, laterPage(err, len(links))
		}
		all.ids = answer.RequestIDs
		if !p.Value.Given {
			return all, all.incomplete("a page has no value")
		}
		if len(links) == 0 {
			if all.count = p.Count; p.Count != nil {
				all.items = make([]*T, 0, min(max(*p.Count, 0), maxPrealloc))
			}
			seen = make(map[string]bool, cap(all.items))
		}
		before := len(all.items)
		for _, one := range p.items {
			key := (*one).key()
			if key == "" {
				return all, all.incomplete("an entry has no id")
			}
			if seen[key] = true; len(seen) == len(all.items) { // the id is not new
				all.items[slices.IndexFunc(all.items, func(have *T) bool { return (*have).key() == key })] = one
				continue
			}
			all.items = append(all.items, one)
		}
		if emptyPages++; len(all.items) > before {
			emptyPages = 0
		}
		switch {
		case p.Next == "":
			return all, nil
		case links[p.Next]:
			return all, all.incomplete("a next link comes back a second time")
		case len(all.items) > maxItems:
			return all, all.incomplete(fmt.Sprintf("more than %d came, and there is no end", maxItems))
		case emptyPages >= maxEmptyPages:
			return all, all.incomplete(fmt.Sprintf("%d pages in a row brought nobody new", emptyPages))
		}
		links[p.Next] = true
		request = rest.Request{Method: http.MethodGet, Path: c.path, Link: p.Next}
	}
}
