//go:build unix

package main

import "golang.org/x/sys/unix"

// writableDir returns an error if this user cannot write to a folder, or its disk can only be read.
func writableDir(dir string) error {
	if err := unix.Access(dir, unix.W_OK|unix.X_OK); err != nil {
		return unwritable(dir, err)
	}
	return nil
}
