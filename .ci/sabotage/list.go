package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// lists is where the sabotages are. README.md there says how they are written.
const lists = "testdata/sabotage"

// sabotage is one change, and the tests that must notice it.
type sabotage struct {
	place  string // list:line
	name   string
	breaks string // the decision, or the line of the README
	file   string
	old    []string
	new    []string
	tests  []test
}

// readLists reads every list, and refuses what is not written as README.md there says.
func readLists() ([]sabotage, error) {
	paths, err := filepath.Glob(lists + "/*.txt")
	if err == nil && len(paths) == 0 {
		err = fmt.Errorf("there is no list in %s", lists)
	}
	var every []sabotage
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		for i, text := range strings.Split(string(data), "\n") {
			key, value, _ := strings.Cut(text, " ")
			if key == "=" {
				every = append(every, sabotage{place: fmt.Sprintf("%s:%d", filepath.Base(path), i+1), name: value})
			} else if key != "" && !strings.HasPrefix(key, "#") && (len(every) == 0 || !every[len(every)-1].take(key, value)) {
				return nil, fmt.Errorf("%s:%d: %q is no line of a sabotage", path, i+1, text)
			}
		}
	}
	for _, s := range every {
		if s.name == "" || s.breaks == "" || s.file == "" || len(s.tests) == 0 || len(s.old) == 0 {
			return nil, fmt.Errorf("%s: a sabotage needs a name, and lines that begin with breaks, file, test and -", s.place)
		}
	}
	return every, err
}

// take takes one line of a list; false if there is no such line.
func (s *sabotage) take(key, value string) bool {
	switch key {
	case "breaks":
		s.breaks = value
	case "file":
		s.file = value
	case "test":
		pkg, name, _ := strings.Cut(value, " ")
		s.tests = append(s.tests, test{pkg, name})
	case "-":
		s.old = append(s.old, value)
	case "+":
		s.new = append(s.new, value)
	default:
		return false
	}
	return true
}

// touched returns the sabotages of packages, and those of lists and stories, that were changed since a commit; all of them
// if that cannot be told.
func touched(ctx context.Context, every []sabotage, since string) []sabotage {
	out, err := exec.CommandContext(ctx, "git", "diff", "--name-only", "--no-renames", "--relative", since).Output()
	if err != nil {
		fmt.Printf("what was changed since %s cannot be told, so that everything is played\n", since)
		return every
	}
	changed := map[string]bool{}
	for _, path := range strings.Fields(string(out)) {
		changed[path] = true
		if strings.HasSuffix(path, ".go") {
			changed[filepath.Dir(path)] = true
		}
	}
	return slices.DeleteFunc(every, func(s sabotage) bool {
		list, _, _ := strings.Cut(s.place, ":")
		told := slices.ContainsFunc(s.tests, func(t test) bool {
			_, story, _ := strings.Cut(t.name, "TestScripts/")
			return changed["testdata/script/"+story+".txtar"]
		})
		return !changed[filepath.Dir(s.file)] && !changed[lists+"/"+list] && !told
	})
}

// overlay writes the changed file and the overlay that puts it in the place of the real one.
func (s sabotage) overlay(dir string) (string, error) {
	source, err := os.ReadFile(s.file)
	if err != nil {
		return "", err
	}
	old := strings.Join(s.old, "\n")
	if n := strings.Count(string(source), old); n != 1 {
		return "", fmt.Errorf("the text stands %d times in %s, and must stand there once", n, s.file)
	}
	changed, overlay := filepath.Join(dir, filepath.Base(s.file)), filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(changed, []byte(strings.Replace(string(source), old, strings.Join(s.new, "\n"), 1)), 0o600); err != nil {
		return "", err
	}
	real, err := filepath.Abs(s.file)
	if err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]map[string]string{"Replace": {real: changed}})
	if err != nil {
		return "", err
	}
	return overlay, os.WriteFile(overlay, data, 0o600)
}
