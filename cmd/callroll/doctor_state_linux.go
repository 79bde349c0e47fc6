package main

import "golang.org/x/sys/unix"

// fileSystem returns how many bytes are free for this user on the file system of a folder, and its kind if other machines may
// share it (linux/magic.h). It returns false if that is not known.
func fileSystem(dir string) (free uint64, shared string, ok bool) {
	var found unix.Statfs_t
	if err := unix.Statfs(dir, &found); err != nil {
		return 0, "", false
	}
	kinds := map[int64]string{
		unix.NFS_SUPER_MAGIC: "NFS", unix.SMB_SUPER_MAGIC: "SMB", unix.CIFS_SUPER_MAGIC: "CIFS", unix.SMB2_SUPER_MAGIC: "SMB",
		unix.CEPH_SUPER_MAGIC: "Ceph", unix.V9FS_MAGIC: "9P", unix.AFS_SUPER_MAGIC: "AFS",
	}
	return found.Bavail * uint64(found.Bsize), kinds[found.Type], true
}
