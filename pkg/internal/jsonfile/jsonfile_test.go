package jsonfile_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
)

// An error says where in the file something is wrong, in words of JSON.
func TestDecodeErrors(t *testing.T) {
	type file struct {
		jsonfile.Head
		Groups []struct {
			Members []string `json:"members"`
			Size    int      `json:"size"`
		} `json:"groups"`
	}
	for more, want := range map[string]string{
		`}`: "", `,"groups":null}`: "", `,"Groups":[{"SIZE":1}]}`: "",
		`,"groups":[{"size":1.5}]}`:                  "/groups/0/size: invalid syntax",
		`,"groups":[{"size":99999999999999999999}]}`: "/groups/0/size: value out of range",
		`,"groups":[{"size":{}}]}`:                   "an unexpected JSON object (/groups/0/size)",
		`,"groups":[{"members":["a",[]]}]}`:          "an unexpected JSON array (/groups/0/members/1)",
		`,"groups":[{"sise":1}]}`:                    "unknown field /groups/0/sise",
		`,"groups":[{"size":1,"siſe":1}]}`:           "/groups/0/siſe",
		`,"groups":[{"size":1`:                       "it is cut short",
		`,"groups":x}`:                               "invalid character 'x' at start of value (byte ",
		`}{}`:                                        "something follows its end",
	} {
		err := jsonfile.Decode([]byte(`{"format":1,"kind":"plan"`+more), "plan", 1, new(file))
		if want == "" && err != nil || want != "" && (!errors.Is(err, jsonfile.ErrFormat) || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", more, err, want)
		}
	}
	if err := jsonfile.Decode([]byte(" \n"), "plan", 1, new(file)); err == nil || !strings.HasSuffix(err.Error(), "it is empty") {
		t.Errorf("nothing: %v", err)
	}
}

// encoding/json takes names that differ in letter case for one field and believes the last of them.
func TestTheSameNameTwiceIsRefused(t *testing.T) {
	const head = `"format":1,"kind":"membership","taken":"2026-01-01T00:00:00Z","expires":"2026-01-02T00:00:00Z","tenant":"t"`
	person := `{"id":"p","userPrincipalName":"p@contoso.com"}`
	group := func(more string) string {
		return `{` + head + `,"people":[` + person + `],"groups":[{"name":"A","entra":["e"],"genesys":"g","members":["p"]` + more + `}]}`
	}
	if _, err := membership.DecodeFile([]byte(group(""))); err != nil {
		t.Fatal(err)
	}
	for _, more := range []string{`,"members":[]`, `,"Members":[]`, `,"MEMBERS":[]`, `,"memberſ":[]`, `,"genesyS":"h"`} {
		_, err := membership.DecodeFile([]byte(group(more)))
		if !errors.Is(err, membership.ErrFormat) || !strings.Contains(err.Error(), "twice in one object") {
			t.Errorf("%s: %v", more, err)
		}
	}
	if _, err := jsonfile.ReadHead([]byte(`{"format":1,"kind":"plan","Kind":"membership"}`)); !errors.Is(err, membership.ErrFormat) {
		t.Errorf("a head with two kinds: %v", err)
	}
}
