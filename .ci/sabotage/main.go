// Sabotage plays the lists in testdata/sabotage: each sabotage is one small change to callroll, and the tests that it names must
// fail because of it. The working tree is not touched: the go command is given the changed file as an overlay.
//
// A sabotage that no longer fits its file, that does not build, or that a named test does not notice is a failure.
package main

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
)

func main() {
	all := flag.Bool("all", false, "play everything")
	since := flag.String("since", "HEAD^", "play what concerns the packages that were touched since this commit")
	match := flag.String("run", "", "play those whose name or place this regular expression matches")
	atOnce := flag.Int("p", 2, "how many are played at the same time")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := play(ctx, *all, *since, *match, *atOnce); err != nil {
		fmt.Fprintln(os.Stderr, "sabotage:", err)
		os.Exit(1)
	}
}

func play(ctx context.Context, all bool, since, match string, atOnce int) error {
	wanted, err := regexp.Compile(match)
	if err != nil {
		return err
	}
	if err := toRoot(ctx); err != nil {
		return err
	}
	every, err := readLists()
	if err != nil {
		return err
	}
	chosen := every
	switch {
	case match != "":
		chosen = slices.DeleteFunc(every, func(s sabotage) bool { return !wanted.MatchString(s.place + " " + s.name) })
	case !all:
		chosen = touched(ctx, every, since)
	}
	if err := mustPass(ctx, chosen); err != nil {
		return err
	}
	failed := playAll(ctx, chosen, max(atOnce, 1))
	fmt.Printf("%d passed, %d failed\n", len(chosen)-failed, failed)
	if failed > 0 {
		return fmt.Errorf("%d of %d sabotages were not noticed, or could not be played", failed, len(chosen))
	}
	return ctx.Err()
}

// toRoot goes to the root of the module.
func toRoot(ctx context.Context) error {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("go env GOMOD: %w", err)
	}
	return os.Chdir(filepath.Dir(strings.TrimSpace(string(out))))
}

// mustPass runs all named tests once as they are.
func mustPass(ctx context.Context, chosen []sabotage) error {
	var tests []test
	for _, s := range chosen {
		tests = append(tests, s.tests...)
	}
	if len(tests) == 0 {
		return nil
	}
	r := goTest(ctx, tests)
	if r.broken != "" {
		return fmt.Errorf("without a sabotage: %s", r.broken)
	}
	for _, t := range tests {
		if action := r.actions[t]; action != "pass" {
			ends := map[string]string{"fail": "fails", "skip": "is skipped"}
			return fmt.Errorf("without a sabotage %s must pass, and it %s", t, cmp.Or(ends[action], "does not run"))
		}
	}
	return nil
}

// playAll plays sabotages, several at the same time, says how each ended, and returns how many failed.
func playAll(ctx context.Context, chosen []sabotage, atOnce int) int {
	var workers sync.WaitGroup
	var mu sync.Mutex
	failed := 0
	turns := make(chan struct{}, atOnce)
	for _, s := range chosen {
		turns <- struct{}{}
		workers.Go(func() {
			defer func() { <-turns }()
			why := s.play(ctx)
			mu.Lock()
			defer mu.Unlock()
			if why == "" {
				fmt.Printf("ok    %s: %s\n", s.place, s.name)
				return
			}
			failed++
			fmt.Printf("FAIL  %s: %s: %s\n", s.place, s.name, why)
		})
	}
	workers.Wait()
	return failed
}

// play makes the change in an overlay, and says what is wrong if not every test notices it.
func (s sabotage) play(ctx context.Context) string {
	dir, err := os.MkdirTemp("", "sabotage")
	if err != nil {
		return err.Error()
	}
	defer os.RemoveAll(dir)
	overlay, err := s.overlay(dir)
	if err != nil {
		return err.Error()
	}
	r := goTest(ctx, s.tests, "-overlay", overlay)
	if r.broken != "" {
		return r.broken
	}
	var wrong []string
	for _, t := range s.tests {
		switch r.actions[t] {
		case "fail":
		case "":
			wrong = append(wrong, fmt.Sprintf("%s comes to no verdict", t))
		default:
			wrong = append(wrong, fmt.Sprintf("it survives %s", t))
		}
	}
	return strings.Join(wrong, ", ")
}
