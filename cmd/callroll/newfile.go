package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// absent returns an error if there is something at path, or if no file can be made there.
func absent(path string) error {
	switch _, err := os.Lstat(path); {
	case err == nil:
		return existsError(path)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	probe, err := os.CreateTemp(filepath.Dir(path), ".callroll.*")
	if err != nil {
		return fmt.Errorf("cannot write into the folder of %s: %w", path, errors.Unwrap(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

func existsError(path string) error {
	return &hintedError{
		fmt.Errorf("%s exists already, and is never replaced", path),
		"name another file with --config, or move this one away",
	}
}

// createFile makes a file that only its owner can read. It never replaces a file, and the file is complete once it is there.
func createFile(path string, data []byte) error { return createBy(os.Link, path, data) }

// createBy is createFile with the call that gives a second name to a file. Where a file system has no such call, the file is made
// in its place, and a process that is killed may leave a part of it.
func createBy(link func(from, to string) error, path string, data []byte) error {
	temp, err := os.CreateTemp(filepath.Dir(path), ".callroll.*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name())
	if err := fill(temp, data); err != nil {
		return err
	}
	if err = link(temp.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		err = createInPlace(path, data)
	}
	if errors.Is(err, fs.ErrExist) {
		return existsError(path)
	}
	return err
}

func createInPlace(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := fill(f, data); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

// fill writes data to a new file and closes it.
func fill(f *os.File, data []byte) error {
	_, err := f.Write(data)
	return errors.Join(err, f.Sync(), f.Close())
}
