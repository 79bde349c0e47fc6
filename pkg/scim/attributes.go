package scim

import (
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/membership"
)

// InvalidError is a resource that is JSON and not what it should be. It has been taken from the wire to its end, so that the
// next one can be read.
type InvalidError struct{ Text string }

func (e *InvalidError) Error() string { return e.Text }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Sprintf(format, args...)} }

// resource takes the attributes that it knows and skips the others. Names are exact.
type resource interface {
	take(name []byte, dec *jsontext.Decoder) error
}

// attributes reads one object. An attribute that is not what it should be does not stop the others: the first of them is the
// error in the end. RFC 7643 §2.5 makes null the same as no attribute.
func attributes(dec *jsontext.Decoder, what string, into resource) error {
	started, err := membership.StartObject(dec)
	switch {
	case started:
	case err == nil, mendable(err):
		return invalid("%s is not a JSON object", what)
	default:
		return err
	}
	var first error
	for {
		name, err := membership.NextName(dec)
		switch {
		case err != nil:
			return err
		case name == nil:
			return first
		}
		depth := dec.StackDepth()
		err = into.take(name, dec)
		if err == nil {
			continue
		}
		if !mendable(err) {
			return err
		}
		if err := leave(dec, depth); err != nil {
			return err
		}
		var wrongType *json.SemanticError
		if errors.As(err, &wrongType) {
			err = invalid("%s has not the type it should have", dec.StackPointer().LastToken())
		}
		if first == nil {
			first = err
		}
	}
}

// mendable says whether an error is about what a value is, and not about the JSON or the wire.
func mendable(err error) bool {
	var wrongType *json.SemanticError
	var bad *InvalidError
	return errors.As(err, &wrongType) || errors.As(err, &bad)
}

// leave skips what is left of a value that was given up within.
func leave(dec *jsontext.Decoder, depth int) error {
	for dec.StackDepth() > depth {
		if _, err := dec.ReadToken(); err != nil {
			return err
		}
	}
	return nil
}

// text takes a string into a variable, which stays as it is for null.
func text(dec *jsontext.Decoder, into *string) error {
	value, err := membership.TakeString(dec)
	if err == nil && value != nil {
		*into = string(value)
	}
	return err
}
