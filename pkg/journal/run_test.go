package journal_test

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// What stands on the disk is an interface: other programs read it, and so do later versions.
func TestLinesOnDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		i := info()
		i.ID = "r1"
		r := open(t, dir).Begin(i)
		g := change("c", "b", "a c")
		must(t, r.Intent(group("b", "a"), g))
		must(t, r.Outcome(push.Outcome{Group: g, Status: push.Done}))
		must(t, r.Outcome(push.Outcome{Group: plan.Group{ID: "g2", Name: "Billing"}, Status: push.InStep}))
		must(t, r.Outcome(push.Outcome{Group: plan.Group{Name: "Lost\n\x1b[1m\u202eé\U000e0001"}, Status: push.Missing, Cause: membership.Missing, Detail: "gone"}))
		must(t, r.Told([]journal.Cause{{What: "missing", Where: "Lost"}}, []journal.Cause{{What: "refused", Where: "Billing"}}))
		must(t, r.Noted(time.Now()))
		r.Causes([]journal.Cause{{What: "missing", Where: "Lost"}})
		_, err := r.Close(journal.Intent{Run: "r0", GroupRecord: journal.GroupRecord{ID: "g1", Name: "Sales", Add: entries("a")}}, nil)
		must(t, err)
		must(t, r.End(4, map[string]int{"changed": 1}))
		key := plan.IdempotencyKey("g1", []string{"a", "c"})
		const head, now = `{"format":1,"kind":`, `"time":"2000-01-01T00:00:00Z"`
		want := head + `"file","number":1,` + now + `}
` + head + `"run","run":"r1",` + now + `,"info":{"version":"1.2.3","command":"sync","digest":"d1","host":"api.mypurecloud.ie","client_id":"11aa","tenant":"t"}}
` + head + `"intent","run":"r1",` + now + `,"group":"g1","name":"Sales","displayName":"Sales","version":"\"5\"","before":["a","b"],` +
			`"add":[{"id":"c","userName":"c@contoso.com","displayName":""}],"remove":[{"id":"b","userName":"b@contoso.com","displayName":""}],"members":["a","c"],"key":"` + key + `"}
` + head + `"outcome","run":"r1",` + now + `,"group":"g1","name":"Sales","key":"` + key + `","outcome":"changed"}
` + head + `"outcome","run":"r1",` + now + `,"name":"Lost\n\u001b[1m\u202eé\udb40\udc01","outcome":"missing","cause":"missing","detail":"gone"}
` + head + `"told","run":"r1",` + now + `,"causes":[{"what":"missing","where":"Lost"}],"over":[{"what":"refused","where":"Billing"}]}
` + head + `"noted","run":"r1",` + now + `,"ahead":"2000-01-01T00:00:00Z"}
` + head + `"closed","run":"r1",` + now + `,"of":"r0","group":"g1","name":"Sales","became":"not applied","seen":[]}
` + head + `"end","run":"r1",` + now + `,"status":4,"counts":{"changed":1},"quiet":[{"group":"g2","name":"Billing","outcome":"in step"}],"causes":[{"what":"missing","where":"Lost"}]}
`
		if diff := cmp.Diff(want, content(t, dir+"/2000-01.jsonl")); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	})
}

// A PUT that got no answer was carried out, somebody came in besides, and planned again there is nothing left to do: the outcome
// has all members that the group is to have.
func TestOutcomeOfAGroupThatIsInStepInTheEnd(t *testing.T) {
	j := open(t, t.TempDir())
	r := begin(t, j)
	must(t, r.Intent(group("a"), change("c", "", "a c")))
	accounts := []membership.Account{{ID: "a", UserName: "a@x", Active: true}, {ID: "b", UserName: "b@x", Active: true}, {ID: "c", UserName: "c@x", Active: true}}
	people := []*membership.Person{{ID: "1", UserPrincipalName: "a@x"}, {ID: "2", UserPrincipalName: "b@x"}, {ID: "3", UserPrincipalName: "c@x"}}
	again := plan.Compare(plan.Rule{Name: "Sales"}, plan.Policy{}, people, group("a", "b", "c"), membership.NewDirectory(accounts, membership.DefaultKeys()))
	again.Add = entries("c")
	must(t, r.Outcome(push.Outcome{Group: again, Status: push.Done}))
	must(t, r.End(0, nil))
	run, _ := read(t, j).Run(r.ID())
	_, after, err := run.Groups[0].Members()
	if err != nil || !slices.Equal(after, []string{"a", "b", "c"}) {
		t.Errorf("after %v, %v", after, err)
	}
}

