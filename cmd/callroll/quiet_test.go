package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
)

// reader is a person who gets the mails of a scheduler and sees nothing else.
type reader struct {
	open  map[string]time.Time // what they know of, and when they last heard of it
	mails int
}

var heading = regexp.MustCompile(`^callroll: 20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ on .+, /etc/callroll/callroll.yaml, run 20\d{6}T\d{6}Z-[0-9a-f]{8}$`)

// read reads one mail. Each problem has one beginning and one end, and is repeated once a day at most.
func (r *reader) read(t *testing.T, mail string) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(mail), "\n")
	r.mails++
	if !heading.MatchString(lines[0]) || len(lines) < 2 {
		t.Errorf("the mail does not say when, where and which run, or nothing else:\n%s", mail)
	}
	for _, line := range unfolded(lines[1:]) {
		kind, problem, _ := strings.Cut(strings.TrimPrefix(line, "callroll: "), ": ")
		last, known := r.open[problem]
		switch {
		case kind == "still" && (strings.HasPrefix(problem, "unresolved") || strings.HasPrefix(problem, "renamed")):
			t.Errorf("%q: nobody has to be reminded of that", line)
		case kind == "new" && !known, kind == "still" && known && time.Since(last) >= 24*time.Hour:
			r.open[problem] = time.Now()
		case kind == "over" && known:
			delete(r.open, problem)
		default:
			t.Errorf("%q: known before: %v, since %s", line, known, time.Since(last))
		}
	}
}

// unfolded makes a line for each group again of one that has several.
func unfolded(lines []string) []string {
	var out []string
	for _, line := range lines {
		if m := regexp.MustCompile(`^(.+: )\d+ groups: (.+)$`).FindStringSubmatch(line); m != nil {
			for name := range strings.SplitSeq(m[2], ", ") {
				out = append(out, m[1]+name)
			}
			continue
		}
		out = append(out, line)
	}
	return out
}

// world is what is the matter in truth. It changes by itself.
type world struct {
	r      *rand.Rand
	groups map[string]push.Outcome // by name
	undone map[string]bool         // by name of the group: another program takes back each change
	people map[string][]string     // what is the matter with people, by group: "unresolved: ann@x"
	whole  error                   // the whole run fails by it
	status int
}

func (w *world) outcome(name string) push.Outcome {
	o := push.Outcome{Group: plan.Group{ID: "id of " + name, Name: name}, Status: push.InStep}
	w.undone[name] = false
	switch w.r.IntN(9) {
	case 8:
		o.Status, w.undone[name] = push.Done, true
		o.Group.Add = []plan.Entry{{ID: "id of tug@x", UserName: "tug@x"}}
		o.Group.Members = []string{"id of tug@x"}
	case 0:
		o.Status, o.Detail = push.Refused, "too many"
		o.Group.Refusals = []plan.Refusal{{Rule: []plan.RefusalRule{plan.TooManyRemovals, plan.WouldBeEmpty}[w.r.IntN(2)]}}
	case 1:
		o.Status, o.Cause = push.Denied, membership.Denied
	case 2:
		o.Status, o.Cause = push.Unavailable, membership.Unavailable
	case 3:
		o.Status = push.Conflict
	}
	return o
}

// turn lets something begin or end.
func (w *world) turn() {
	for _, name := range slices.Sorted(maps.Keys(w.groups)) {
		if w.r.IntN(6) == 0 {
			w.groups[name] = w.outcome(name)
		}
	}
	if w.r.IntN(12) == 0 { // a permission is missing
		for name := range w.groups {
			w.groups[name], w.undone[name] = push.Outcome{Group: plan.Group{ID: "id of " + name, Name: name}, Status: push.Denied}, false
		}
	}
	w.turnPeople()
	if w.r.IntN(4) > 0 {
		return
	}
	w.whole, w.status = nil, 0
	host := []string{"graph.microsoft.com", "api.mypurecloud.ie"}[w.r.IntN(2)]
	switch w.r.IntN(7) {
	case 0:
		w.whole, w.status = &rest.Error{Host: host, Kind: rest.Refused, Status: 403}, report.Denied
	case 1:
		w.whole, w.status = &rest.Error{Host: host, Kind: rest.Unclear}, report.Unavailable
	case 2:
		w.whole, w.status = new(journal.LockedError), report.Locked
	case 3:
		w.whole, w.status = &config.Error{Place: "callroll.yaml:7", Err: errors.New("wrong")}, report.Config
	}
}

