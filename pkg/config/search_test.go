package config

import (
	"slices"
	"testing"
)

// The file of the system is in /etc, and on Windows in the folder that %ProgramData% names.
func TestSearched(t *testing.T) {
	const here, etc = "callroll.yaml", "/etc/callroll/callroll.yaml"
	for _, test := range []struct {
		system string
		env    map[string]string
		want   []string
	}{
		{"linux", nil, []string{here, etc}},
		{"darwin", map[string]string{"ProgramData": `C:\ProgramData`}, []string{here, etc}},
		{"windows", map[string]string{"ProgramData": `C:\ProgramData`}, []string{here, `C:\ProgramData\callroll\callroll.yaml`}},
		{"windows", map[string]string{"PROGRAMDATA": `D:/Data/`}, []string{here, `D:/Data\callroll\callroll.yaml`}},
		{"windows", nil, []string{here}},
		{"windows", map[string]string{"ProgramData": `ProgramData`}, []string{here}},
		{"windows", map[string]string{"ProgramData": `\ProgramData`}, []string{here}},
		{"windows", map[string]string{"ProgramData": `C:ProgramData`}, []string{here}},
		{"windows", map[string]string{"ProgramData": `C:\`}, []string{here}},
	} {
		if got := searched(test.system, test.env); !slices.Equal(got, test.want) {
			t.Errorf("%s with %v: %q, want %q", test.system, test.env, got, test.want)
		}
	}
}
