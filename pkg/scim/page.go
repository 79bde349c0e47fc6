package scim

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/jsonarray"
)

// Page has the totals of a page of a list (RFC 7644 §3.4.2).
type Page struct {
	Total int // totalResults: resources in the whole list
	Count int // resources on this page
}

// ReadPage reads a page from dec. It calls each for every element of Resources; each must read the element and return only
// errors of the decoder. A page without totalResults is an *[InvalidError], because the end of the list would not be
// known. A page without Resources is empty.
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
