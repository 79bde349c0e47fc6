package sandbox_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

// edited plays one edit at an unrelated request, and returns both sides afterwards.
func edited(t *testing.T, edit string) (sandbox.Entra, sandbox.Genesys) {
	t.Helper()
	w := faulty(t, `[{"match":"GET *","times":1,"edit":`+edit+`}]`)
	get(t, w, graphHost+"/v1.0/groups")
	return w.Entra(), w.Genesys()
}

func TestEditsOfGenesys(t *testing.T) {
	_, g := edited(t, `{"group":"g1","rename":"Sales"}`)
	if g.Groups[0].DisplayName != "Sales" || g.Groups[0].Version != 8 {
		t.Errorf("rename: %+v", g.Groups[0])
	}
	_, g = edited(t, `{"group":"Desk","delete":true}`)
	if len(g.Groups) != 1 || g.Groups[0].ID != "g2" {
		t.Errorf("delete: %+v", g.Groups)
	}
	_, g = edited(t, `{"deactivate":["a1","BELA@fabrikam.example"]}`)
	if g.Users[0].Active || g.Users[1].Active || !g.Users[2].Active {
		t.Errorf("deactivate: %+v", g.Users)
	}
	_, g = edited(t, `{"remove_users":["a1"]}`)
	if len(g.Users) != 3 || g.Users[0].ID != "a2" || g.Groups[0].Members[0].Value != "a1" || g.Groups[0].Version != 7 {
		t.Errorf("remove_users: %+v", g)
	}
	w := faulty(t, `[{"match":"PUT *","times":1,"edit":{"remove_users":["a1"],"group":"g1","delete":true,"before":true}}]`)
	auth := genesysToken(t, w)
	if a := putGroup(t, w, auth, "g1", `"7"`, ""); a.status != 404 {
		t.Errorf("the group is deleted before the PUT: %d", a.status)
	}
	if a := get(t, w, apiHost+"/api/v2/scim/v2/users/a1", auth); a.status != 404 {
		t.Errorf("the user who was removed: %d", a.status)
	}
}

func TestEditsOfEntra(t *testing.T) {
	e, _ := edited(t, `{"entra":{"group":"Desk","add":["`+id(5)+`","DANA@fabrikam.example","`+id(12)+`"],"remove":["`+id(1)+`","`+id(11)+`"]}}`)
	if diff := cmp.Diff([]string{id(2), id(3), id(5), id(4), id(12)}, e.Groups[0].Members); diff != "" {
		t.Errorf("members: %s", diff)
	}
	e, _ = edited(t, `{"entra":{"rename":{"ada@fabrikam.example":"augusta@fabrikam.example"}}}`)
	want := []string{"SMTP:augusta@fabrikam.example", "smtp:ada@fabrikam.example"}
	if u := e.Users[0]; u.ID != id(1) || u.UserPrincipalName != "augusta@fabrikam.example" || u.Mail != "ada@mail.example" || !slices.Equal(u.ProxyAddresses, want) {
		t.Errorf("rename: %+v", u)
	}
}

// TestRenamedTwiceAndBack checks that the first address is always the present one, and that there are no duplicates.
func TestRenamedTwiceAndBack(t *testing.T) {
	e := smallEntra()
	e.Users[0].Mail = "ADA@fabrikam.example"
	w := sandbox.New(e, smallGenesys())
	for _, c := range []struct{ name, want string }{
		{"b@x", "SMTP:b@x smtp:ada@fabrikam.example"},
		{"c@x", "SMTP:c@x smtp:b@x smtp:ada@fabrikam.example"},
		{"b@x", "SMTP:b@x smtp:c@x smtp:ada@fabrikam.example"},
	} {
		play(t, w, sandbox.FaultEdit{Entra: &sandbox.EntraEdit{Rename: map[string]string{id(1): c.name}}})
		if u := w.Entra().Users[0]; strings.Join(u.ProxyAddresses, " ") != c.want || u.Mail != c.name {
			t.Errorf("%s: %+v", c.name, u)
		}
	}
}

func play(t *testing.T, w *sandbox.World, e sandbox.FaultEdit) {
	t.Helper()
	if err := w.SetFaults([]sandbox.Fault{{Match: "GET *", Times: 1, Edit: &e}}); err != nil {
		t.Fatal(err)
	}
	get(t, w, graphHost+"/v1.0/groups")
}

func TestDeletedInEntra(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, _ := edited(t, `{"entra":{"delete":["ada@fabrikam.example"]}}`)
		if len(e.Users) != 4 || len(e.DeletedUsers) != 1 || e.DeletedUsers[0].ID != id(1) || !e.DeletedUsers[0].DeletedDateTime.Equal(time.Now()) {
			t.Errorf("%+v", e.DeletedUsers)
		}
		w := sandbox.New(e, smallGenesys())
		auth := graphToken(t, w)
		if a := get(t, w, membersURL(10), auth, eventual); len(a.list("id")) != 2 {
			t.Errorf("still a member: %s", a.text)
		}
		if a := get(t, w, deletedURL, auth, eventual); strings.Join(a.list("mail"), "") != "ada@mail.example" {
			t.Errorf("not in the recycle bin: %s", a.text)
		}
	})
}

func TestEditsAreWritten(t *testing.T) {
	dir, w := folderOf(t)
	play(t, w, sandbox.FaultEdit{Deactivate: []string{"a1"}})
	if open(t, dir).Genesys().Users[0].Active {
		t.Error("another process sees him active")
	}
	play(t, w, sandbox.FaultEdit{Entra: &sandbox.EntraEdit{Delete: []string{id(1)}}})
	if got := len(open(t, dir).Entra().DeletedUsers); got != 1 {
		t.Errorf("another process sees %d deleted users", got)
	}
}

func TestEditsThatMakeNoSense(t *testing.T) {
	for _, edit := range []string{
		`{}`, `{"add":["a1"],"deactivate":["a2"]}`, `{"delete":true}`, `{"rename":"x"}`, `{"group":"g1","delete":true,"rename":"x"}`, `{"entra":{"add":["x"]}}`,
	} {
		fault := sandbox.Fault{Match: "GET *"}
		if err := json.Unmarshal([]byte(edit), &fault.Edit); err != nil {
			t.Fatal(err)
		}
		if err := small().SetFaults([]sandbox.Fault{fault}); err == nil {
			t.Errorf("%s is taken", edit)
		}
	}
	for _, edit := range []string{
		`{"group":"g9"}`, `{"deactivate":["x9"]}`, `{"remove_users":["x9"]}`, `{"entra":{"group":"x9"}}`, `{"entra":{"rename":{"x9":"y"}}}`,
		`{"entra":{"delete":["x9"]}}`, `{"entra":{"group":"Desk","add":["x9"]}}`,
	} {
		w := faulty(t, `[{"match":"GET *","edit":`+edit+`}]`)
		if _, err := send(w, "GET", graphHost+"/v1.0/groups", ""); err == nil || !strings.Contains(err.Error(), "9") {
			t.Errorf("%s names nobody, and yet: %v", edit, err)
		}
		w = faulty(t, `[{"match":"PUT *","edit":`+edit+`}]`)
		auth := genesysToken(t, w)
		_, err := send(w, "PUT", apiHost+"/api/v2/scim/v2/groups/g2", putBody(""), auth, "Content-Type: "+scimMedia, `If-Match: "1"`)
		if err == nil || w.Genesys().Groups[1].Version != 1 {
			t.Errorf("%s names nobody, and yet the request is carried out", edit)
		}
	}
}
