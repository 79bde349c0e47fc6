package sandbox_test

import (
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/sandbox"
)

// The count of direct members is a plain number. Without the permission it leaves out hidden members, and says so nowhere.
func TestCountMembers(t *testing.T) {
	const plain = "Accept: text/plain"
	hidden := func(roles ...string) func(*sandbox.Entra) {
		return func(e *sandbox.Entra) { e.Groups[0].Visibility, e.Roles = "HiddenMembership", roles }
	}
	for _, c := range []struct {
		name, path string
		change     func(*sandbox.Entra)
		headers    []string
		status     int
		text       string
	}{
		{"users and a group", id(10), nil, []string{eventual, plain}, 200, "4"},
		{"nobody", id(12), nil, []string{eventual, plain}, 200, "0"},
		{"hidden, with the permission", id(10), hidden("Group.Read.All", "Member.Read.Hidden"), []string{eventual, plain}, 200, "4"},
		{"hidden", id(10), hidden("GroupMember.ReadBasic.All"), []string{eventual, plain}, 200, "0"},
		{"hidden and counted", id(10), func(e *sandbox.Entra) {
			hidden("Group.Read.All")(e)
			e.Switches.HiddenCount = "counted"
		}, []string{eventual, plain}, 200, "4"},
		{"without the header", id(10), nil, []string{plain}, 400, "$count"},
		{"as JSON", id(10), nil, []string{eventual, "Accept: application/json"}, 400, "MIME"},
		{"without a permission", id(10), func(e *sandbox.Entra) { e.Roles = []string{"User.Read.All"} }, []string{eventual, plain}, 403, "Denied"},
		{"of no group", id(99), nil, []string{eventual, plain}, 404, "NotFound"},
	} {
		e := smallEntra()
		if c.change != nil {
			c.change(&e)
		}
		w := sandbox.New(e, smallGenesys())
		a := get(t, w, graphHost+"/v1.0/groups/"+c.path+"/members/$count", append(c.headers, graphToken(t, w))...)
		if a.status != c.status || !strings.Contains(a.text, c.text) || c.status == 200 && a.text != c.text {
			t.Errorf("%s: %d %q, want %d %q", c.name, a.status, a.text, c.status, c.text)
		}
	}
}
