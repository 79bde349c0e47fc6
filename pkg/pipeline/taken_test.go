package pipeline_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/sandbox"
)

// taken is a scene in which account 3 is in a group nested in the source of group 0, and person 2, who is in both groups, is disabled.
func taken(t *testing.T, nested, drop bool) *scene {
	s := newScene(t, 9, [][]int{{0, 1, 2}}, [][]int{{0, 1, 2, 3}})
	s.edit(func(e *sandbox.Entra, _ *sandbox.Genesys) {
		e.Groups = append(e.Groups, sandbox.EntraGroup{ID: id(entraGroupKind, 50), DisplayName: "inner", Members: []string{id(personKind, 3)}})
		e.Groups[0].Members = append(e.Groups[0].Members, id(entraGroupKind, 50))
		e.Users[2].AccountEnabled = false
	})
	s.settings.Mappings[0].Nested, s.settings.DropDisabled = nested, drop
	return s
}

// A membership file that was taken in another way than the configuration says now is no membership of it: 78, and nothing is asked.
func TestAMembershipTakenInAnotherWay(t *testing.T) {
	for _, test := range []struct {
		name                   string
		nested, drop           bool // when it was taken
		nowNested, nowDrop     bool
		edit                   func(*membership.File)
		mismatch, after, filed string // words of the mismatch; or who is in the group afterwards; what the file has to say
	}{
		{name: "as it is taken now", after: "[0 1 2]", filed: `"nested": false,`},
		{name: "nested, as now", nested: true, nowNested: true, after: "[0 1 2 3]", filed: `"nested": true,`},
		{name: "dropped, as now", drop: true, nowDrop: true, after: "[0 1]", filed: `"disabledUsers": "drop"`},
		{name: "nested then", nested: true, mismatch: "nested: true, and the configuration says nested: false"},
		{name: "nested now", nowNested: true, mismatch: "nested: false, and the configuration says nested: true"},
		{
			name: "kept then", nowDrop: true, filed: `"disabledUsers": "keep"`,
			mismatch: "disabled_users: keep, and the configuration says disabled_users: drop",
		},
		{name: "dropped then", drop: true, mismatch: "disabled_users: drop, and the configuration says disabled_users: keep"},
		{name: "by another program", nested: true, edit: foreign, after: "[0 1 2 3]"},
		{
			name: "by another program that does not say who is enabled", nowDrop: true, edit: foreign,
			mismatch: "does not say whether p0@contoso.com is enabled",
		},
		{name: "by another program that says who is enabled", nowDrop: true, edit: func(f *membership.File) {
			foreign(f)
			for i := range f.People {
				f.People[i].Enabled = new(f.People[i].ID != id(personKind, 2))
			}
		}, after: "[0 1]"},
		{name: "edited", drop: true, nowDrop: true, edit: func(f *membership.File) { f.People[0].Enabled = nil }, mismatch: "is enabled"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := taken(t, test.nested, test.drop)
			file := s.fetched()
			if data, err := file.Encode(); err != nil || !strings.Contains(string(data), test.filed) {
				t.Errorf("the file does not say %s: %s, %v", test.filed, data, err)
			}
			if test.edit != nil {
				test.edit(&file)
			}
			s.settings.Mappings[0].Nested, s.settings.DropDisabled = test.nowNested, test.nowDrop
			before := len(s.world.Requests())
			_, err := s.pushFile(file)
			if test.mismatch == "" {
				if err != nil || s.sorted(0) != test.after {
					t.Errorf("ended with %v, and the group has %s, want %s", err, s.sorted(0), test.after)
				}
				return
			}
			_, again := pipeline.Diff(t.Context(), nil, genesys.NewReader(s.conn), &file, s.settings)
			for _, err := range []error{err, again} {
				var mismatch *pipeline.MismatchError
				if !errors.As(err, &mismatch) || !strings.Contains(err.Error(), test.mismatch) {
					t.Errorf("ended with %v, want a mismatch: %s", err, test.mismatch)
				}
			}
			if n := len(s.world.Requests()) - before; n > 0 {
				t.Errorf("%d requests for a file that is of no use", n)
			}
		})
	}
}

// foreign leaves out what only callroll writes.
func foreign(f *membership.File) {
	for i := range f.Groups {
		f.Groups[i].Nested, f.Groups[i].DisabledUsers = nil, ""
	}
}
