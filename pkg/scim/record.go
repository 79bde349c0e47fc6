package scim

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// InvalidError is the error for a resource that is valid JSON but not valid SCIM. The resource was read to its end, so
// that the next one can be read.
type InvalidError struct{ Text string }

func (e *InvalidError) Error() string { return e.Text }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

func isInvalid(err error) bool { return errors.As(err, new(*InvalidError)) }

// readRecord reads the next value into a struct by its tags. Names are case-sensitive, unknown ones are ignored, and null
// is the same as an absent attribute (RFC 7643 §2.5). If an attribute has the wrong type, the error is an *InvalidError,
// and the id is returned if it can be read.
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

// wrongType converts an error of the decoder about the type of a value to an *InvalidError. Other errors, which are about
// JSON syntax or the connection, are unchanged.
func wrongType(err error) error {
	var semantic *json.SemanticError
	if !errors.As(err, &semantic) {
		return err
	}
	at := semantic.JSONPointer
	for at != "" && at.LastToken() != "" && '0' <= at.LastToken()[0] && at.LastToken()[0] <= '9' {
		at = at.Parent() // use the name of the array for an element
	}
	return invalid("%s has not the type it should have", at.LastToken())
}
