package genesys

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/scim"
)

// list is one of the org's lists: where it is, and how one of its resources is read.
type list[T any] struct {
	name   string // "Genesys users"
	path   string
	filter string                  // only "eq" is known to the vendor
	decode func([]byte) (T, error) // of a resource that cannot be read it returns the id at least
	id     func(T) string
}

// listed is one resource of a list, or why it cannot be read.
type listed[T any] struct {
	item   T
	broken error
}

// pageSize is what is asked for. Without attributes the vendor cuts it to 25 without a word (announced in 2021), so
// nothing may depend on it.
const pageSize = 100

// mostListed bounds a list that grows while it is walked.
const mostListed = 1_000_000

// errShort says that a list ended before its totalResults.
var errShort = errors.New("the list cannot be shown to be whole")

// read walks a list to its end, each resource once, sorted by id. A list that comes out too short is walked once more,
// because one that changes meanwhile shifts. One bad record does not stop the others: it is noted and passed over, and
// whoever is in no listing is neither added nor removed.
func (l list[T]) read(ctx context.Context, api *rest.Client) ([]T, error) {
	byID, err := l.walk(ctx, api)
	if errors.Is(err, errShort) {
		byID, err = l.walk(ctx, api)
	}
	if errors.Is(err, errShort) {
		return nil, membership.Fail(membership.Incomplete, fmt.Errorf("listing %s, twice: %w", l.name, err))
	}
	if err != nil {
		return nil, readFailure("listing "+l.name, err)
	}
	items, broken := l.sorted(byID)
	if len(broken) > 0 {
		api.Note(fmt.Sprintf("%d of %d %s cannot be read and are passed over; the first: %v", len(broken), len(byID), l.name, broken[0]))
	}
	return items, nil
}

// walk goes on by what came, not by what was asked for: a page that is short need not be the last.
func (l list[T]) walk(ctx context.Context, api *rest.Client) (map[string]listed[T], error) {
	byID := map[string]listed[T]{}
	for start := 1; ; {
		page, ids, err := l.page(ctx, api, start)
		if err != nil {
			return nil, err
		}
		short := func(why string) error { return withIDs(fmt.Errorf("%w: %s", errShort, why), ids) }
		before := len(byID)
		for _, resource := range page.Resources {
			item, err := l.decode(resource)
			if l.id(item) == "" {
				return nil, withIDs(err, ids)
			}
			byID[l.id(item)] = listed[T]{item, err}
		}
		start += len(page.Resources)
		switch {
		case len(byID) > page.Total:
			return nil, short(fmt.Sprintf("%d are announced and %d came", page.Total, len(byID)))
		case start > page.Total && len(byID) == page.Total:
			return byID, nil
		case start > page.Total:
			return nil, short(fmt.Sprintf("%d are announced and %d came", page.Total, len(byID)))
		case len(byID) == before:
			return nil, short(fmt.Sprintf("%d are announced, and the page at %d brings nothing new", page.Total, start))
		case len(byID) > mostListed: // and once more it would be no better
			return nil, membership.Fail(membership.Incomplete, withIDs(fmt.Errorf("more than %d came, and there is no end", mostListed), ids))
		}
	}
}

// page returns one page, and the ids that the vendor's support knows it by.
func (l list[T]) page(ctx context.Context, api *rest.Client, start int) (scim.Page, []string, error) {
	query := url.Values{"startIndex": {strconv.Itoa(start)}, "count": {strconv.Itoa(pageSize)}}
	if l.filter != "" {
		query.Set("filter", l.filter)
	}
	var body json.RawMessage
	answer, err := api.Do(ctx, rest.Request{Method: http.MethodGet, Path: l.path, Query: query, Header: accept()}, &body)
	if err != nil {
		return scim.Page{}, nil, err
	}
	page, err := scim.DecodePage(body)
	return page, answer.RequestIDs, withIDs(err, answer.RequestIDs)
}

// withIDs adds the request ids to what is wrong with an answer that came.
func withIDs(err error, ids []string) error {
	if err == nil || len(ids) == 0 {
		return err
	}
	return fmt.Errorf("%w (%s)", err, strings.Join(ids, ", "))
}

// sorted returns what could be read, and why the rest could not.
func (l list[T]) sorted(byID map[string]listed[T]) (items []T, broken []error) {
	items = make([]T, 0, len(byID))
	for _, id := range slices.Sorted(maps.Keys(byID)) {
		if one := byID[id]; one.broken != nil {
			broken = append(broken, one.broken)
		} else {
			items = append(items, one.item)
		}
	}
	return items, broken
}