// The intent is there for another process to read before Intent returns, and tells what was and what is to be.
func TestIntentComesBack(t *testing.T) {
	j := open(t, t.TempDir())
	r := begin(t, j)
	must(t, r.Intent(group("b", "a"), change("c", "b", "a c")))
	open := read(t, j).OpenIntents(host, client)
	if len(open) != 1 || open[0].Run != r.ID() {
		t.Fatalf("open intents: %+v; want one of %s", open, r.ID())
	}
	g := open[0]
	before, after, err := g.Members()
	if err != nil || !slices.Equal(before, []string{"a", "b"}) || !slices.Equal(after, []string{"a", "c"}) {
		t.Errorf("before %v, after %v, %v", before, after, err)
	}
	if g.ID != "g1" || g.Name != "Sales" || g.DisplayName != "Sales" || g.Version != `"5"` || g.Found != 2 || !g.Written ||
		g.Key != plan.IdempotencyKey("g1", after) || !slices.Equal(g.Add, entries("c")) || !slices.Equal(g.Remove, entries("b")) {
		t.Errorf("the intent: %+v", g)
	}
}

// A group that is to be emptied, or was empty, has a list all the same.
func TestEmptyLists(t *testing.T) {
	j := open(t, t.TempDir())
	write(t, j, "", change("", "", ""), push.Done)
	g := read(t, j).Runs()[0].Groups[0]
	before, after, err := g.Members()
	if err != nil || before == nil || after == nil || len(before)+len(after) != 0 {
		t.Errorf("before %v, after %v, %v", before, after, err)
	}
}

// A group without a PUT was in nobody's hands: its members are not empty but not known.
func TestMembersOfAGroupThatWasNotWritten(t *testing.T) {
	j := open(t, t.TempDir())
	told(t, j, push.Refused, 4)
	g := read(t, j).Runs()[0].Groups[0]
	if before, after, err := g.Members(); before != nil || after != nil || err != nil || g.Written {
		t.Errorf("before %v, after %v, %v", before, after, err)
	}
}

// What push changed in several PUTs of a run stands in its outcome, and what was there before in the first intent.
func TestOutcomeThatKnowsMore(t *testing.T) {
	j := open(t, t.TempDir())
	r := begin(t, j)
	must(t, r.Intent(group("a"), change("b", "", "a b")))
	must(t, r.Intent(group("a", "b", "x"), change("c", "", "a b c x")))
	must(t, r.Outcome(push.Outcome{Group: change("b c", "", "a b c x"), Status: push.Done}))
	g := read(t, j).Runs()[0].Groups[0]
	before, after, err := g.Members()
	if err != nil || !slices.Equal(before, []string{"a"}) || !slices.Equal(after, []string{"a", "b", "c", "x"}) || !slices.Equal(g.Add, entries("b c")) {
		t.Errorf("before %v, after %v, add %v, %v", before, after, g.Add, err)
	}
	for _, last := range []plan.Group{change("c", "", "a c x"), change("c", "b", "a b c x")} { // one list is another one
		must(t, r.Outcome(push.Outcome{Group: last, Status: push.Done}))
		run := read(t, j).Runs()[0]
		if _, after, err := run.Groups[0].Members(); err != nil || !slices.Equal(after, last.Members) {
			t.Errorf("after %v, %v; want the list of the outcome", after, err)
		}
		want := []journal.Undo{{GroupID: "g1", Name: "Sales", Add: last.Remove, Remove: last.Add}}
		if diff := cmp.Diff(want, run.Inverse()); diff != "" {
			t.Errorf("-want +got\n%s", diff)
		}
	}
}

