package membership_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
)

func sample() membership.File {
	taken := time.Date(2026, 11, 24, 6, 0, 0, 0, time.UTC)
	return membership.File{
		Taken: taken, Expires: taken.Add(24 * time.Hour), Tenant: "t",
		People: []membership.Person{*person("2", "bob@contoso.com", ""), *person("1", "ann@contoso.com", "")},
		Groups: []membership.Membership{
			{
				Name: "Sales", Entra: []string{"e2", "e1"}, Genesys: "Sales", Members: []string{"2", "1"},
				Nested: new(bool), DisabledUsers: membership.DropDisabled,
			},
			{Name: "Billing", Entra: []string{"e3"}, Genesys: "g3", Incomplete: &membership.Reason{Cause: membership.Denied, Detail: "403"}},
		},
	}
}

func TestFileIsSortedAndComesBack(t *testing.T) {
	data, err := sample().Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(data), "}\n") {
		t.Errorf("the file does not end with a new line: %q", data)
	}
	back, err := membership.DecodeFile(data)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample().Sorted(), back); diff != "" {
		t.Errorf("-written +read\n%s", diff)
	}
	turned := sample()
	turned.People[0], turned.People[1] = turned.People[1], turned.People[0]
	turned.Groups[0], turned.Groups[1] = turned.Groups[1], turned.Groups[0]
	again, err := turned.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if string(again) != string(data) {
		t.Errorf("another order gives other bytes:\n%s\n%s", data, again)
	}
}

// Names are written unchanged, except for text that a CI system would take for a command.
func TestNamesInFiles(t *testing.T) {
	f := sample()
	f.People[0].DisplayName = "<Zoë & Co> ##vso[x] ##[y]"
	data, err := f.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(data), "<Zoë & Co>") || strings.Contains(string(data), "##vso[") || strings.Contains(string(data), "##[") {
		t.Errorf("the file: %s", data)
	}
	back, err := membership.DecodeFile(data)
	if err != nil || back.People[1].DisplayName != f.People[0].DisplayName {
		t.Errorf("the name does not come back: %v, %v", back.People, err)
	}
}

func TestDecodeFileRefuses(t *testing.T) {
	good, err := sample().Encode()
	if err != nil {
		t.Fatal(err)
	}
	change := func(old, new string) string {
		if !strings.Contains(string(good), old) {
			t.Fatalf("%q is not in the sample", old)
		}
		return strings.Replace(string(good), old, new, 1)
	}
	for _, test := range []struct{ name, data, want string }{
		{"nothing", "", "empty"},
		{"half of it", string(good[:len(good)/2]), "cut short"},
		{"all but the end", string(good[:len(good)-3]), "cut short"},
		{"no JSON", "<html>", "invalid character"},
		{"two files", string(good) + string(good), "follows its end"},
		{"a plan", change(`"membership"`, `"plan"`), `kind is "plan"`},
		{"another format", change(`"format": 1`, `"format": 2`), "format 2"},
		{"an unknown field", change(`"tenant"`, `"tenants"`), "unknown field"},
		{"no times", change(`"taken": "2026-11-24T06:00:00Z",`, ``), "when it was taken"},
		{"a member who is nobody", change(`"1",`, `"9",`), "not among the people"},
		{"a person twice", change(`"id": "2"`, `"id": "1"`), "duplicate person"},
		{"a person without id", change(`"id": "2"`, `"id": ""`), "no id"},
		{"a person without name", change(`"userPrincipalName": "ann@contoso.com"`, `"userPrincipalName": ""`), "no userPrincipalName"},
		{"a group twice", change(`"name": "Billing"`, `"name": "Sales"`), "duplicate group"},
		{"two groups for one target", change(`"genesys": "g3"`, `"genesys": "Sales"`), "two groups lead to"},
		{"no expiry", change(`"expires": "2026-11-25T06:00:00Z",`, ``), "when it expires"},
		{"a list", "[]", "an unexpected JSON array"},
		{"a group without a target", change(`"genesys": "g3"`, `"genesys": ""`), "name and genesys"},
		{"neither members nor a reason", change("\"members\": [],\n      \"incomplete\": {\n        \"cause\": \"denied\",\n        \"detail\": \"403\"\n      }", `"members": null`), "neither members"},
		{"another way to take disabled users", change(`"disabledUsers": "drop"`, `"disabledUsers": "dorp"`), "there are keep and drop"},
		{"members and a reason", change(`"members": [],`, `"members": ["1"],`), "all the same"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := membership.DecodeFile([]byte(test.data))
			if !errors.Is(err, membership.ErrFormat) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("DecodeFile: %v; want ErrFormat with %q", err, test.want)
			}
		})
	}
}

func TestReadHeadOfAFailure(t *testing.T) {
	head, err := jsonfile.ReadHead([]byte(`{"kind":"failure","status":6,"error":"denied","more":1}`))
	want := jsonfile.Head{Kind: "failure", Status: 6, Error: "denied"}
	if err != nil || head != want {
		t.Errorf("ReadHead = %+v, %v; want %+v", head, err, want)
	}
}

func TestCauseOf(t *testing.T) {
	denied := membership.Fail(membership.Denied, errors.New("403"))
	for _, test := range []struct {
		err  error
		want membership.Cause
	}{
		{denied, membership.Denied},
		{membership.Fail(membership.Missing, denied), membership.Missing},
		{errors.New("cut"), membership.Unavailable},
	} {
		if got := membership.CauseOf(test.err); got != test.want {
			t.Errorf("CauseOf(%v) = %s, want %s", test.err, got, test.want)
		}
	}
	if membership.Fail(membership.Denied, nil) != nil {
		t.Error("a cause makes an error of nothing")
	}
	if denied.Error() != "403" {
		t.Errorf("a cause changes the text: %q", denied)
	}
}

func FuzzDecodeFile(f *testing.F) {
	good, err := sample().Encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte(`{"format":1,"kind":"membership","groups":[{"name":"x"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := membership.DecodeFile(data)
		if err != nil {
			return
		}
		again, err := file.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := membership.DecodeFile(again); err != nil {
			t.Fatalf("what was read cannot be read again: %v", err)
		}
	})
}

func TestDistinct(t *testing.T) {
	if diff := cmp.Diff([]string{"a", "b"}, membership.Distinct([]string{"b", "a", "b"})); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if membership.Distinct(nil) == nil {
		t.Error("no members are a nil list, which JSON writes as null")
	}
}

func TestIsUser(t *testing.T) {
	g := membership.Group{Members: []string{"a", "b", "c"}, NotUsers: []string{"b"}}
	for id, want := range map[string]bool{"a": true, "b": false, "c": true} {
		if got := g.IsUser(id); got != want {
			t.Errorf("IsUser(%s) = %v, want %v", id, got, want)
		}
	}
}
