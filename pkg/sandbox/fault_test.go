package sandbox_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

// faulty returns a small world with the faults of a faults.json.
func faulty(t *testing.T, faults string) *sandbox.World {
	t.Helper()
	w := small()
	var list []sandbox.Fault
	if err := json.Unmarshal([]byte(faults), &list); err != nil {
		t.Fatal(err)
	}
	if err := w.SetFaults(list); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWhichFaultIsPlayed(t *testing.T) {
	const groups = graphHost + "/v1.0/groups"
	for _, c := range []struct {
		name, faults string
		want         []int
	}{
		{"none", `[]`, []int{200, 200}},
		{"always", `[{"match":"GET /v1.0/groups","status":503}]`, []int{503, 503}},
		{"times", `[{"match":"GET /v1.0/groups","status":503,"times":1}]`, []int{503, 200}},
		{"skip", `[{"match":"GET /v1.0/groups","status":503,"skip":1,"times":1}]`, []int{200, 503, 200}},
		{"the next when one is used up", `[{"match":"GET *","status":503,"times":1},{"match":"* /v1.0/*","status":429,"times":1}]`, []int{503, 429, 200}},
		{"host", `[{"match":"GET graph.microsoft.com/v1.0/*","status":500,"times":1}]`, []int{500, 200}},
		{"any host", `[{"match":"GET *.com/*","status":500,"times":1}]`, []int{500, 200}},
		{"another host", `[{"match":"GET graph.microsoft.us/*","status":500}]`, []int{200}},
		{"another method", `[{"match":"PUT *","status":500}]`, []int{200}},
		{"another path", `[{"match":"GET /v1.0/groups/*","status":500},{"match":"GET /v1.0/group","status":500}]`, []int{200}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := faulty(t, `[]`)
			auth := graphToken(t, w)
			var list []sandbox.Fault
			if err := json.Unmarshal([]byte(c.faults), &list); err != nil {
				t.Fatal(err)
			}
			if err := w.SetFaults(list); err != nil {
				t.Fatal(err)
			}
			for i, want := range c.want {
				if a := get(t, w, groups, auth); a.status != want {
					t.Errorf("request %d: %d, want %d", i, a.status, want)
				}
			}
		})
	}
}

func TestFaultsThatMakeNoSense(t *testing.T) {
	for _, fault := range []sandbox.Fault{
		{}, {Match: "GET"}, {Match: " /x"}, {Match: "GET "}, {Match: "GET  /x"}, {Match: "GET *", Times: -1}, {Match: "GET *", Status: 99}, {Match: "GET *", RetryAfter: true},
		{Match: "GET *", Edit: &sandbox.FaultEdit{}}, {Match: "GET *", Cut: new(-1)}, {Match: "GET *", Delay: -1},
	} {
		if err := small().SetFaults([]sandbox.Fault{fault}); err == nil {
			t.Errorf("%+v is taken", fault)
		}
	}
}

// TestCountsOfFaults checks that counts are kept while the file is unchanged, and reset when it changes.
func TestCountsOfFaults(t *testing.T) {
	dir, w := folderOf(t)
	const once = `[{"match":"GET *","status":503,"times":1}]`
	auth := graphToken(t, w)
	for i, step := range []struct {
		file string
		want int
	}{{once, 503}, {once, 200}, {once + "\n", 503}, {once + "\n", 200}} {
		write(t, dir, "faults.json", step.file)
		if got := get(t, w, graphHost+"/v1.0/groups", auth).status; got != step.want {
			t.Errorf("step %d: %d, want %d", i, got, step.want)
		}
	}
}

func TestSetFaultsWritesTheFile(t *testing.T) {
	dir, w := folderOf(t)
	if err := w.SetFaults([]sandbox.Fault{{Match: "GET *", Delay: sandbox.Duration(time.Second), Times: 1}}); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "faults.json"); !strings.Contains(got, `"delay": "1s"`) {
		t.Errorf("%s is %s", filepath.Join(dir, "faults.json"), got)
	}
}
