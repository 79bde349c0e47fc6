package plan_test

import (
	"testing"

	"github.com/callroll/callroll/pkg/plan"
)

// The expected keys were computed with Python: hashlib.sha256((id + ":" +
// json.dumps(sorted(members))).encode()).hexdigest().
func TestIdempotencyKey(t *testing.T) {
	const id = "g1h2i3j4-k5l6-7890-mnop-qr1234567890"
	for _, test := range []struct {
		members []string
		want    string
	}{
		{[]string{"c", "a", "b"}, "8bacd7cd144354254f434d4bd5656bb53dea0c801c0142d8ef32400a3b7f7b00"},
		{nil, "11dd3fbb4f5c97d3f7d10739d8d2bd6306bfaf5557a254dea15de6f8a2042b43"},
		{[]string{"ü"}, "9a3354dcff64b770cb84cc72f24ef4e395c653a378c99b8633f7eaa3481dd895"},
		{[]string{"\"\\\n\r\t\b\f\x00\x7f/", "😀 ü", "~ "}, "a45a2f6917ee060ec3ac393a0ee284bb9ceba992b2d5854990c9bb845e16ce4f"},
	} {
		if got := plan.IdempotencyKey(id, test.members); got != test.want {
			t.Errorf("IdempotencyKey(%q) = %s, want %s", test.members, got, test.want)
		}
	}
	for _, same := range [][]string{{"a", "b", "a"}, {"b", "a"}, {"a", "a", "b"}, {"a", "b", "b"}} {
		if plan.IdempotencyKey(id, same) != plan.IdempotencyKey(id, []string{"a", "b"}) {
			t.Errorf("the order or a repetition changes the key of %q", same)
		}
	}
	if plan.IdempotencyKey("x", nil) == plan.IdempotencyKey("y", nil) {
		t.Error("two groups have the same key")
	}
}
