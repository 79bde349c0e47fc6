package membership_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/membership"
)

// A ByID is a map from strings, whatever they look like.
func TestByIDIsAMap(t *testing.T) {
	const plain = "11111111-aaaa-4000-8000-0000000000"
	ids := []string{
		"", "x", plain + "0b", plain + "0c", strings.ToUpper(plain) + "0B", plain + "0B", plain + "0g", plain + "0b ", "{" + plain + "0b}",
		"urn:uuid:" + plain + "0b", strings.ReplaceAll(plain, "-", "") + "0b", plain + "0", "1111111-1aaaa-4000-8000-00000000000b",
	}
	rapid.Check(t, func(t *rapid.T) {
		var got membership.ByID[int]
		want := map[string]int{}
		for i := range rapid.IntRange(0, 30).Draw(t, "steps") {
			id := rapid.SampledFrom(ids).Draw(t, "id")
			switch rapid.SampledFrom([]string{"set", "get", "clear"}).Draw(t, "step") {
			case "set":
				want[id] = i
				got.Set([]byte(id), i)
			case "get":
				v, known := got.Get([]byte(id))
				if w, is := want[id]; v != w || known != is {
					t.Fatalf("%q: %d %t, want %d %t", id, v, known, w, is)
				}
			case "clear":
				clear(want)
				got.Clear()
			}
			if got.Len() != len(want) {
				t.Fatalf("%d ids, want %d", got.Len(), len(want))
			}
		}
	})
}