// A line that no reader would take is not written.
func TestLongLineIsRefused(t *testing.T) {
	dir := t.TempDir()
	r := begin(t, open(t, dir))
	must(t, r.Noted(time.Now()))
	was := content(t, month(dir))
	if err := r.Outcome(push.Outcome{Status: push.Refused, Detail: strings.Repeat("x", 17<<20)}); err == nil {
		t.Error("17 MB were written")
	}
	if content(t, month(dir)) != was {
		t.Error("something was written")
	}
}

// Lines of several runs and goroutines never mix.
func TestManyWriters(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 4 {
		j := open(t, dir) // each is like a process of its own: they share the file alone
		for range 2 {
			r := begin(t, j)
			wg.Go(func() {
				for i := range 20 {
					o := push.Outcome{Group: plan.Group{Name: fmt.Sprint("group ", i)}, Status: push.Refused, Detail: strings.Repeat("x", 10_000)}
					if err := r.Outcome(o); err != nil {
						t.Errorf("Outcome: %v", err)
					}
				}
			})
		}
	}
	wg.Wait()
	runs := read(t, open(t, dir)).Runs()
	if len(runs) != 8 {
		t.Fatalf("%d runs", len(runs))
	}
	ids := map[string]bool{}
	for _, r := range runs {
		ids[r.Info.ID] = true
		if len(r.Groups) != 20 {
			t.Errorf("%s has %d groups", r.Info.ID, len(r.Groups))
		}
	}
	if len(ids) != 8 {
		t.Errorf("IDs are not unique: %v", ids)
	}
}

// The same with processes, each of which writes intents as fast as it can.
func TestManyProcesses(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for range 3 {
		cmd := helper(t, "write", dir)
		wg.Go(func() {
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("a writer: %v\n%s", err, out)
			}
		})
	}
	wg.Wait()
	for line := range strings.Lines(content(t, month(dir))) {
		// A process that sees half of another's line, which is being written, marks it as cut; an empty line comes of that.
		if line != "\n" && !json.Valid([]byte(line)) {
			t.Fatalf("lines have mixed: %.200q", line)
		}
	}
	if n := len(read(t, open(t, dir)).OpenIntents(host, client)); n != 3*writes {
		t.Errorf("%d intents came back; want %d", n, 3*writes)
	}
}

const writes = 25

func writeMany(dir string) error {
	j, err := journal.Open(dir, journal.Options{})
	if err != nil {
		return err
	}
	r := j.Begin(info())
	for i := 0; i < writes && err == nil; i++ {
		g := change("a", "", strings.Repeat("long ", 500))
		g.ID = fmt.Sprint("g", i)
		err = r.Intent(group("b"), g)
	}
	return err
}

// A reader that looks while somebody writes sees whole lines, and never an error.
func TestReadWhileWriting(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir)
	r := begin(t, j)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 100 {
			if err := r.Outcome(push.Outcome{Group: plan.Group{Name: "Sales"}, Status: push.Refused, Detail: strings.Repeat("x", 20_000)}); err != nil {
				t.Errorf("Outcome: %v", err)
			}
		}
	}()
	for {
		select {
		case <-done:
			return
		default:
		}
		if _, err := journal.ReadDir(dir); err != nil {
			t.Fatalf("ReadDir: %v", err)
		}
		if _, err := journal.Open(dir, journal.Options{Keep: time.Hour}); err != nil {
			t.Fatalf("Open: %v", err)
		}
	}
}

func TestReadDirOfNothing(t *testing.T) {
	dir := t.TempDir() + "/none"
	h, err := journal.ReadDir(dir)
	if err != nil || len(h.Runs()) != 0 || len(h.OpenIntents(host, client)) != 0 {
		t.Errorf("ReadDir = %+v, %v", h, err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("reading has made the folder")
	}
}
