// Package jsonarray reads a JSON array element by element, so that an array of any length needs the memory of one element.
package jsonarray

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Array is a struct field that decodes a JSON array. Each is called for every element, and reads it from the decoder.
type Array struct {
	Each  func(*jsontext.Decoder) error
	Given bool // there was an array; false if the field was absent or null
	Len   int  // how many elements Each has read
}

// UnmarshalJSONFrom reads an array or null.
func (a *Array) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	switch kind := dec.PeekKind(); kind {
	case jsontext.KindBeginArray, jsontext.KindInvalid: // ReadToken returns the error
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