// outcomes are those of a run in which nothing fails as a whole.
func (w *world) outcomes() []push.Outcome {
	var out []push.Outcome
	for _, name := range slices.Sorted(maps.Keys(w.groups)) {
		o := w.groups[name]
		if conclusive(o.Status) {
			o.Group.Unresolved, o.Group.Keep = w.peopleIn(name)
		}
		out = append(out, o)
	}
	return out
}

// turnPeople lets somebody be in trouble, or out of it. The same people are in several groups.
func (w *world) turnPeople() {
	for _, name := range slices.Sorted(maps.Keys(w.groups)) {
		if w.r.IntN(8) == 0 {
			w.people[name] = nil
			for _, what := range []string{"unresolved: ann@x", "unresolved: bob@x", "renamed: old@x", "held: gone@x"} {
				if w.r.IntN(3) == 0 {
					w.people[name] = append(w.people[name], what)
				}
			}
		}
	}
}

func (w *world) peopleIn(name string) (out []plan.Unresolved, keep []plan.Kept) {
	for _, text := range w.people[name] {
		what, who, _ := strings.Cut(text, ": ")
		switch what {
		case unresolved:
			out = append(out, plan.Unresolved{ID: "id of " + who, UserPrincipalName: who, Reason: "none"})
		default:
			keep = append(keep, plan.Kept{Entry: plan.Entry{ID: "id of " + who, UserName: who}, Reason: plan.KeepReason(what)})
		}
	}
	return out, keep
}

func opened(t *testing.T) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.TempDir(), journal.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

// play plays one run as writing does, and returns its mail.
func (w *world) play(t *testing.T, j *journal.Journal) string {
	t.Helper()
	var stderr bytes.Buffer
	a := &app{stdout: &bytes.Buffer{}, stderr: &stderr}
	info := journal.RunInfo{Config: "/etc/callroll/callroll.yaml"}
	known := w.status != report.Config // which is found before the org is known
	if known {
		info.Host, info.ClientID = "api.mypurecloud.ie", "11aa"
	}
	run, err := pipeline.BeginUnlocked(pipeline.RunOptions{StateDir: j.Dir(), Info: info})
	if err != nil {
		t.Fatal(err)
	}
	m := newMail(a, run)
	m.quiet, m.all, m.locked = true, true, known && w.status != report.Locked
	e := ending{status: w.status, err: w.whole}
	if w.whole == nil {
		e.outcomes = w.outcomes()
		e.status = report.OfOutcomes(e.outcomes)
		for _, o := range e.outcomes {
			if w.undone[o.Group.Name] {
				if err := run.Record.Intent(membership.Group{ID: o.Group.ID, DisplayName: o.Group.Name}, o.Group); err != nil {
					t.Fatal(err)
				}
			}
			if err := run.Record.Outcome(o); err != nil {
				t.Fatal(err)
			}
		}
	}
	if silent := m.end(e); silent != (stderr.Len() == 0) {
		t.Errorf("silent: %v, and said: %s", silent, &stderr)
	}
	return stderr.String()
}

