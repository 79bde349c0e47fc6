package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/jsonarray"
	"github.com/callroll/callroll/pkg/rest"
)

// collection is something that Graph gives page by page.
type collection[T item] struct {
	path  string
	query url.Values
	next  func(*jsontext.Decoder) (*T, error) // reads the next item
}

// item is an element of a collection, which knows its own id, in lower case.
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

// read reads a page, from the beginning each time that it is called.
func (c collection[T]) read(dec *jsontext.Decoder, p *page[T]) error {
	*p = page[T]{items: p.items[:0]}
	p.Value.Each = func(dec *jsontext.Decoder) error {
		one, err := c.next(dec)
		p.items = append(p.items, one)
		return err
	}
	return json.UnmarshalDecode(dec, p)
}

// found is a collection that was walked to its end.
type found[T item] struct {
	items []*T     // each once, as they came
	count *int     // what page one said; nil if it did not say
	ids   []string // the request ids of the last page
}

// broken is the error of a collection that cannot be shown to be whole.
func (f found[T]) broken(why string) error {
	return fmt.Errorf("%w: %s (last page: %s)", errShape, why, strings.Join(f.ids, ", "))
}

// errShape is an answer that breaks a promise of the protocol, so that nobody knows what is missing in it.
var errShape = errors.New("the answer cannot be shown to be whole")

// fruitless is how many pages in a row may bring nobody new. Empty pages with a next link are normal; a walk that never
// ends is not.
const fruitless = 100

// mostListed bounds a collection that grows while it is walked.
const mostListed = 1_000_000

// roomFor is for how many items room is made beforehand, whatever a service announces.
const roomFor = 20_000

// laterPage keeps the failure of a page after others from saying that there is no such collection.
func laterPage(err error, before int) error {
	var e *rest.Error
	if before > 0 && errors.As(err, &e) && e.Kind == rest.Refused && e.Status == http.StatusNotFound {
		return fmt.Errorf("%w: after %d pages came %w", errShape, before, err)
	}
	return err
}

// walk reads a collection page by page. Of two items with one id the later one counts.
func (c collection[T]) walk(ctx context.Context, client *rest.Client) (found[T], error) {
	var all found[T]
	var p page[T]
	var at map[string]int // the place of an item in all.items, by its id
	links := map[string]bool{}
	request := rest.Request{Method: http.MethodGet, Path: c.path, Query: c.query}
	for emptyPages := 0; ; {
		answer, err := client.Do(ctx, request, func(dec *jsontext.Decoder) error { return c.read(dec, &p) })
		if err != nil {
			return all, laterPage(err, len(links))
		}
		all.ids = answer.RequestIDs
		if !p.Value.Given {
			return all, all.broken("a page has no value")
		}
		if len(links) == 0 {
			if all.count = p.Count; p.Count != nil {
				all.items = make([]*T, 0, min(max(*p.Count, 0), roomFor))
			}
			at = make(map[string]int, cap(all.items))
		}
		before := len(all.items)
		for _, one := range p.items {
			key := (*one).key()
			if key == "" {
				return all, all.broken("an entry has no id")
			}
			if i, again := at[key]; again {
				all.items[i] = one
				continue
			}
			at[key] = len(all.items)
			all.items = append(all.items, one)
		}
		if emptyPages++; len(all.items) > before {
			emptyPages = 0
		}
		switch {
		case p.Next == "":
			return all, nil
		case links[p.Next]:
			return all, all.broken("a next link comes back a second time")
		case len(all.items) > mostListed:
			return all, all.broken(fmt.Sprintf("more than %d came, and there is no end", mostListed))
		case emptyPages >= fruitless:
			return all, all.broken(fmt.Sprintf("%d pages in a row brought nobody new", emptyPages))
		}
		links[p.Next] = true
		request = rest.Request{Method: http.MethodGet, Path: c.path, Link: p.Next}
	}
}
