package jsonarray_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/callroll/callroll/pkg/internal/jsonarray"
)

// An absent array is not an empty one. A value of another type is an error.
func TestArray(t *testing.T) {
	for _, test := range []struct {
		give  string
		want  []int
		given bool
		fails string // the place of a wrong type, or "JSON"
	}{
		{give: `{"list":[1,2,3],"more":[4]}`, want: []int{1, 2, 3}, given: true},
		{give: `{"list":[]}`, given: true},
		{give: `{"list":null}`},
		{give: `{}`},
		{give: `{"list":{"a":1}}`, fails: "/list"},
		{give: `{"list":7}`, fails: "/list"},
		{give: `{"list":[1,"2"]}`, fails: "/list/1"},
		{give: `{"list":[1,`, fails: "JSON"},
		{give: `{"list":`, fails: "JSON"},
		{give: `{"list":[1}`, fails: "JSON"},
	} {
		var got []int
		var page struct {
			List jsonarray.Array `json:"list"`
		}
		page.List.Each = func(dec *jsontext.Decoder) error {
			var n int
			err := json.UnmarshalDecode(dec, &n)
			if err == nil {
				got = append(got, n)
			}
			return err
		}
		err := json.UnmarshalDecode(jsontext.NewDecoder(strings.NewReader(test.give)), &page)
		var wrong *json.SemanticError
		switch {
		case test.fails == "" && (err != nil || !slices.Equal(got, test.want) || page.List.Given != test.given || page.List.Len != len(got)):
			t.Errorf("%s: %v, given %v, length %d, %v", test.give, got, page.List.Given, page.List.Len, err)
		case test.fails == "JSON" && (err == nil || errors.As(err, &wrong)):
			t.Errorf("%s: %v, want an error about the JSON", test.give, err)
		case test.fails != "" && test.fails != "JSON" && (!errors.As(err, &wrong) || string(wrong.JSONPointer) != test.fails):
			t.Errorf("%s: %v, want a wrong type at %s", test.give, err, test.fails)
		}
	}
}