// Incident 41: over any sequence of runs the reader knows in the end which problems there still are, and which there are not.
func TestTheReaderOfQuiet(t *testing.T) {
	t.Parallel()
	mails := 0
	for seed := range uint64(8) {
		synctest.Test(t, func(t *testing.T) {
			w := &world{r: rand.New(rand.NewPCG(seed, 2)), groups: map[string]push.Outcome{}, people: map[string][]string{}}
			w.undone = map[string]bool{}
			for i := range 8 {
				name := fmt.Sprint("Group ", i)
				w.groups[name] = push.Outcome{Group: plan.Group{ID: "id of " + name, Name: name}, Status: push.InStep}
			}
			p := &reader{open: map[string]time.Time{}}
			j := opened(t)
			for range 60 {
				w.turn()
				if mail := w.play(t, j); mail != "" {
					p.read(t, mail)
				}
				time.Sleep([]time.Duration{15 * time.Minute, 15 * time.Minute, 26 * time.Hour}[w.r.IntN(3)])
			}
			w.whole, w.status = nil, 0
			for range patience + 1 { // the truth comes to light: that something is undone after three times
				if mail := w.play(t, j); mail != "" {
					p.read(t, mail)
				}
				time.Sleep(15 * time.Minute)
			}
			want := map[string]bool{}
			unknown := false // of some group
			for _, o := range w.outcomes() {
				// A group without anybody who belongs to it says nothing about people.
				empty := len(o.Group.Refusals) > 0 && o.Group.Refusals[0].Rule == "empty"
				unknown = unknown || !conclusive(o.Status) || empty
				for _, what := range w.people[o.Group.Name] {
					if conclusive(o.Status) {
						want[what] = true
					}
				}
				o.Group.Keep = nil
				if w.undone[o.Group.Name] {
					want["keeps being undone: "+o.Group.Name] = true
				}
				if status := report.OfOutcomes([]push.Outcome{o}); status != report.OK {
					want[what(o, status)+": "+o.Group.Name] = true
				}
			}
			got := map[string]bool{}
			for problem := range p.open {
				got[problem] = true
			}
			// What hides behind trouble that passes is not over for the reader, and nobody knows better.
			for problem := range got {
				name := problem[strings.LastIndex(problem, ": ")+2:]
				person := strings.HasSuffix(name, "@x")
				if strings.HasPrefix(problem, undone) && !settled(name, ending{outcomes: w.outcomes()}) {
					delete(got, problem) // in such a group nobody has tried
				}
				if !want[problem] && (person && unknown || !person && !conclusive(w.groups[name].Status)) {
					delete(got, problem)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("seed %d: -what is the matter +what the reader believes\n%s", seed, diff)
			}
			mails += p.mails
		})
	}
	if mails < 80 {
		t.Errorf("there were %d mails: nothing was shown", mails)
	}
}

// Denied by one service, mended, and denied by the other within a day: the reader hears of both, and of the end of both.
func TestTwoDenialsWithinADay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{groups: map[string]push.Outcome{"Sales": {Group: plan.Group{ID: "g1", Name: "Sales"}, Status: push.InStep}}}
		j := opened(t)
		play := func(host, want string) {
			t.Helper()
			w.whole, w.status = nil, 0
			if host != "" {
				w.whole, w.status = &rest.Error{Host: host, Kind: rest.Refused, Status: 403}, report.Denied
			}
			mail := w.play(t, j)
			_, got, _ := strings.Cut(mail, "\n")
			if got != want {
				t.Errorf("%q: said %q; want %q", host, got, want)
			}
			time.Sleep(15 * time.Minute)
		}
		play("", "")
		play("graph.microsoft.com", "callroll: new: run denied: graph.microsoft.com\n")
		play("graph.microsoft.com", "")
		play("", "callroll: over: run denied: graph.microsoft.com\n")
		play("", "")
		play("api.mypurecloud.ie", "callroll: new: run denied: api.mypurecloud.ie\n")
		play("graph.microsoft.com", "callroll: new: run denied: graph.microsoft.com\n")
		time.Sleep(24 * time.Hour)
		play("graph.microsoft.com", "callroll: still: run denied: graph.microsoft.com\n")
		play("", "callroll: over: run denied: api.mypurecloud.ie\ncallroll: over: run denied: graph.microsoft.com\n")
	})
}

