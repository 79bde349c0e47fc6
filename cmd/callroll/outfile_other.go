//go:build !linux && !darwin

package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// outFile is the file that -o names. On these systems Go does not know the owners of files.
type outFile struct {
	path   string
	stream bool // a device or a pipe, which is not replaced
}

func findOutFile(path string) (*outFile, error) {
	o := &outFile{path: path}
	if info, err := os.Stat(path); err == nil {
		if info.IsDir() {
			return nil, fmt.Errorf("%s is a folder", path)
		}
		o.stream = !info.Mode().IsRegular()
	}
	if target, err := filepath.EvalSymlinks(path); err == nil && !o.stream {
		o.path = target
	}
	return o, nil
}

func (o *outFile) close() {}

// check returns an error if write would fail.
func (o *outFile) check() error {
	if o.stream {
		return nil
	}
	probe, err := os.CreateTemp(filepath.Dir(o.path), ".callroll.*")
	if err != nil {
		return fmt.Errorf("cannot write into the folder of %s: %w", o.path, errors.Unwrap(err))
	}
	return errors.Join(probe.Close(), os.Remove(probe.Name()))
}

// write replaces the file with what the function writes, by a rename. A device or a pipe is written to.
func (o *outFile) write(write func(io.Writer) error) error {
	if o.stream {
		return overwrite(o.path, write)
	}
	temp, err := os.CreateTemp(filepath.Dir(o.path), ".callroll.*")
	if err != nil {
		return err
	}
	defer os.Remove(temp.Name()) // fails after the rename, as it should
	err = write(temp)
	if err = errors.Join(err, temp.Sync(), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), o.path)
}
