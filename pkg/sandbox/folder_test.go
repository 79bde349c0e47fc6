package sandbox_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/callroll/callroll/pkg/sandbox"
)

func open(t *testing.T, dir string) *sandbox.World {
	t.Helper()
	w, err := sandbox.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// folderOf creates a folder with a small world.
func folderOf(t *testing.T) (string, *sandbox.World) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "play")
	w := open(t, dir)
	if err := w.Edit(func(e *sandbox.Entra, g *sandbox.Genesys) { *e, *g = smallEntra(), smallGenesys() }); err != nil {
		t.Fatal(err)
	}
	return dir, w
}

func TestTheWorldIsWrittenBeforeTheAnswerLeaves(t *testing.T) {
	dir, w := folderOf(t)
	auth := genesysToken(t, w)
	if a := putGroup(t, w, auth, "g2", `"1"`, `{"value":"a1"}`); a.status != 200 {
		t.Fatalf("PUT: %d %s", a.status, a.text)
	}
	if got := open(t, dir).Genesys().Groups[1]; got.Version != 2 || len(got.Members) != 1 {
		t.Errorf("another process sees %+v", got)
	}
	if leftover, _ := filepath.Glob(filepath.Join(dir, "*.tmp")); len(leftover) != 0 {
		t.Errorf("left behind: %v", leftover)
	}
}

func TestEditsOfTheFilesAreSeen(t *testing.T) {
	dir, w := folderOf(t)
	auth := graphToken(t, w)
	write(t, dir, "entra.json", strings.Replace(read(t, dir, "entra.json"), `"Desk"`, `"Tesk"`, 1)) // same length as before
	if a := get(t, w, graphHost+"/v1.0/groups/"+id(10), auth); a.at("displayName") != "Tesk" {
		t.Errorf("displayName %v", a.at("displayName"))
	}
	// a file that is edited after a while
	long := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, "entra.json"), long, long); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Tesk", "Task"} {
		if a := get(t, w, graphHost+"/v1.0/groups/"+id(10), auth); a.at("displayName") != name {
			t.Errorf("displayName %v, want %s", a.at("displayName"), name)
		}
		write(t, dir, "entra.json", strings.Replace(read(t, dir, "entra.json"), `"Tesk"`, `"Task"`, 1))
	}
	write(t, dir, "faults.json", `[{"match":"GET *","status":503}]`)
	if a := get(t, w, graphHost+"/v1.0/groups/"+id(10), auth); a.status != 503 {
		t.Errorf("with a fault: %d", a.status)
	}
	if err := os.Remove(filepath.Join(dir, "faults.json")); err != nil {
		t.Fatal(err)
	}
	if a := get(t, w, graphHost+"/v1.0/groups/"+id(10), auth); a.status != 200 {
		t.Errorf("without faults.json: %d", a.status)
	}
}

// TestAnEditBesideABrokenFileIsNotLost repairs one file after another one was edited.
func TestAnEditBesideABrokenFileIsNotLost(t *testing.T) {
	dir, w := folderOf(t)
	auth, whole := graphToken(t, w), read(t, dir, "genesys.json")
	write(t, dir, "entra.json", strings.Replace(read(t, dir, "entra.json"), `"Desk"`, `"Front Desk"`, 1))
	write(t, dir, "genesys.json", "{")
	if _, err := send(w, "GET", graphHost+"/v1.0/groups/"+id(10), "", auth); err == nil {
		t.Error("a broken file is taken")
	}
	if got := w.Entra().Groups[0].DisplayName; got != "Front Desk" {
		t.Errorf("meanwhile: %s", got)
	}
	write(t, dir, "genesys.json", whole)
	if a := get(t, w, graphHost+"/v1.0/groups/"+id(10), auth); a.at("displayName") != "Front Desk" {
		t.Errorf("afterwards: %s", a.text)
	}
}

func TestBrokenFilesAreNamed(t *testing.T) {
	for _, c := range []struct{ file, text, want string }{
		{"entra.json", "{\n\"domain\": 5}", "entra.json: line 2"},
		{"entra.json", "{\n\n\"domani\": \"x\"}", `entra.json: line 3`},
		{"genesys.json", "{\n", "genesys.json: line 2 (byte 2): the file ends too early"},
		{"genesys.json", "{}\n{}", "genesys.json: line 2"},
		{"faults.json", "[\n{\"match\":\"GET *\",\"sttaus\":1}]", `unknown field "sttaus"`},
		{"faults.json", `[{"match":"GET"}]`, "fault 0: match is a method and a path"},
		{"faults.json", `[{"match":"GET *","delay":"soon"}]`, "faults.json: line 1"},
	} {
		t.Run(c.file+" "+c.text, func(t *testing.T) {
			dir, w := folderOf(t)
			write(t, dir, c.file, c.text)
			for range 2 { // it is still invalid
				if _, err := send(w, "GET", graphHost+"/v1.0/groups", ""); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("error %v, want %q", err, c.want)
				}
			}
			if _, err := sandbox.Open(dir); err == nil {
				t.Error("Open takes it")
			}
		})
	}
}

func TestOpenNeedsAFolder(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	write(t, filepath.Dir(file), "file", "")
	for _, dir := range []string{file, filepath.Join(file, "below"), t.TempDir(), filepath.Join(t.TempDir(), "a", "b")} {
		if _, err := sandbox.Open(dir); err == nil {
			t.Errorf("Open(%s) works", dir)
		}
	}
}