// A group that is not configured any more, or that an answer was not whole for, and a run of some groups only.
func TestWhatARunKnows(t *testing.T) {
	refused := journal.Cause{What: "refused (empty)", Where: "Sales"}
	for name, test := range map[string]struct {
		all  bool
		e    ending
		over bool
	}{
		"in step":             {true, ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Sales"}, Status: push.InStep}}}, true},
		"in step, of some":    {false, ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Sales"}, Status: push.InStep}}}, true},
		"incomplete":          {true, ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Sales"}, Status: push.Incomplete}}}, false},
		"not started":         {true, ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Sales"}, Status: push.NotStarted}}}, false},
		"configured no more":  {true, ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Billing"}, Status: push.InStep}}}, true},
		"another group alone": {false, ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Billing"}, Status: push.InStep}}}, false},
		"failed":              {true, ending{err: errors.New("x"), status: report.Unavailable}, false},
	} {
		m := &mail{app: &app{}, all: test.all, memory: journal.Memory{Told: map[journal.Cause]time.Time{refused: time.Now()}}}
		if got := m.over(m.problems(test.e), test.e); (len(got) == 1) != test.over {
			t.Errorf("%s: over %v; want %v", name, got, test.over)
		}
	}
}

// A run of some groups does not know what there is to note of the others, and is no end of anything that it did not look at.
func TestNotesOfSomeGroups(t *testing.T) {
	about := journal.Cause{What: note, Where: "Entra was not asked"}
	again := journal.Cause{What: undone, Where: "Sales"}
	for name, test := range map[string]struct {
		all  bool
		over []journal.Cause
	}{"all": {true, []journal.Cause{about, again}}, "some": {false, nil}} {
		m := &mail{app: &app{}, all: test.all, memory: journal.Memory{Told: map[journal.Cause]time.Time{about: time.Now(), again: time.Now()}}}
		e := ending{outcomes: []push.Outcome{{Group: plan.Group{Name: "Billing"}, Status: push.InStep}}}
		if diff := cmp.Diff(test.over, m.over(m.problems(e), e)); diff != "" {
			t.Errorf("a run of %s groups: -want +over\n%s", name, diff)
		}
	}
}

// What follows the sentence of a note is different in each run, and is no news.
func TestNoteCause(t *testing.T) {
	const long = "accounts whose names look like those of people without an account were not searched for"
	for text, want := range map[string]string{
		long + ": GET /x: 500 (request 1b)":                                  long,
		`nothing to allow: --release for group "Sales": the group is paused`: `nothing to allow: --release for group "Sales": the group is paused`,
	} {
		if got := noteCause(text); got != want {
			t.Errorf("%q is remembered as %q", text, got)
		}
	}
}

// Somebody undoes every change, then every second one, and then none: the reader hears of one beginning and of one end.
func TestSomethingThatIsUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{groups: map[string]push.Outcome{}, undone: map[string]bool{}}
		calm := push.Outcome{Group: plan.Group{ID: "g1", Name: "Sales"}, Status: push.InStep}
		tug := push.Outcome{Group: plan.Group{ID: "g1", Name: "Sales", Add: []plan.Entry{{ID: "a", UserName: "ann@x"}}, Members: []string{"a"}}, Status: push.Done}
		lost := push.Outcome{Group: tug.Group, Status: push.NotApplied}
		gone := push.Outcome{Group: plan.Group{ID: "g1", Name: "Sales"}, Status: push.Unavailable}
		j := opened(t)
		for i, step := range []struct {
			outcome push.Outcome
			want    string
		}{
			{tug, ""}, {tug, ""}, {tug, ""}, {tug, "new: keeps being undone: Sales"}, {calm, ""}, {tug, ""}, {calm, ""}, {calm, ""}, {gone, ""},
			{calm, ""}, {calm, ""}, {calm, "over: keeps being undone: Sales"}, {calm, ""}, {lost, ""}, {calm, ""},
		} {
			w.groups["Sales"], w.undone["Sales"] = step.outcome, step.outcome.Status == push.Done
			_, mail, _ := strings.Cut(w.play(t, j), "\n")
			if got := strings.TrimSpace(strings.ReplaceAll(mail, "callroll: ", "")); got != step.want {
				t.Errorf("run %d: said %q; want %q", i, got, step.want)
			}
			time.Sleep(15 * time.Minute)
		}
	})
}

// What the next run may mend is a problem after three runs in a row, also if each of them met something else; and what a
// run did not get as far as is not over.
func TestTroubleThatMayPass(t *testing.T) {
	entra, org := &rest.Error{Host: "graph.microsoft.com", Kind: rest.Unclear}, &rest.Error{Host: "api.mypurecloud.ie", Kind: rest.Unclear}
	locked, wrong := new(journal.LockedError), &config.Error{Place: "callroll.yaml:7", Err: errors.New("wrong")}
	type step struct {
		err    error
		status int
		said   string
	}
	for name, steps := range map[string][]step{
		"the same": {
			{entra, 7, ""}, {entra, 7, ""}, {entra, 7, "new: run unavailable: graph.microsoft.com"}, {entra, 7, ""},
			{nil, 0, "over: run unavailable: graph.microsoft.com"}, {entra, 7, ""},
		},
		"with a pause":     {{entra, 7, ""}, {entra, 7, ""}, {nil, 0, ""}, {entra, 7, ""}, {entra, 7, ""}},
		"different things": {{entra, 7, ""}, {locked, 5, ""}, {org, 7, "new: run unavailable: api.mypurecloud.ie"}},
		"a lock that is free again": {
			{locked, 5, ""}, {locked, 5, ""}, {locked, 5, "new: run locked: the lock"}, {wrong, 78, "new: run config: callroll.yaml:7"},
			{entra, 7, "new: run unavailable: graph.microsoft.com\nover: run config: callroll.yaml:7\nover: run locked: the lock"},
			{nil, 0, "over: run unavailable: graph.microsoft.com"},
		},
		"a configuration that is right again": {
			{wrong, 78, "new: run config: callroll.yaml:7"}, {wrong, 78, ""}, {locked, 5, ""}, {nil, 0, "over: run config: callroll.yaml:7"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{groups: map[string]push.Outcome{"Sales": {Group: plan.Group{ID: "g1", Name: "Sales"}, Status: push.InStep}}}
				j := opened(t)
				for i, step := range steps {
					w.whole, w.status = step.err, step.status
					_, mail, _ := strings.Cut(w.play(t, j), "\n")
					if got := strings.TrimSpace(strings.ReplaceAll(mail, "callroll: ", "")); got != step.said {
						t.Errorf("step %d: said %q; want %q", i, got, step.said)
					}
					time.Sleep(15 * time.Minute)
				}
			})
		})
	}
}
