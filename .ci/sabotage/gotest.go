package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// test is a test of a package, perhaps with the names of subtests after slashes.
type test struct{ pkg, name string }

func (t test) String() string { return t.pkg + " " + t.name }

// result is how tests ended: pass, fail or skip, or why that is not known of any.
type result struct {
	actions map[test]string
	broken  string
}

// goTest runs tests, and nothing else of their packages.
func goTest(ctx context.Context, tests []test, flags ...string) result {
	var packages, names []string
	for _, t := range tests {
		packages = append(packages, "./"+t.pkg)
		var elements []string
		for element := range strings.SplitSeq(t.name, "/") {
			elements = append(elements, "^"+regexp.QuoteMeta(element)+"$")
		}
		names = append(names, strings.Join(elements, "/"))
	}
	slices.Sort(packages)
	slices.Sort(names)
	run := strings.Join(slices.Compact(names), "|")
	args := append([]string{"test", "-json", "-count=1", "-vet=off", "-timeout=3m", "-run", run}, flags...)
	command := exec.CommandContext(ctx, "go", append(args, slices.Compact(packages)...)...)
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.Output()
	r := result{actions: map[test]string{}}
	var built strings.Builder
	events := json.NewDecoder(bytes.NewReader(out))
	for events.More() {
		var e struct{ Action, Package, Test, Output string }
		if err := events.Decode(&e); err != nil {
			return result{broken: fmt.Sprintf("what go test says cannot be read: %v", err)}
		}
		switch {
		case e.Action == "build-output":
			built.WriteString(e.Output)
		case e.Action == "build-fail":
			r.broken = "it does not build: " + strings.TrimSpace(built.String())
		case strings.HasPrefix(e.Output, "panic: test timed out"):
			r.broken = "its tests come to no end"
		case e.Action == "pass" || e.Action == "fail" || e.Action == "skip":
			for _, t := range tests {
				if e.Test == t.name && strings.HasSuffix(e.Package, "/"+t.pkg) {
					r.actions[t] = e.Action
				}
			}
		}
	}
	if r.broken == "" && err != nil && len(r.actions) == 0 {
		r.broken = fmt.Sprintf("go test: %v: %s", err, strings.TrimSpace(complaints.String()))
	}
	return r
}
