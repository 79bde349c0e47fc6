package main

import "golang.org/x/sys/unix"

// fileSystem is as on Linux. The kinds have names here (statfs(2)).
func fileSystem(dir string) (free uint64, shared string, ok bool) {
	var found unix.Statfs_t
	if err := unix.Statfs(dir, &found); err != nil {
		return 0, "", false
	}
	kinds := map[string]string{"nfs": "NFS", "smbfs": "SMB", "cifs": "CIFS", "afpfs": "AFP", "webdav": "WebDAV"}
	return found.Bavail * uint64(found.Bsize), kinds[unix.ByteSliceToString(found.Fstypename[:])], true
}
