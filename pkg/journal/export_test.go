package journal

import (
	"io/fs"
	"os"
)

// FillDisk lets whatever the journal writes from now on go into another file, such as /dev/full.
func (j *Journal) FillDisk(path string) {
	j.file = func(string, int, fs.FileMode) (*os.File, error) { return os.OpenFile(path, os.O_RDWR, 0) }
}

// Prove is what Open does to see whether it can write.
func (j *Journal) Prove() error {
	if err := j.prove(); err != nil {
		return unusable(j.dir, err)
	}
	return nil
}
