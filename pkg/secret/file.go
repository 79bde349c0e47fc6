package secret

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unicode/utf8"
)

// maxFile is far above any client secret; whoever names a larger file has named the wrong one.
const maxFile = 64 << 10

// patience is how long a pipe in place of a file may take.
const patience = 30 * time.Second

// ReadFile reads a secret from a file, without the one newline that editors and shells put at its end. Its errors name
// the file if there is one, and never what is in it. A file that everybody may write is refused. A link to it is followed,
// as Kubernetes mounts secrets like that.
func ReadFile(path string) (String, error) {
	f, err := open(path)
	if err != nil {
		return String{}, err
	}
	defer func() { _ = f.Close() }()
	if info, err := f.Stat(); err == nil && permits(info, 0o002) {
		return String{}, fmt.Errorf("everybody may write the secret file %s (%s), so that the secret may be anybody's: "+
			"chmod 600 takes that away", path, info.Mode())
	}
	_ = f.SetReadDeadline(time.Now().Add(patience)) // no regular file has one
	content, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return String{}, fmt.Errorf("reading the secret: %w", err)
	}
	if len(content) > maxFile {
		return String{}, fmt.Errorf("the secret file %s is larger than %d bytes; is it the right one?", path, maxFile)
	}
	if bytes.ContainsRune(content, 0) || !utf8.Valid(content) {
		return String{}, fmt.Errorf("the secret file %s is not plain text in UTF-8; PowerShell writes UTF-16 unless it is told otherwise", path)
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if strings.TrimSpace(text) == "" {
		return String{}, fmt.Errorf("the secret file %s is empty", path)
	}
	return New(text), nil
}

// open opens a file, and does not wait for the other end of a pipe. A path that leads to nothing may be the secret itself, put
// in the wrong place: it is not shown.
func open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err == nil {
		return f, nil
	}
	if _, missing := os.Lstat(path); missing == nil {
		return nil, fmt.Errorf("reading the secret: %w", err)
	}
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return nil, fmt.Errorf("reading the secret: %w (the value is not shown, because it may be the secret itself; it has to be "+
		"the path of a file that holds the secret)", err)
}

// EverybodyReads says whether everybody may read a file.
func EverybodyReads(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && permits(info, 0o004)
}

// permits looks at the permissions of others. Windows has none: Go makes them up there.
func permits(info fs.FileInfo, what fs.FileMode) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&what != 0
}
