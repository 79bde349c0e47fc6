package journal

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// add appends lines to the last file in the order of writing, or to a new one. The lines may depend on the name of the
// file. With sync the lines are on the disk when add returns. Without sync a power cut may lose them; then the next run
// reads the groups to find out the results.
func (j *Journal) add(sync bool, lines func(file string) []line) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	now := time.Now()
	files, err := months(j.dir, now, j.numbers)
	if err != nil {
		return failed(err)
	}
	name, number := target(files, now, j.options.Clock())
	all := lines(name)
	if number > 0 {
		all = append([]line{{Kind: kindFile, Number: number}}, all...)
	}
	var data []byte
	for _, l := range all {
		if l.Time.IsZero() {
			l.Time = now
		}
		text, err := l.encode()
		if err != nil {
			return failed(err)
		}
		data = append(data, text...)
	}
	if err := j.write(name, data, sync); err != nil {
		return failed(err)
	}
	return nil
}

// write appends data to a file with one write call.
func (j *Journal) write(name string, data []byte, sync bool) error {
	f, err := j.open(name)
	if err != nil {
		return err
	}
	whole, err := endsWhole(f)
	if err == nil && !whole { // another process or a full disk has left a part of a line since Open
		var mark []byte
		if mark, err = cutMark(); err == nil {
			data = append(mark, data...)
		}
	}
	if err == nil {
		_, err = f.Write(data)
	}
	if err == nil && sync {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// open opens the file of a month for appending. A new file is on the disk when open returns.
func (j *Journal) open(name string) (*os.File, error) {
	const appending = os.O_RDWR | os.O_APPEND
	path := filepath.Join(j.dir, name)
	f, err := j.file(path, appending, 0)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	// Another process may create the file at the same moment. That does no harm.
	if f, err = j.file(path, appending|os.O_CREATE, fileMode); err != nil {
		return nil, err
	}
	if err := syncDir(j.dir); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// endsWhole reports whether a file ends with a newline or is empty.
func endsWhole(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 {
		return true, err
	}
	last := make([]byte, 1)
	if _, err := f.ReadAt(last, info.Size()-1); err != nil {
		return false, err
	}
	return last[0] == '\n', nil
}

// cutMark returns the bytes that end an incomplete line and say in the next line that it is incomplete. By that line a
// reader distinguishes a crash from damage. After a complete line it does no harm.
func cutMark() ([]byte, error) {
	data, err := line{Kind: kindCut, Time: time.Now()}.encode()
	return append([]byte{'\n'}, data...), err
}

// heal appends a cutMark if the last line of a file is incomplete or unreadable, and adds a note once. From then on
// readers ignore that line. Nothing is removed.
func (j *Journal) heal(name string) error {
	f, err := j.open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	broken, err := brokenEnd(f)
	if err != nil || broken == nil {
		return err
	}
	j.notes = append(j.notes, passedOver(broken))
	mark, err := cutMark()
	if err != nil {
		return err
	}
	if _, err := f.Write(mark); err != nil {
		return err
	}
	return f.Sync()
}

// brokenEnd returns what is wrong with the last line of a file that is not blank; nil if it can be read.
func brokenEnd(f *os.File) (broken, err error) {
	s := newScanner(f)
	var last rawLine
	at := 0
	for number := 1; ; number++ {
		raw, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			if _, err := last.decode(); at > 0 && err != nil && !errors.Is(err, ErrFormat) {
				return fmt.Errorf("%s, line %d: %w", f.Name(), at, err), nil
			}
			return nil, nil
		case err != nil:
			return nil, err
		case !raw.blank():
			raw.text = append(last.text[:0], raw.text...)
			last, at = raw, number
		}
	}
}

func passedOver(broken error) string {
	return fmt.Sprintf("%v (after a crash or on a full disk; callroll ignores this line)", broken)
}
