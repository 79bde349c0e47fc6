package jsonfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json/jsontext"
)

// refuseDuplicates returns an error if an object in a JSON file has two members whose names differ in letter case at most.
// encoding/json takes both for one field and believes the last, and a person who reads the file may see the first.
func refuseDuplicates(data []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	open := []map[string]bool{} // the names of the objects that are open; nil for an array
	for {
		token, err := dec.ReadToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return nil //nolint:nilerr // what is wrong with the syntax is said by the decoder that takes the values
		}
		_, names := dec.StackIndex(dec.StackDepth())
		switch token.Kind() {
		case jsontext.KindBeginObject:
			open = append(open, map[string]bool{})
		case jsontext.KindBeginArray:
			open = append(open, nil)
		case jsontext.KindEndObject, jsontext.KindEndArray:
			open = open[:len(open)-1]
		case jsontext.KindString:
			if len(open) == 0 || open[len(open)-1] == nil || names%2 == 0 {
				continue // a value
			}
			name := sameInAnyCase(token.String())
			if open[len(open)-1][name] {
				return fmt.Errorf("%s names the same thing twice in one object", dec.StackPointer())
			}
			open[len(open)-1][name] = true
		}
	}
}

// sameInAnyCase returns one text for all that strings.EqualFold finds equal.
func sameInAnyCase(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, s)
}
