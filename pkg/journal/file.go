package journal

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// unsafeError says that other users may be able to change what is in the state folder.
type unsafeError struct{ text string }

func (e *unsafeError) Error() string { return e.text }

func notSafe(format string, args ...any) error { return &unsafeError{fmt.Sprintf(format, args...)} }

// readPart returns at most limit bytes of a file of the state folder, from an offset on.
func readPart(path string, offset, limit int64) ([]byte, error) {
	f, err := openFile(path, os.O_RDONLY, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, offset, limit))
}

// openFile opens a file of the state folder. It refuses a link, a pipe and a device, and it does not block: without
// O_NONBLOCK, opening a pipe blocks until another process opens its other end.
func openFile(path string, flag int, perm fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flag|noFollow, perm)
	if err != nil {
		if info, lerr := os.Lstat(path); lerr == nil && !info.Mode().IsRegular() {
			return nil, notRegular(path, info.Mode())
		}
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = notRegular(path, info.Mode())
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// checkDir refuses a folder that everybody may write to, and one with an entry that is not a regular file. A sticky bit
// is not enough, because other users can still create a file first. A folder that its group may write to is accepted,
// because Kubernetes mounts volumes for a group (fsGroup).
func checkDir(dir string) error {
	info, err := os.Stat(dir)
	if err != nil {
		return err
	}
	if everybodyWrites(info) {
		return notSafe("everybody may write there (%s); take that away with chmod o-w, or name a folder below it, which callroll "+
			"makes for its own user", info.Mode())
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := checkEntry(dir, e); err != nil {
			return err
		}
	}
	return nil
}

// checkEntry checks one entry. It accepts folders with names that callroll does not use, such as lost+found of a volume.
func checkEntry(dir string, e fs.DirEntry) error {
	path := filepath.Join(dir, e.Name())
	switch {
	case e.IsDir() && !ours(e.Name()):
		return nil
	case !e.Type().IsRegular():
		return notRegular(path, e.Type())
	case !ours(e.Name()):
		return nil
	}
	info, err := e.Info()
	switch {
	case errors.Is(err, fs.ErrNotExist): // another run has removed it since
		return nil
	case err != nil:
		return err
	case everybodyWrites(info):
		return notSafe("everybody may write %s (%s); look what is in it, and take that away with chmod o-w", path, info.Mode())
	}
	return nil
}

// ours reports whether callroll uses a name in the state folder.
func ours(name string) bool {
	if strings.HasPrefix(name, lockPrefix) || strings.HasPrefix(name, checkpointFile) ||
		strings.HasPrefix(name, pageSizesFile) || strings.HasPrefix(name, probeFile) || strings.HasPrefix(name, unfinishedFile) || name == trialFile {
		return true
	}
	stem, _, _ := strings.Cut(name, ".")
	_, ok := parseMonth(stem + suffix)
	return ok
}

// everybodyWrites reports whether all users may write. It is false on Windows, where Go invents the permission bits.
func everybodyWrites(info fs.FileInfo) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&0o002 != 0
}

func notRegular(path string, mode fs.FileMode) error {
	kinds := map[fs.FileMode]string{
		fs.ModeSymlink: "a link", fs.ModeDir: "a folder", fs.ModeNamedPipe: "a pipe", fs.ModeSocket: "a socket",
	}
	what := cmp.Or(kinds[mode.Type()], "a device")
	return notSafe("%s is %s and not a regular file; find out who made it, and remove it", path, what)
}

// None is the configured folder that means: no journal.
const None = "none"

// Dir returns the absolute path of the state folder: the configured one, or else the first of $STATE_DIRECTORY (which
// systemd sets), or else callroll in the user's folder for state ($XDG_STATE_HOME, ~/.local/state, or %LOCALAPPDATA% on
// Windows), or else /var/lib/callroll. It is empty if configured is [None]. Dir does not access the disk. The error is
// [ErrUnusable].
func Dir(configured string, env map[string]string) (string, error) {
	switch {
	case configured == None:
		return "", nil
	case configured != "":
		return absolute("state_dir", configured)
	case env["STATE_DIRECTORY"] != "":
		first, _, _ := strings.Cut(env["STATE_DIRECTORY"], string(filepath.ListSeparator))
		return absolute("STATE_DIRECTORY", first)
	case filepath.IsAbs(env["XDG_STATE_HOME"]): // the XDG Base Directory Specification: ignore relative paths
		return filepath.Join(env["XDG_STATE_HOME"], "callroll"), nil
	case env["HOME"] != "":
		home, err := absolute("HOME", env["HOME"])
		return filepath.Join(home, ".local", "state", "callroll"), err
	case runtime.GOOS == "windows" && env["LOCALAPPDATA"] != "":
		return absolute("LOCALAPPDATA", filepath.Join(env["LOCALAPPDATA"], "callroll"))
	case runtime.GOOS == "windows":
		return "", fmt.Errorf("%w: there is none: set state_dir to a folder, or to %s", ErrUnusable, None)
	}
	return "/var/lib/callroll", nil
}

// absolute returns an error for a relative path. Such a path would depend on the working directory, and two runs could
// use different folders and not see the lock of each other.
func absolute(key, path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%w: %s is %q, and must be an absolute path (or %s in state_dir)", ErrUnusable, key, path, None)
	}
	return filepath.Clean(path), nil
}

// replace replaces the content of a file of the folder atomically. The file is not synced and may be lost in a power
// cut.
func (j *Journal) replace(name string, data []byte) error {
	return j.replaceBy(name, func(f *os.File) error {
		_, err := f.Write(data)
		return err
	})
}

// replaceBy is replace with what write writes.
func (j *Journal) replaceBy(name string, write func(*os.File) error) error {
	path := filepath.Join(j.dir, name)
	f, err := j.file(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, fileMode)
	if err != nil {
		return err
	}
	if err = errors.Join(write(f), f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
