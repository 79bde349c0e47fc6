package rest

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

// briefError is an error with a shorter text.
type briefError struct {
	text string
	err  error
}

func (e *briefError) Error() string { return e.text }
func (e *briefError) Unwrap() error { return e.err }

// Brief returns err, whose text is shorter if it is the [*Error] of a response: it has at most so many characters, and leaves out
// the method, the path and all ids for the vendor's support but one. That is the one with the name id, or else the first.
func Brief(err error, most int, id string) error {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Status == 0 || e.Error() != err.Error() { // an error around it says more, such as why there was no other attempt
		return err
	}
	short := *e
	short.Limit = ""
	i := slices.IndexFunc(e.RequestIDs, func(one string) bool { return strings.HasPrefix(one, id+" ") })
	if len(e.RequestIDs) > 0 {
		short.RequestIDs = e.RequestIDs[max(i, 0) : max(i, 0)+1]
	}
	notes := strings.Join(short.notes(), ", ")
	if notes != "" {
		notes = " (" + notes + ")"
	}
	text := fmt.Sprintf("%d %s", e.Status, cmp.Or(e.reason(), http.StatusText(e.Status)))
	return &briefError{shorten(text, most-utf8.RuneCountInString(notes)) + notes, err}
}

// shorten cuts text after the last word that leaves room for an ellipsis.
func shorten(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	cut := string([]rune(text)[:max(most-1, 0)])
	if i := strings.LastIndex(cut, " "); i > 0 && i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " .,:;") + "…"
}
