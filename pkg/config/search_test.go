package config

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The file of the system is in /etc, and on Windows in the folder that %ProgramData% names, where its owner has to be checked.
func TestSearched(t *testing.T) {
	here, etc := place{path: "callroll.yaml"}, place{path: "/etc/callroll/callroll.yaml"}
	for _, test := range []struct {
		system string
		env    map[string]string
		want   []place
	}{
		{"linux", nil, []place{here, etc}},
		{"darwin", map[string]string{"ProgramData": `C:\ProgramData`}, []place{here, etc}},
		{"windows", map[string]string{"ProgramData": `C:\ProgramData`}, []place{here, {`C:\ProgramData\callroll\callroll.yaml`, true}}},
		{"windows", map[string]string{"PROGRAMDATA": `D:/Data/`}, []place{here, {`D:/Data\callroll\callroll.yaml`, true}}},
		{"windows", nil, []place{here}},
		{"windows", map[string]string{"ProgramData": `ProgramData`}, []place{here}},
		{"windows", map[string]string{"ProgramData": `\ProgramData`}, []place{here}},
		{"windows", map[string]string{"ProgramData": `C:ProgramData`}, []place{here}},
		{"windows", map[string]string{"ProgramData": `C:\`}, []place{here}},
		{"windows", map[string]string{"ProgramData": `my\data`}, []place{here}},
	} {
		if got := searched(test.system, test.env); !slices.Equal(got, test.want) {
			t.Errorf("%s with %v: %v, want %v", test.system, test.env, got, test.want)
		}
	}
}

// Who may change a file matters where every user may make one, and nowhere else.
func TestFirstPlace(t *testing.T) {
	dir := t.TempDir()
	none, here := filepath.Join(dir, "none.yaml"), filepath.Join(dir, "callroll.yaml")
	if err := os.WriteFile(here, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refuse := func(string) error { return errors.New("made by somebody else") }
	for _, test := range []struct {
		place place
		check func(string) error
		want  string
	}{
		{place{here, true}, func(string) error { return nil }, here},
		{place{here, true}, refuse, ""},
		{place{here, false}, refuse, here},
	} {
		got, _, err := firstPlace([]place{{none, true}, test.place, {here, false}}, test.check)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%v: %q, %v", test.place, got, err)
		}
	}
}
