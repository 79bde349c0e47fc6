package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// BenchmarkRun measures whole processes: the built program, and beside it the floor, which makes the same requests and throws
// away what comes. Both take turns against callroll sandbox serve in a process of its own; the figures are medians.
//
//	go test ./cmd/callroll -run '^$' -bench BenchmarkRun -benchtime 5x
func BenchmarkRun(b *testing.B) {
	for _, company := range []struct {
		name  string
		scale scale
	}{{"small", small()}, {"large", large()}} {
		b.Run(company.name, func(b *testing.B) { benchmark(b, company.scale) })
	}
}

// BenchmarkGrowth shows what a run costs as groups and members grow, without the floor.
//
//	go test ./cmd/callroll -run '^$' -bench BenchmarkGrowth -benchtime 1x
func BenchmarkGrowth(b *testing.B) {
	for _, s := range []scale{
		{groups: 50, members: 1000}, {groups: 100, members: 1000}, {groups: 200, members: 1000}, {groups: 500, members: 1000},
		{groups: 50, members: 100}, {groups: 50, members: 10_000},
	} {
		s.people, s.orgGroups, s.inactive = 20_000, s.groups*6/5, 200
		b.Run(fmt.Sprintf("%dx%d", s.groups, s.members), func(b *testing.B) {
			w := serve(b, s)
			var runs []cost
			for b.Loop() {
				runs = append(runs, w.callroll(b))
			}
			w.report(b, "", runs)
		})
	}
}

func benchmark(b *testing.B, s scale) {
	w := serve(b, s)
	var runs, floors []cost
	for b.Loop() {
		runs = append(runs, w.callroll(b))
		floors = append(floors, w.floor(b))
	}
	w.report(b, "", runs)
	w.report(b, "floor-", floors)
	cpu := func(c cost) float64 { return c.cpu.Seconds() }
	b.ReportMetric(median(runs, cpu)/median(floors, cpu), "cpu-ratio")
}

// served is a company on sockets.
type served struct {
	binary, config, log string
	requests            int // logged so far
}

// cost is what one process took.
type cost struct {
	cpu      time.Duration
	wall     time.Duration
	rss      int64 // peak, bytes
	requests int
}

// serve builds the program and starts the services, until the benchmark ends.
func serve(b *testing.B, s scale) *served {
	b.Helper()
	dir := filepath.Join(b.TempDir(), "company")
	if err := s.write(dir); err != nil {
		b.Fatal(err)
	}
	w := &served{binary: filepath.Join(b.TempDir(), "callroll"), config: filepath.Join(dir, "tls.yaml"), log: filepath.Join(dir, "requests.jsonl")}
	if out, err := exec.Command("go", "build", "-o", w.binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	server := exec.Command(w.binary, "sandbox", "serve", dir)
	var said bytes.Buffer
	server.Stderr = &said
	if err := server.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		_ = server.Wait()
	})
	for range 600 {
		if _, err := os.Stat(w.config); err == nil {
			time.Sleep(time.Second) // it stands in front of the socket by a moment
			return w
		}
		time.Sleep(100 * time.Millisecond)
	}
	b.Fatalf("the services do not come up: %s", said.String())
	return nil
}

func (w *served) callroll(b *testing.B) cost {
	return w.measure(b, exec.Command(w.binary, "diff", "--config", w.config))
}

func (w *served) floor(b *testing.B) cost {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), floorVariable+"="+w.config)
	return w.measure(b, cmd)
}

func (w *served) measure(b *testing.B, cmd *exec.Cmd) cost {
	b.Helper()
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	began := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	var c cost
	ended := make(chan error)
	go func() { ended <- cmd.Wait() }()
	for running := true; running; {
		select {
		case err := <-ended:
			if running = false; err != nil {
				b.Fatalf("%v: %s", err, out.String())
			}
		case <-time.After(10 * time.Millisecond):
			c.rss = max(c.rss, peak(cmd.Process.Pid))
		}
	}
	c.wall, c.cpu = time.Since(began), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
	log, err := os.ReadFile(w.log)
	if err != nil {
		b.Fatal(err)
	}
	total := bytes.Count(log, []byte("\n"))
	c.requests, w.requests = total-w.requests, total
	return c
}

// peak is the most memory that a process has had so far. What the kernel says in the end counts the process that started it.
func peak(pid int) int64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	var kib int64
	_, _ = fmt.Sscan(rest, &kib)
	return kib << 10
}

func (w *served) report(b *testing.B, prefix string, costs []cost) {
	b.ReportMetric(median(costs, func(c cost) float64 { return c.cpu.Seconds() }), prefix+"cpu-s")
	b.ReportMetric(median(costs, func(c cost) float64 { return c.wall.Seconds() }), prefix+"wall-s")
	b.ReportMetric(median(costs, func(c cost) float64 { return float64(c.rss) / (1 << 20) }), prefix+"peak-MiB")
	b.ReportMetric(median(costs, func(c cost) float64 { return float64(c.requests) }), prefix+"requests")
}

func median(costs []cost, of func(cost) float64) float64 {
	var values []float64
	for _, c := range costs {
		values = append(values, of(c))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// floorVariable names the configuration of the floor, which this test binary is when it is set.
const floorVariable = "CALLROLL_TEST_FLOOR"

// valueOf finds a setting of a section that stands on one line, as written here and by sandbox serve.
func valueOf(config, section, key string) string {
	_, rest, _ := strings.Cut(config, section+": {")
	line, _, _ := strings.Cut(rest, "\n")
	_, rest, _ = strings.Cut(line, key+": ")
	value, _, _ := strings.Cut(rest, ",")
	return strings.Trim(strings.TrimSuffix(value, "}"), "'")
}
