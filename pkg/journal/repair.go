package journal

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Repaired is a damaged line that Repair has moved to another file.
type Repaired struct {
	Path  string // file of the month
	Line  int    // number, from 1
	Aside string // file that has the line now
}

// Repair moves every damaged line to another file, so that the journal can be read again. The line is appended to a file
// next to its month. When it is on the disk there, it is overwritten with spaces in the month. No other byte of the
// month changes or moves, and lines that another process appends at the same time are safe. Repair returns the lines
// that it has moved, also with an error. After a crash, call it again.
func (j *Journal) Repair() ([]Repaired, error) {
	now := time.Now()
	files, err := months(j.dir, now, map[string]int{})
	if err != nil {
		return nil, failed(err)
	}
	var done []Repaired
	h := newHistory(now)
	for _, m := range files {
		path := filepath.Join(j.dir, m.name)
		err := h.readFile(j.dir, covered{Name: m.name}, func(d damage) error {
			aside := path + damagedSuffix
			if err := putAside(d.place, aside); err != nil {
				return failed(err)
			}
			done = append(done, Repaired{Path: path, Line: d.Number, Aside: aside})
			return nil
		})
		if err != nil {
			return done, err
		}
	}
	return done, nil
}

// putAside moves the bytes of one line to another file.
func putAside(p place, aside string) error {
	f, err := openFile(p.Path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := keep(io.NewSectionReader(f, p.Offset, int64(p.Size)), aside); err != nil {
		return err
	}
	blank := bytes.Repeat([]byte(" "), maxLine/2)
	blank[len(blank)-1] = '\n' // so that no line of spaces is longer than maxLine
	for at, left := p.Offset, p.Size; left > 0; {
		n, err := f.WriteAt(blank[:min(left, len(blank))], at)
		if err != nil {
			return err
		}
		at, left = at+int64(n), left-n
	}
	return f.Sync()
}

// keep appends a line to a file. The line is on the disk when keep returns.
func keep(text *io.SectionReader, path string) error {
	f, err := openFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, text)
	if err == nil && n != text.Size() {
		err = fmt.Errorf("only %d of the line's %d bytes can be read", n, text.Size())
	}
	if err == nil {
		_, err = f.WriteString("\n")
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}
