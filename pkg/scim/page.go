package scim

import (
	"encoding/json"
	"errors"
)

// Page is one page of a list (RFC 7644 §3.4.2).
type Page struct {
	Total     int // of the whole list
	Resources []json.RawMessage
}

// DecodePage reads a page. Without totalResults nobody knows where a list ends, so that is an error; without Resources
// a page is empty, which only a list of none may be.
func DecodePage(data []byte) (Page, error) {
	o, err := decodeObject(data, "the page")
	if err != nil {
		return Page{}, err
	}
	var page Page
	switch known, err := o.decode("totalResults", &page.Total); {
	case err != nil:
		return Page{}, err
	case !known || page.Total < 0:
		return Page{}, errors.New("totalResults is missing, so that nobody knows whether the list is whole")
	}
	if _, err := o.decode("Resources", &page.Resources); err != nil {
		return Page{}, err
	}
	return page, nil
}
