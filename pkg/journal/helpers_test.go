package journal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

const (
	host   = "api.mypurecloud.ie"
	client = "11aa"
)

func info() journal.RunInfo {
	return journal.RunInfo{Version: "1.2.3", Command: "sync", Digest: "d1", Host: host, ClientID: client, Tenant: "t"}
}

// thisMonth is the file that is written now. A test that is caught by the end of a month may fail once.
func thisMonth() string { return time.Now().UTC().Format("2006-01") + ".jsonl" }

func open(t *testing.T, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(dir, journal.Options{})
	if err != nil {
		t.Fatalf("Open(%s): %v", dir, err)
	}
	return j
}

func begin(t *testing.T, j *journal.Journal) *journal.Run {
	t.Helper()
	r := j.Begin(info())
	return r
}

func read(t *testing.T, j *journal.Journal) *journal.History {
	t.Helper()
	h, err := j.Read()
	if err != nil {
		t.Fatalf("Read: %v", err)
	}
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// group is group g1, called Sales, with members ids.
func group(ids ...string) membership.Group {
	return membership.Group{ID: "g1", DisplayName: "Sales", Version: `"5"`, Members: ids}
}

func entries(ids string) []plan.Entry {
	out := []plan.Entry{}
	for _, id := range strings.Fields(ids) {
		out = append(out, plan.Entry{ID: id, UserName: id + "@contoso.com"})
	}
	return out
}

// change is a plan for g1.
func change(add, remove, members string) plan.Group {
	ids := membership.Distinct(strings.Fields(members))
	return plan.Group{
		ID: "g1", Name: "Sales", State: plan.Changes, Add: entries(add), Remove: entries(remove),
		Members: ids, Key: plan.IdempotencyKey("g1", ids),
	}
}

// write lets a run write g1 with an outcome, and end.
func write(t *testing.T, j *journal.Journal, before string, g plan.Group, status push.Status) *journal.Run {
	t.Helper()
	r := begin(t, j)
	must(t, r.Intent(group(strings.Fields(before)...), g))
	must(t, r.Outcome(push.Outcome{Group: g, Status: status}))
	must(t, r.End(0, nil))
	return r
}

// told lets a run end with an outcome for g1 that no PUT led to.
func told(t *testing.T, j *journal.Journal, status push.Status, exit int) {
	t.Helper()
	r := begin(t, j)
	must(t, r.Outcome(push.Outcome{Group: change("", "", "a"), Status: status}))
	must(t, r.End(exit, nil))
}

// spill appends bytes to a file as a process does that dies while it writes.
func spill(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	must(t, err)
	_, err = f.WriteString(text)
	must(t, errors.Join(err, f.Close()))
}

func content(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	must(t, err)
	return string(data)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return !errors.Is(err, fs.ErrNotExist)
}

func month(dir string) string { return filepath.Join(dir, thisMonth()) }
