//go:build ignore

// Incidents reads the events of "go test -json" and shows what a reader of "go test" would see. It fails if a test has
// failed, and if a test that testdata/INCIDENTS.md names was skipped or did not run.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
)

type event struct{ Action, Package, Test, Output string }

func main() {
	passed, output, failed := map[string]bool{}, map[string]string{}, false
	events := json.NewDecoder(bufio.NewReader(os.Stdin))
	for {
		var e event
		if err := events.Decode(&e); err == io.EOF {
			break
		} else if err != nil {
			fmt.Fprintln(os.Stderr, "incidents:", err)
			os.Exit(1)
		}
		test := e.Package + " " + e.Test
		switch {
		case e.Action == "output" && e.Test == "":
			fmt.Print(e.Output)
		case e.Action == "output":
			output[test] += e.Output
		case e.Action == "pass":
			passed[e.Test] = true
		case e.Action == "fail" || e.Action == "build-fail":
			failed = true
			fmt.Print(output[test])
		}
	}
	table, err := os.ReadFile("testdata/INCIDENTS.md")
	if err != nil {
		fmt.Fprintln(os.Stderr, "incidents:", err)
		os.Exit(1)
	}
	rows := regexp.MustCompile(`(?m)^\| (\d+) \|.*\| ([^|]+) \|$`).FindAllStringSubmatch(string(table), -1)
	for _, row := range rows {
		for _, name := range strings.Fields(row[2]) {
			if !passed[name] {
				failed = true
				fmt.Fprintf(os.Stderr, "incidents: story %s names %s, which did not run or did not pass\n", row[1], name)
			}
		}
	}
	fmt.Printf("%d stories of testdata/INCIDENTS.md are covered\n", len(rows))
	if failed || len(rows) == 0 {
		os.Exit(1)
	}
}
