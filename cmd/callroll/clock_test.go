package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
)

// dated is a fault in which the answers of one service have another date.
func dated(t *testing.T, match string, ahead time.Duration, age string) string {
	t.Helper()
	headers := map[string]string{"Date": time.Now().Add(-ahead).UTC().Format(http.TimeFormat)}
	if age != "" {
		headers["Age"] = age
	}
	fault, err := json.Marshal([]sandbox.Fault{{Match: match, Headers: headers}})
	if err != nil {
		t.Fatal(err)
	}
	return string(fault)
}

// Incident 39: the answers of either service show that the clock is wrong. It is said, and nothing old is deleted.
func TestAWrongClockIsSaid(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		match string
		ahead time.Duration
		age   string
		want  string // what is said; empty where the clock is right
	}{
		"Entra":           {"GET graph.microsoft.com/*", 400 * day, "", "the clock of this machine is 400 days ahead by the answers of graph.microsoft.com"},
		"its sign-in":     {"POST login.microsoftonline.com/*", 400 * day, "", "400 days ahead by the answers of login.microsoftonline.com"},
		"Genesys":         {"GET /api/*", -3 * time.Hour, "", "3h0m0s behind by the answers of api.mypurecloud.ie"},
		"its own sign-in": {"POST /oauth/token", 6 * time.Minute, "", "6m0s ahead by the answers of login.mypurecloud.ie"},
		"a little":        {"GET /api/*", 4 * time.Minute, "", ""},
		"out of a cache":  {"GET graph.microsoft.com/*", 3 * time.Hour, "10800", ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(1000 * day)
				dir := play(t, dated(t, test.match, test.ahead, test.age))
				state := filepath.Join(dir, "state")
				if err := os.Mkdir(state, 0o700); err != nil {
					t.Fatal(err)
				}
				old := filepath.Join(state, "2000-01.jsonl")
				for _, name := range []string{"2000-01.jsonl", "2000-02.jsonl", "2000-03.jsonl"} {
					if err := os.WriteFile(filepath.Join(state, name), nil, 0o600); err != nil {
						t.Fatal(err)
					}
				}
				got := timed(t.Context(), t, dir, "sync", "--group", "Night Shift")
				said := strings.Contains(got.stderr, "the clock of this machine")
				if got.status != report.OK || said != (test.want != "") || !strings.Contains(got.stderr, test.want) {
					t.Errorf("got %+v; want %q", got, test.want)
				}
				if _, err := os.Stat(old); (err == nil) != (test.want != "") {
					t.Errorf("the old month is there: %v", err == nil)
				}
			})
		})
	}
}

// With --quiet the wrong clock is one problem among others: once, once a day, and when it is over.
func TestAWrongClockUnderQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(1000 * time.Hour)
		dir := play(t, "[]")
		faults := filepath.Join(dir, "faults.json")
		say := func(text, want string) {
			t.Helper()
			if err := os.WriteFile(faults, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			got := timed(t.Context(), t, dir, "sync", "--quiet", "--group", "Billing")
			_, said, _ := strings.Cut(got.stderr, "leaves this machine\n")
			if want == "" && said != "" || !strings.Contains(said, want) {
				t.Errorf("said %q; want %q", said, want)
			}
			time.Sleep(15 * time.Minute)
		}
		wrong := func() string { return dated(t, "GET /api/*", time.Hour, "") }
		say("[]", "")
		say(wrong(), "callroll: new: clock: api.mypurecloud.ie\n")
		say(wrong(), "")
		time.Sleep(24 * time.Hour)
		say(wrong(), "callroll: still: clock: api.mypurecloud.ie\n")
		say("[]", "callroll: over: clock: api.mypurecloud.ie\n")
		say("[]", "")
	})
}

// Times in the future are noted once, and an undo takes back what was written last.
func TestTimesInTheFutureAreNotedOnce(t *testing.T) {
	dir := play(t, "[]")
	var ahead string
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(36 * 365 * 24 * time.Hour)
		timed(t.Context(), t, dir, "sync", "--group", "Billing")
		timed(t.Context(), t, dir, "sync", "--group", "Night Shift")
		ahead = lastRun(t, dir)
	})
	synctest.Test(t, func(t *testing.T) {
		first := timed(t.Context(), t, dir, "sync", "--quiet")
		second := timed(t.Context(), t, dir, "sync", "--quiet")
		if !strings.Contains(first.stderr, "journal: it has times up to 203") || strings.Contains(second.stderr, "it has times") {
			t.Errorf("first:\n%s\nsecond:\n%s", first.stderr, second.stderr)
		}
		if last := lastRun(t, dir); last == ahead || !strings.HasPrefix(last, "2000") {
			t.Errorf("the last run is %s", last)
		}
		undo := timed(t.Context(), t, dir, "undo", "latest", "--dry-run")
		if strings.Contains(undo.stdout, "Night Shift") || !strings.Contains(undo.stdout, "Supervisors") {
			t.Errorf("undo latest:\n%s", undo.stdout)
		}
	})
}

func lastRun(t *testing.T, dir string) string {
	t.Helper()
	history, err := journal.ReadDir(filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	return history.Runs()[0].Info.ID
}

// A clock is right again when others agree and none contradicts, also where the host is not asked any more that said so.
func TestAClockThatIsRightAgain(t *testing.T) {
	said := journal.Cause{What: badClock, Where: "graph.microsoft.com"}
	for name, test := range map[string]struct {
		ahead map[string]time.Duration
		over  bool
	}{
		"nobody says anything": {nil, false},
		"the same host agrees": {map[string]time.Duration{"graph.microsoft.com": 0}, true},
		"another host agrees":  {map[string]time.Duration{"api.mypurecloud.ie": 0}, true},
		"another contradicts":  {map[string]time.Duration{"login.mypurecloud.ie": 0, "api.mypurecloud.ie": time.Hour}, false},
		"each its own":         {map[string]time.Duration{"graph.microsoft.com": 0, "api.mypurecloud.ie": time.Hour}, true},
	} {
		m := &mail{app: &app{}, locked: true}
		for host, ahead := range test.ahead {
			m.app.clock.observe(host, ahead)
		}
		if got := m.knows(said, ending{}); got != test.over {
			t.Errorf("%s: over %v, want %v", name, got, test.over)
		}
		// The run that has the lock tells of it.
		if m.locked = false; m.knows(said, ending{}) {
			t.Errorf("%s: over for a run that was locked out", name)
		}
	}
}
