package sandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// walk follows next links and returns one field of every item, page by page.
func walk(t *testing.T, w http.RoundTripper, target, field string, headers ...string) (pages [][]string) {
	t.Helper()
	for target != "" {
		a := get(t, w, target, headers...)
		if a.status != 200 {
			t.Fatalf("GET %s: %d %s", target, a.status, a.text)
		}
		if _, counted := a.json["@odata.count"]; counted != (len(pages) == 0) {
			t.Errorf("page %d: @odata.count belongs to the first page alone", len(pages))
		}
		pages = append(pages, a.list(field))
		target, _ = a.at("@odata.nextLink").(string)
	}
	return pages
}

func sorted(pages [][]string) []string {
	all := slices.Concat(pages...)
	slices.Sort(all)
	return all
}

// TestPages checks what a client has to expect: pages smaller than requested, no defined order, and an empty page in the
// middle.
func TestPages(t *testing.T) {
	empty, emptyLater, orders := 0, 0, map[string]bool{}
	for seed := range uint64(30) {
		e := smallEntra()
		e.PageSize, e.Seed = 2, seed
		e.Groups[0].Members = []string{id(1), id(2), id(3), id(4), id(5)}
		w := sandbox.New(e, smallGenesys())
		pages := walk(t, w, membersURL(10)+"&$top=999&$select=id", "id", graphToken(t, w), eventual)
		if diff := cmp.Diff(e.Groups[0].Members, sorted(pages)); diff != "" {
			t.Fatalf("seed %d: %s", seed, diff)
		}
		for i, page := range pages {
			if len(page) > 2 {
				t.Errorf("seed %d: a page of %d", seed, len(page))
			} else if len(page) == 0 {
				empty++
				emptyLater += min(i, 1)
			}
		}
		orders[fmt.Sprint(slices.Concat(pages...))] = true
	}
	if empty == emptyLater || emptyLater == 0 || empty == 30 || len(orders) < 10 {
		t.Errorf("30 seeds gave %d empty pages, %d of them not the first, and %d orders", empty, emptyLater, len(orders))
	}
	w := small()
	if pages := walk(t, w, membersURL(10)+"&$top=1", "id", graphToken(t, w), eventual); len(pages) != 3 {
		t.Errorf("$top=1: %d pages, want 3", len(pages))
	}
}

func TestEveryPageNeedsTheHeader(t *testing.T) {
	e := smallEntra()
	e.PageSize = 2
	w := sandbox.New(e, smallGenesys())
	auth := graphToken(t, w)
	next := get(t, w, membersURL(10), auth, eventual).at("@odata.nextLink").(string)
	for _, target := range []string{membersURL(10), next, strings.Replace(membersURL(10), "$count=true", "$top=5", 1)} {
		headers := []string{auth}
		if !strings.Contains(target, "$count") {
			headers = append(headers, eventual)
		}
		if a := get(t, w, target, headers...); a.status != 400 || a.at("error", "code") != "Request_UnsupportedQuery" {
			t.Errorf("GET %s: %d %s", target, a.status, a.text)
		}
	}
}

func TestNextLinksAreOpaque(t *testing.T) {
	e := smallEntra()
	e.PageSize = 2
	w := sandbox.New(e, smallGenesys())
	auth := graphToken(t, w)
	next := get(t, w, membersURL(10), auth, eventual).at("@odata.nextLink").(string)
	for _, target := range []string{next + "x", next[:len(next)-1], strings.Replace(next, id(10), id(11), 1), next + "&$top=5", membersURL(10) + "&$skiptoken=2"} {
		if a := get(t, w, target, auth, eventual); a.status != 400 || a.at("error", "code") != "Directory_ExpiredPageToken" {
			t.Errorf("GET %s: %d %s", target, a.status, a.text)
		}
	}
	first, again := get(t, w, next, auth, eventual), get(t, w, next, auth, eventual)
	if diff := cmp.Diff(first.list("id"), again.list("id")); diff != "" {
		t.Errorf("a page that is asked for again: %s", diff)
	}
}

func TestDeletedPeopleAreInNoGroup(t *testing.T) {
	w := small()
	auth := graphToken(t, w)
	if err := w.Edit(func(e *sandbox.Entra, _ *sandbox.Genesys) { e.Users = e.Users[1:] }); err != nil {
		t.Fatal(err)
	}
	if a := get(t, w, membersURL(10), auth, eventual); a.at("@odata.count") != 2.0 {
		t.Errorf("%s", a.text)
	}
	next := get(t, w, membersURL(10)+"&$top=1", auth, eventual).at("@odata.nextLink").(string)
	if err := w.Edit(func(e *sandbox.Entra, _ *sandbox.Genesys) { e.Users = nil }); err != nil {
		t.Fatal(err)
	}
	if a := get(t, w, next, auth, eventual); a.status != 200 || len(a.list("id")) != 0 {
		t.Errorf("after the first page: %d %s", a.status, a.text)
	}
}
