package graph

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/rest"
)

// page is one page of a collection of Graph.
type page[T any] struct {
	Count *int   `json:"@odata.count"`
	Next  string `json:"@odata.nextLink"`
	Value []T    `json:"value"` // nil if the answer has none, which is no empty page
}

// item is what a collection consists of.
type item interface{ key() string }

// found is a collection that was walked to its end.
type found[T item] struct {
	items []T      // each once, sorted by id
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

// walk reads a collection page by page.
func walk[T item](ctx context.Context, client *rest.Client, path string, query url.Values) (found[T], error) {
	var all found[T]
	byKey := map[string]T{}
	links := map[string]bool{}
	request := rest.Request{Method: http.MethodGet, Path: path, Query: query}
	for barren := 0; ; {
		var p page[T]
		answer, err := client.Do(ctx, request, &p)
		if err != nil {
			return all, err
		}
		all.ids = answer.RequestIDs
		if p.Value == nil {
			return all, all.broken("a page has no value")
		}
		if len(links) == 0 {
			all.count = p.Count
		}
		before := len(byKey)
		for _, it := range p.Value {
			if it.key() == "" {
				return all, all.broken("an entry has no id")
			}
			byKey[it.key()] = it
		}
		if barren++; len(byKey) > before {
			barren = 0
		}
		switch {
		case p.Next == "":
			all.items = sorted(byKey)
			return all, nil
		case links[p.Next]:
			return all, all.broken("a next link comes back a second time")
		case len(byKey) > mostListed:
			return all, all.broken(fmt.Sprintf("more than %d came, and there is no end", mostListed))
		case barren >= fruitless:
			return all, all.broken(fmt.Sprintf("%d pages in a row brought nobody new", barren))
		}
		links[p.Next] = true
		request = rest.Request{Method: http.MethodGet, Path: path, Link: p.Next}
	}
}

func sorted[T item](byKey map[string]T) []T {
	items := make([]T, 0, len(byKey))
	for _, it := range byKey {
		items = append(items, it)
	}
	slices.SortFunc(items, func(a, b T) int { return strings.Compare(a.key(), b.key()) })
	return items
}
