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

// refuseDuplicates returns an error if an object has two members whose names are equal, ignoring case. encoding/json would
// use the last one, and a person who reads the file may see the first.
func refuseDuplicates(data []byte) error {
	dec := jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	open := []map[string]bool{} // names in each open object; nil for an array
	for {
		token, err := dec.ReadToken()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return nil //nolint:nilerr // the decoder of the values reports syntax errors
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
			name := foldCase(token.String())
			if open[len(open)-1][name] {
				return fmt.Errorf("%s names the same thing twice in one object", dec.StackPointer())
			}
			open[len(open)-1][name] = true
		}
	}
}

// foldCase returns the same text for all texts that strings.EqualFold finds equal.
func foldCase(s string) string {
	return strings.Map(func(r rune) rune {
		least := r
		for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
			least = min(least, f)
		}
		return least
	}, s)
}