func TestManyMakeTheDemoAtOnce(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "play")
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			w, err := sandbox.Open(dir)
			if err != nil {
				t.Error(err)
				return
			}
			_ = w.Close()
		})
	}
	group.Wait()
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(dir), ".sandbox-*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestManyProcessesWriteOneFolder lets several processes increase the version of one group. No write may be lost.
func TestManyProcessesWriteOneFolder(t *testing.T) {
	const processes, writes = 3, 10
	if dir := os.Getenv("SANDBOX_TEST_DIR"); dir != "" {
		writeUntilDone(t, dir, writes)
		return
	}
	dir, _ := folderOf(t)
	var group sync.WaitGroup
	for range processes {
		group.Go(func() {
			child := exec.Command(os.Args[0], "-test.run=^TestManyProcessesWriteOneFolder$")
			child.Env = append(os.Environ(), "SANDBOX_TEST_DIR="+dir)
			if out, err := child.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	group.Wait()
	w := open(t, dir)
	if got := w.Genesys().Groups[1].Version; got != 1+processes*writes {
		t.Errorf("version %d, want %d", got, 1+processes*writes)
	}
	if got := strings.Count(read(t, dir, "requests.jsonl"), `"status":200,`); got < processes*writes {
		t.Errorf("%d answers of 200 in the log", got)
	}
}

// writeUntilDone is the work of each process: it reads and writes the group, and starts again after a conflict.
func writeUntilDone(t *testing.T, dir string, writes int) {
	w := open(t, dir)
	auth := genesysToken(t, w)
	for done := 0; done < writes; {
		version := get(t, w, apiHost+"/api/v2/scim/v2/groups/g2", auth).header.Get("ETag")
		switch a := putGroup(t, w, auth, "g2", version, `{"value":"a1"}`); a.status {
		case 200:
			done++
		case 409:
		default:
			t.Fatalf("PUT: %d %s", a.status, a.text)
		}
	}
}

// TestAProcessIsKilled kills a process while it writes. The files are complete afterwards, and the lock is released.
func TestAProcessIsKilled(t *testing.T) {
	if dir := os.Getenv("SANDBOX_TEST_DIR"); dir != "" {
		writeUntilDone(t, dir, 1_000_000)
		return
	}
	dir, w := folderOf(t)
	child := exec.Command(os.Args[0], "-test.run=^TestAProcessIsKilled$")
	child.Env = append(os.Environ(), "SANDBOX_TEST_DIR="+dir)
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); w.Genesys().Groups[1].Version < 20 && time.Now().Before(deadline); {
		time.Sleep(time.Millisecond)
	}
	_ = child.Process.Kill()
	_ = child.Wait() // it was killed

	again := open(t, dir)
	version := again.Genesys().Groups[1].Version
	if a := putGroup(t, again, genesysToken(t, again), "g2", strconv.Quote(strconv.Itoa(version)), ""); a.status != 200 {
		t.Errorf("PUT: %d %s", a.status, a.text)
	}
	logged := 0
	for line := range strings.Lines(read(t, dir, "requests.jsonl")) {
		var request sandbox.Request
		if err := json.Unmarshal([]byte(line), &request); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		if request.Method == "PUT" && request.Status == 200 {
			logged++
		}
	}
	if logged < version-1 || version < 20 { // the last request may have no line
		t.Errorf("version %d, %d writes in the log", version, logged)
	}
}

func TestCopiesAreDeep(t *testing.T) {
	start := time.Now()
	full := func() (sandbox.Entra, sandbox.Genesys) {
		e, g := smallEntra(), smallGenesys()
		e.Users[0].ProxyAddresses = []string{"smtp:a@x"}
		e.DeletedUsers = []sandbox.EntraDeletedUser{{EntraUser: sandbox.EntraUser{ID: id(9), ProxyAddresses: []string{"smtp:b@x"}}}}
		g.Switches = sandbox.Switches{ListLag: 1e15, RuleMembers: map[string][]string{"g1": {"a2"}}}
		g.Pending = []sandbox.GenesysPending{{Group: "g1", Due: start.Add(time.Hour)}}
		g.Past = []sandbox.GenesysPast{{Until: start}}
		return e, g
	}
	spoil := func(e sandbox.Entra, g sandbox.Genesys) {
		e.Groups[0].Members[0], g.Groups[0].Members[0].Value = "x", "x"
		e.Users[0].ProxyAddresses[0], e.DeletedUsers[0].ProxyAddresses[0] = "x", "x"
		g.Switches.RuleMembers["g1"][0], g.Pending[0].Group, g.Past[0].Group.ID = "x", "x", "x"
	}
	entra, genesys := full()
	w := sandbox.New(entra, genesys)
	defer func() {
		if err := w.Close(); err != nil { // there is no lock to release
			t.Error(err)
		}
	}()
	spoil(entra, genesys)
	spoil(w.Entra(), w.Genesys())
	entra, genesys = full()
	if diff := cmp.Diff(entra, w.Entra()) + cmp.Diff(genesys, w.Genesys()); diff != "" {
		t.Error(diff)
	}
}

func TestEditRaisesVersions(t *testing.T) {
	w := small()
	if err := w.Edit(func(_ *sandbox.Entra, g *sandbox.Genesys) {
		g.Groups[0].Members = g.Groups[0].Members[:1]
		g.Groups = append(g.Groups, sandbox.GenesysGroup{ID: "g3", Version: 4})
	}); err != nil {
		t.Fatal(err)
	}
	var versions []string
	for _, g := range w.Genesys().Groups {
		versions = append(versions, g.ID+":"+strconv.Itoa(g.Version))
	}
	if diff := cmp.Diff([]string{"g1:8", "g2:1", "g3:4"}, versions); diff != "" {
		t.Error(diff)
	}
	if a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g3", genesysToken(t, w)); a.status != 200 {
		t.Errorf("the new group: %d", a.status)
	}
}
