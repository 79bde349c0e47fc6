package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// collection is something that Graph gives page by page.
type collection[T any] struct {
	path  string
	query url.Values
	read  func(*jsontext.Decoder) (T, int32, error) // the next item, and a small number for its id; nameless if it has none

	desks *sync.Pool // of *desk[T] to be used again; may be nil
}

// nameless is the number of an item that has no id.
const nameless = -1

// keyed is an item that knows its own id, in lower case.
type keyed interface{ key() string }

// listOf is a collection of items that are read field by field as their types say.
func listOf[T keyed](path string, query url.Values) collection[T] {
	numbers := map[string]int32{}
	return collection[T]{path: path, query: query, read: func(dec *jsontext.Decoder) (item T, number int32, err error) {
		if err := json.UnmarshalDecode(dec, &item); err != nil {
			return item, nameless, err
		}
		key := item.key()
		if key == "" {
			return item, nameless, nil
		}
		number, known := numbers[key]
		if !known {
			number = int32(len(numbers)) //nolint:gosec // mostListed and a page
			numbers[key] = number
		}
		return item, number, nil
	}}
}

// page is one page of a collection.
type page[T any] struct {
	count *int
	next  string
	given bool // the answer has a value, which may be empty
	items []entry[T]
}

// entry is an item with its number.
type entry[T any] struct {
	item   T
	number int32
}

// found is a collection that was walked to its end.
type found[T any] struct {
	items []T      // each once, as they came
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
	d := c.takeDesk()
	defer c.clearDesk(d)
	p := &d.page
	links := map[string]bool{}
	request := rest.Request{Method: http.MethodGet, Path: c.path, Query: c.query}
	for barren := 0; ; {
		answer, err := client.Do(ctx, request, func(dec *jsontext.Decoder) error { return c.page(dec, p) })
		if err != nil {
			return all, laterPage(err, len(links))
		}
		all.ids = answer.RequestIDs
		if !p.given {
			return all, all.broken("a page has no value")
		}
		if len(links) == 0 {
			if all.count = p.count; p.count != nil {
				all.items = make([]T, 0, min(max(*p.count, 0), roomFor))
			}
		}
		before := len(all.items)
		for _, e := range p.items {
			if e.number == nameless {
				return all, all.broken("an entry has no id")
			}
			if place := d.place(e.number); *place == 0 {
				all.items = append(all.items, e.item)
				*place = int32(len(all.items)) //nolint:gosec // mostListed and a page
			} else {
				all.items[*place-1] = e.item
			}
		}
		if barren++; len(all.items) > before {
			barren = 0
		}
		switch {
		case p.next == "":
			return all, nil
		case links[p.next]:
			return all, all.broken("a next link comes back a second time")
		case len(all.items) > mostListed:
			return all, all.broken(fmt.Sprintf("more than %d came, and there is no end", mostListed))
		case barren >= fruitless:
			return all, all.broken(fmt.Sprintf("%d pages in a row brought nobody new", barren))
		}
		links[p.next] = true
		request = rest.Request{Method: http.MethodGet, Path: c.path, Link: p.next}
	}
}

// desk is what a walk needs while it lasts. A run walks hundreds of groups.
type desk[T any] struct {
	page   page[T]
	places []int32 // of items by their numbers, from 1; 0 for those that have not come
}

func (d *desk[T]) place(number int32) *int32 {
	if missing := int(number) + 1 - len(d.places); missing > 0 {
		d.places = append(d.places, make([]int32, missing)...)
	}
	return &d.places[number]
}

func (c collection[T]) takeDesk() *desk[T] {
	if c.desks != nil {
		if d, ok := c.desks.Get().(*desk[T]); ok {
			return d
		}
	}
	return new(desk[T])
}

func (c collection[T]) clearDesk(d *desk[T]) {
	if c.desks != nil {
		clear(d.places)
		c.desks.Put(d)
	}
}

// page reads one page into p, from the beginning each time that it is called.
func (c collection[T]) page(dec *jsontext.Decoder, p *page[T]) error {
	*p = page[T]{items: p.items[:0]}
	if ok, err := membership.StartObject(dec); !ok {
		return err
	}
	for {
		name, err := membership.NextName(dec)
		if err != nil || name == nil {
			return err
		}
		switch string(name) {
		case "@odata.count":
			n, given, err := membership.TakeInt(dec)
			if err != nil {
				return err
			}
			if given {
				p.count = &n
			}
		case "@odata.nextLink":
			next, err := membership.TakeString(dec)
			if err != nil {
				return err
			}
			p.next = string(next)
		case "value":
			if err := c.values(dec, p); err != nil {
				return err
			}
		default:
			if err := dec.SkipValue(); err != nil {
				return err
			}
		}
	}
}

func (c collection[T]) values(dec *jsontext.Decoder, p *page[T]) error {
	given, err := membership.StartArray(dec)
	if !given {
		return err
	}
	p.given = true
	for {
		more, err := membership.NextElement(dec)
		if err != nil || !more {
			return err
		}
		item, number, err := c.read(dec)
		if err != nil {
			return err
		}
		p.items = append(p.items, entry[T]{item, number})
	}
}
