package membership

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// These steps stand here because both clients take them, and neither knows the other.
//
// Both services write lists of many thousand small objects, so that what reads them takes one token after the other from
// the wire and makes strings of what is kept alone. These are the steps. The bytes that they return are good until the next
// step. A value of another type than the one that is wanted is taken as well, and is a *json.SemanticError; null is no value.

// StartObject steps into the object that comes next. Without an error, false means that null came in its place.
func StartObject(dec *jsontext.Decoder) (bool, error) { return start(dec, jsontext.KindBeginObject) }

// StartArray steps into the array that comes next. Without an error, false means that null came in its place.
func StartArray(dec *jsontext.Decoder) (bool, error) { return start(dec, jsontext.KindBeginArray) }

func start(dec *jsontext.Decoder, wanted jsontext.Kind) (bool, error) {
	switch kind := dec.PeekKind(); kind {
	case wanted:
		_, err := dec.ReadToken()
		return err == nil, err
	case jsontext.KindNull:
		return false, dec.SkipValue()
	default:
		return false, wrong(dec, kind, dec.SkipValue())
	}
}

// NextName returns the next name of the object, or nil at its end, which it leaves. The value of the name has to be taken
// or skipped before the next step.
func NextName(dec *jsontext.Decoder) ([]byte, error) {
	if dec.PeekKind() == jsontext.KindEndObject {
		_, err := dec.ReadToken()
		return nil, err
	}
	name, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	return unquoted(name), nil
}

// NextElement says whether the array has another element, which has to be taken or skipped, and leaves the array if not.
func NextElement(dec *jsontext.Decoder) (bool, error) {
	switch dec.PeekKind() {
	case jsontext.KindEndArray:
		_, err := dec.ReadToken()
		return false, err
	case jsontext.KindInvalid:
		_, err := dec.ReadToken() // says what is wrong
		return false, err
	}
	return true, nil
}

// TakeString returns a string, without an error nil for null.
func TakeString(dec *jsontext.Decoder) ([]byte, error) {
	value, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	switch kind := value.Kind(); kind {
	case jsontext.KindString:
		if text := unquoted(value); utf8.Valid(text) {
			return text, nil
		}
		mended, _ := jsontext.AppendUnquote(nil, value)
		return mended, nil
	case jsontext.KindNull:
		return nil, nil
	default:
		return nil, wrong(dec, kind, nil)
	}
}

// TakeInt returns a whole number; false for null.
func TakeInt(dec *jsontext.Decoder) (int, bool, error) {
	value, err := dec.ReadValue()
	if err != nil || value.Kind() == jsontext.KindNull {
		return 0, false, err
	}
	kind := value.Kind()
	n, err := strconv.Atoi(string(value))
	if kind != jsontext.KindNumber || err != nil {
		return 0, false, wrong(dec, kind, nil)
	}
	return n, true, nil
}

// TakeBool returns a truth value; false, as the second result, for null.
func TakeBool(dec *jsontext.Decoder) (value, given bool, err error) {
	switch kind := dec.PeekKind(); kind {
	case jsontext.KindTrue, jsontext.KindFalse, jsontext.KindNull:
		return kind == jsontext.KindTrue, kind != jsontext.KindNull, dec.SkipValue()
	default:
		return false, false, wrong(dec, kind, dec.SkipValue())
	}
}

// unquoted returns what a JSON string says. Almost none has an escape in it.
func unquoted(value jsontext.Value) []byte {
	inner := value[1 : len(value)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return inner
	}
	out, _ := jsontext.AppendUnquote(nil, value) // the decoder has looked at all but UTF-8
	return out
}

// wrong is the error of a value that has not the type that it should have, once it was taken; err is how taking it failed.
func wrong(dec *jsontext.Decoder, kind jsontext.Kind, err error) error {
	if err != nil {
		return err
	}
	return &json.SemanticError{ByteOffset: dec.InputOffset(), JSONPointer: dec.StackPointer(), JSONKind: kind}
}
