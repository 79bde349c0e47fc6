//go:build linux || darwin

package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A new file is complete, belongs to its owner alone, and leaves nothing else behind, also on a file system without hard links.
func TestCreateFile(t *testing.T) {
	unsupported := func(string, string) error { return errors.ErrUnsupported }
	for name, link := range map[string]func(string, string) error{"links": os.Link, "no links": unsupported} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "callroll.yaml")
			do(t, absent(path))
			do(t, createBy(link, path, []byte("mine")))
			info, err := os.Lstat(path)
			do(t, err)
			if got := file(t, dir, "callroll.yaml"); got != "mine" || info.Mode() != 0o600 {
				t.Errorf("it has %q and %v", got, info.Mode())
			}
			err = createBy(link, path, []byte("other"))
			if err == nil || !strings.Contains(err.Error(), "exists already") || file(t, dir, "callroll.yaml") != "mine" {
				t.Errorf("the second time: %v, and it has %q", err, file(t, dir, "callroll.yaml"))
			}
			if left := leftovers(t, dir, "callroll.yaml"); len(left) > 0 {
				t.Errorf("there is %v besides", left)
			}
		})
	}
}

// What is in the way is never replaced or followed, and what cannot be made is said early.
func TestNewFileInTheWay(t *testing.T) {
	dir := t.TempDir()
	do(t, os.Symlink("nowhere", filepath.Join(dir, "link")))
	do(t, os.Mkdir(filepath.Join(dir, "folder"), 0o700))
	do(t, os.WriteFile(filepath.Join(dir, "file"), []byte("theirs"), 0o600))
	for _, name := range []string{"link", "folder", "file"} {
		path := filepath.Join(dir, name)
		for what, err := range map[string]error{"absent": absent(path), "createFile": createFile(path, []byte("mine"))} {
			if err == nil || !strings.Contains(err.Error(), "exists already") {
				t.Errorf("%s of a %s: %v", what, name, err)
			}
		}
	}
	if _, err := os.Lstat(filepath.Join(dir, "nowhere")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the link was followed: %v", err)
	}
	for _, name := range []string{"file/below", "none/below"} {
		if err := absent(filepath.Join(dir, name)); err == nil {
			t.Errorf("absent(%q) says nothing", name)
		}
	}
}
