package scim

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// InvalidError is a resource that is JSON and not what it should be. It has been taken from the wire to its end, so that the
// next one can be read.
type InvalidError struct{ Text string }

func (e *InvalidError) Error() string { return e.Text }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

func isInvalid(err error) bool { return errors.As(err, new(*InvalidError)) }

// readRecord takes the next value from the wire and reads it into a struct by its tags. Names are exact, unknown ones are passed
// over, and RFC 7643 §2.5 makes null the same as no attribute. An attribute of another type than the one it should have is an
// *InvalidError, and the id is returned all the same if that can be read.
func readRecord(dec *jsontext.Decoder, what string, into any) (id string, err error) {
	value, err := dec.ReadValue()
	switch {
	case err != nil:
		return "", err
	case value.Kind() != jsontext.KindBeginObject:
		return "", invalid("%s is not a JSON object", what)
	}
	if err := json.Unmarshal(value, into, jsontext.AllowInvalidUTF8(true)); err != nil {
		var named struct {
			ID jsontext.Value `json:"id"`
		}
		_ = json.Unmarshal(value, &named, jsontext.AllowInvalidUTF8(true))
		_ = json.Unmarshal(named.ID, &id, jsontext.AllowInvalidUTF8(true))
		return id, wrongType(err)
	}
	return "", nil
}

// wrongType makes an *InvalidError of what the decoder says of a value that has not the type that it should have. Any other error,
// which is about the JSON or the wire, stays as it is.
func wrongType(err error) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return err
	}
	at := semantic.JSONPointer
	for at != "" && at.LastToken() != "" && '0' <= at.LastToken()[0] && at.LastToken()[0] <= '9' {
		at = at.Parent() // an element of an array has no name of its own
	}
	return invalid("%s has not the type it should have", at.LastToken())
}
