package scim

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/jsonarray"
)

// Page is what a page of a list says of itself (RFC 7644 §3.4.2).
type Page struct {
	Total int // of the whole list
	Count int // of the resources that came
}

// ReadPage takes a page from the wire. each takes one of its Resources, and returns no error but one of the decoder. Without
// totalResults nobody knows where a list ends, so that is an *InvalidError; without Resources a page is empty, which only a list
// of none may be.
func ReadPage(dec *jsontext.Decoder, each func(*jsontext.Decoder) error) (Page, error) {
	page := struct {
		Total     *int            `json:"totalResults"`
		Resources jsonarray.Array `json:"Resources"`
	}{Resources: jsonarray.Array{Each: each}}
	switch dec.PeekKind() {
	case jsontext.KindBeginObject, jsontext.KindInvalid:
	default:
		return Page{}, invalid("the page is not a JSON object")
	}
	if err := json.UnmarshalDecode(dec, &page); err != nil {
		return Page{}, wrongType(err)
	}
	if page.Total == nil || *page.Total < 0 {
		return Page{}, invalid("totalResults is missing, so that nobody knows whether the list is whole")
	}
	return Page{Total: *page.Total, Count: page.Resources.Len}, nil
}
