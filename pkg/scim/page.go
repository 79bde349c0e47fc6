package scim

import (
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// Page is what a page of a list says of itself (RFC 7644 §3.4.2).
type Page struct {
	Total int // of the whole list
	Count int // of the resources that came
}

// ReadPage takes a page from the wire. each takes one of its Resources. Without totalResults nobody knows where a list ends,
// so that is an *InvalidError; without Resources a page is empty, which only a list of none may be.
func ReadPage(dec *jsontext.Decoder, each func(*jsontext.Decoder) error) (Page, error) {
	p := pageReader{each: each}
	if err := attributes(dec, "the page", &p); err != nil {
		return Page{}, err
	}
	if !p.known || p.Total < 0 {
		return Page{}, invalid("totalResults is missing, so that nobody knows whether the list is whole")
	}
	return p.Page, nil
}

type pageReader struct {
	Page
	known bool
	each  func(*jsontext.Decoder) error
}

func (p *pageReader) take(name []byte, dec *jsontext.Decoder) error {
	switch string(name) {
	case "totalResults":
		total, given, err := membership.TakeInt(dec)
		p.Total, p.known = total, given
		return err
	case "Resources":
		given, err := membership.StartArray(dec)
		for given {
			more, err := membership.NextElement(dec)
			if err != nil || !more {
				return err
			}
			if err := p.each(dec); err != nil {
				return err
			}
			p.Count++
		}
		return err
	}
	return dec.SkipValue()
}
