package sandbox_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/sandbox"
)

func TestHold(t *testing.T) {
	dir, w := folderOf(t)
	write(t, dir, "faults.json", `[{"match":"PUT *","hold":"go","status":503,"apply":true}]`)
	auth := genesysToken(t, w)
	answered := make(chan answer)
	go func() { answered <- putGroup(t, w, auth, "g2", `"1"`, "") }()
	waitFor(t, filepath.Join(dir, "go.held"))
	if a := get(t, w, apiHost+"/api/v2/scim/v2/groups/g2", auth); a.status != 200 || a.header.Get("ETag") != `"1"` {
		t.Errorf("another request meanwhile: %d %v", a.status, a.header)
	}
	write(t, dir, "go", "")
	if a := <-answered; a.status != 503 || w.Genesys().Groups[1].Version != 2 {
		t.Errorf("afterwards: %d", a.status)
	}
	if _, err := os.Stat(filepath.Join(dir, "go.held")); err == nil {
		t.Error("go.held is still there")
	}
}

func waitFor(t *testing.T, path string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if _, err := os.Stat(path); err == nil {
			return
		}
	}
	t.Fatalf("%s never came", path)
}

func TestHoldEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := small()
		if err := w.SetFaults([]sandbox.Fault{{Match: "GET *", Hold: filepath.Join(t.TempDir(), "go")}}); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		req, _ := http.NewRequestWithContext(ctx, "GET", graphHost+"/v1.0/groups", nil)
		if _, err := w.RoundTrip(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v, want the deadline", err)
		}
		if log := w.Requests(); len(log) != 1 || log[0].Status != 0 || *log[0].Fault != 0 {
			t.Errorf("logged as %+v", log)
		}
	})
}

func TestHoldComesBeforeDelay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, file := small(), filepath.Join(t.TempDir(), "go")
		if err := w.SetFaults([]sandbox.Fault{{Match: "GET *", Hold: file, Delay: sandbox.Duration(5 * time.Second)}}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		go func() {
			time.Sleep(time.Minute + time.Millisecond)
			if err := os.WriteFile(file, nil, 0o600); err != nil {
				t.Error(err)
			}
		}()
		get(t, w, graphHost+"/v1.0/groups")
		if took := time.Since(began).Round(time.Second); took != 65*time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestFaultsThatNeedAFolder(t *testing.T) {
	for _, fault := range []sandbox.Fault{{Match: "GET *", Kill: true}, {Match: "GET *", Hold: "go"}} {
		if err := small().SetFaults([]sandbox.Fault{fault}); err == nil || !strings.Contains(err.Error(), "folder") {
			t.Errorf("%+v: %v", fault, err)
		}
	}
}

// TestKill kills a process at its PUT, before it is carried out or after.
func TestKill(t *testing.T) {
	if dir := os.Getenv("SANDBOX_TEST_DIR"); dir != "" {
		w := open(t, dir)
		putGroup(t, w, genesysToken(t, w), "g2", `"1"`, `{"value":"a1"}`)
		t.Fatal("the process lives")
	}
	for fault, version := range map[string]int{
		`[{"match":"PUT *","kill":true}]`:              1,
		`[{"match":"PUT *","kill":true,"apply":true}]`: 2,
	} {
		dir, w := folderOf(t)
		write(t, dir, "faults.json", fault)
		child := exec.Command(os.Args[0], "-test.run=^TestKill$")
		child.Env = append(os.Environ(), "SANDBOX_TEST_DIR="+dir)
		out, err := child.CombinedOutput()
		if exit := new(exec.ExitError); !errors.As(err, &exit) || exit.ExitCode() != -1 {
			t.Errorf("%s: %v, want a signal: %s", fault, err, out)
		}
		if got := w.Genesys().Groups[1].Version; got != version {
			t.Errorf("%s: version %d, want %d", fault, got, version)
		}
		if log := read(t, dir, "requests.jsonl"); strings.Count(log, `"method":"PUT"`) != 1 || !strings.Contains(log, `"status":0`) {
			t.Errorf("%s: log %s", fault, log)
		}
		if got := strings.Count(read(t, dir, "history.jsonl"), `"put"`); got != version-1 {
			t.Errorf("%s: %d PUTs in the history", fault, got)
		}
	}
}
