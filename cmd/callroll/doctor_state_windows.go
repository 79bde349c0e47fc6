package main

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// writableDir returns nil: the rights of a folder on Windows are lists, which only a write can try.
func writableDir(string) error { return nil }

// ownerOf knows no owner: the users of Windows have no numbers.
func ownerOf(string) (owner, user int, ok bool) { return 0, 0, false }

// fileSystem returns how many bytes are free for this user on the drive of a folder, and its kind if other machines may share it.
// It returns false if that is not known.
func fileSystem(dir string) (free uint64, shared string, ok bool) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return 0, "", false
	}
	folder, folderErr := windows.UTF16PtrFromString(dir)
	drive, driveErr := windows.UTF16PtrFromString(filepath.VolumeName(dir) + `\`)
	if folderErr != nil || driveErr != nil || windows.GetDiskFreeSpaceEx(folder, &free, nil, nil) != nil {
		return 0, "", false
	}
	if windows.GetDriveType(drive) == windows.DRIVE_REMOTE {
		shared = "a drive of the network"
	}
	return free, shared, true
}
