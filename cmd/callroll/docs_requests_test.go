package main

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// reviewTable returns the names in the first column of a table of the page, row by row. A name stands in back quotes.
func reviewTable(t *testing.T, head string) []string {
	t.Helper()
	_, table, found := strings.Cut(reviewText(t), "\n| "+head+" |\n")
	if !found {
		t.Fatalf("%s has no table with the head %q", reviewPage, head)
	}
	table, _, _ = strings.Cut(table, "\n\n")
	var names []string
	for _, m := range regexp.MustCompile("(?m)^\\| `([^`]+)`").FindAllStringSubmatch(table, -1) {
		names = append(names, m[1])
	}
	return names
}

const permissionsHead, pathsHead = "permission | why | without it", "path | why"

// optional are the permissions that callroll uses and does not need.
var optional = []string{"Application.Read.All", "Synchronization.Read.All", "SynchronizationMetadata.Read.All"}

// reviewed is a sync, or the call args, in a sandbox in which the application has these permissions. In it somebody was deleted, and the members of
// Night Shift are hidden. An enterprise application provisions Billing.
func reviewed(t *testing.T, roles []string, change func(*sandbox.Genesys), args ...string) (ran, []sandbox.Request) {
	t.Helper()
	dir := play(t, "[]")
	world, err := sandbox.Open(dir)
	do(t, err)
	do(t, world.Edit(func(e *sandbox.Entra, org *sandbox.Genesys) {
		provisioning(0, nil)(e, org)
		e.Roles = roles
		i := slices.IndexFunc(e.Users, func(u sandbox.EntraUser) bool { return u.UserPrincipalName == "beatriz.santos@contoso.com" })
		e.DeletedUsers = append(e.DeletedUsers, sandbox.EntraDeletedUser{EntraUser: e.Users[i]})
		e.Users = slices.Delete(e.Users, i, i+1)
		for i := range e.Groups {
			if e.Groups[i].DisplayName == "Night Shift" {
				e.Groups[i].Visibility = "HiddenMembership"
			}
		}
		if change != nil {
			change(org)
		}
	}))
	do(t, world.Close())
	got := timed(t.Context(), t, dir, append([]string{"sync"}, args...)[min(1, len(args)):]...)
	var requests []sandbox.Request
	for line := range strings.Lines(file(t, dir, "requests.jsonl")) {
		var r sandbox.Request
		do(t, json.Unmarshal([]byte(line), &r))
		requests = append(requests, r)
	}
	return got, requests
}

// shapes returns the different paths of the requests that fit, with {id} in place of each id, sorted.
func shapes(requests []sandbox.Request, fits func(sandbox.Request) bool) []string {
	found := map[string]bool{}
	for _, r := range requests {
		if fits(r) {
			id := regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|genesys\.7`) // a job has no GUID
			found[id.ReplaceAllLiteralString(r.Path, "{id}")] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func toGraph(r sandbox.Request) bool { return r.Host == "graph.microsoft.com" }

// The table of paths has what callroll asks Graph for, and nothing else. It writes only to the groups of Genesys.
func TestSecurityReviewPaths(t *testing.T) {
	permissions := reviewTable(t, permissionsHead)
	withHidden, all := reviewed(t, permissions, nil)
	withoutHidden, more := reviewed(t, without(permissions, "Member.Read.Hidden"), nil)
	if withHidden.status != report.OK {
		t.Fatalf("%+v", withHidden)
	}
	_, explained := reviewed(t, permissions, nil, "explain", "noor.vandijk@contoso.com") // of a nested group
	_, examined := reviewed(t, permissions, nil, "doctor")
	_, listed := reviewed(t, permissions, nil, "groups", "entra")
	all = slices.Concat(all, more, explained, examined, listed)
	want := reviewTable(t, pathsHead)
	slices.Sort(want)
	if got := shapes(all, toGraph); !slices.Equal(got, want) {
		t.Errorf("callroll asks for\n%q\nand the page has\n%q\n%s", got, want, withoutHidden.stderr)
	}
	isWrite := func(r sandbox.Request) bool {
		return r.Method != "GET" && !strings.HasPrefix(r.Host, "login.") // a sign-in is a POST
	}
	writes := shapes(all, isWrite)
	page := strings.Join(strings.Fields(reviewText(t)), " ")
	if len(writes) != 1 || !strings.Contains(page, "callroll sends one request that changes something: `PUT "+writes[0]+"`") {
		t.Errorf("callroll writes to %q, and the page says something else", writes)
	}
	for _, r := range all {
		if isWrite(r) && (r.Method != "PUT" || toGraph(r)) || r.IfMatch == "" && r.Method == "PUT" {
			t.Errorf("%s %s%s with If-Match %q", r.Method, r.Host, r.Path, r.IfMatch)
		}
	}
}

func without(roles []string, some ...string) []string {
	return slices.DeleteFunc(slices.Clone(roles), func(one string) bool { return slices.Contains(some, one) })
}

// The table of permissions has those that a run needs: with them nothing is refused, and without one of them callroll changes
// fewer groups or none.
func TestSecurityReviewPermissions(t *testing.T) {
	needed := without(reviewTable(t, permissionsHead), optional...)
	full, requests := reviewed(t, needed, nil)
	if full.status != report.OK || full.puts < 2 {
		t.Fatalf("with %q: %+v", needed, full)
	}
	for _, r := range requests {
		if r.Status >= 400 || strings.Contains(r.Path, "applications") {
			t.Errorf("with %q: %s %s: %d", needed, r.Method, r.Path, r.Status)
		}
	}
	puts := map[string]int{"GroupMember.Read.All": 0, "User.Read.All": 0, "Member.Read.Hidden": full.puts - 1}
	if known := slices.Sorted(maps.Keys(puts)); !slices.Equal(known, slices.Sorted(slices.Values(needed))) {
		t.Errorf("the page needs %q, and this test knows %q", needed, known)
	}
	for _, role := range needed {
		if got, _ := reviewed(t, without(needed, role), nil); got.status == report.OK || got.puts != puts[role] {
			t.Errorf("without %s: status %d and %d PUTs, want %d", role, got.status, got.puts, puts[role])
		}
	}
	genesys := reviewTable(t, "permission | why")[0]
	got, _ := reviewed(t, needed, func(org *sandbox.Genesys) { org.Permissions = without(org.Permissions, genesys) })
	if got.status == report.OK || got.puts != 0 {
		t.Errorf("without %s: status %d and %d PUTs", genesys, got.status, got.puts)
	}
}
