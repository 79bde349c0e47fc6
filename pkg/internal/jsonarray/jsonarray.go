// Package jsonarray reads a JSON array one element after the other, so that an array of any length takes the memory of one element.
package jsonarray

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Array is a field of a struct that is decoded by its tags. Each takes the next element from the decoder.
type Array struct {
	Each  func(*jsontext.Decoder) error
	Given bool // there was an array; false where the field is absent or null
	Len   int  // how many elements Each has taken
}

// UnmarshalJSONFrom reads an array or null.
func (a *Array) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch kind := dec.PeekKind(); kind {
	case jsontext.KindBeginArray, jsontext.KindInvalid: // ReadToken says what is wrong
	case jsontext.KindNull:
		return dec.SkipValue()
	default:
		if err := dec.SkipValue(); err != nil {
			return err
		}
		return &json.SemanticError{JSONPointer: dec.StackPointer(), JSONKind: kind}
	}
	if _, err := dec.ReadToken(); err != nil {
		return err
	}
	a.Given = true
	for dec.PeekKind() != jsontext.KindEndArray {
		if dec.PeekKind() == jsontext.KindInvalid {
			break
		}
		if err := a.Each(dec); err != nil {
			return err
		}
		a.Len++
	}
	_, err := dec.ReadToken()
	return err
}
