package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// damage is a line that cannot be read, where no crash explains it.
type damage struct {
	place
	err error
}

func (d damage) Error() string { return fmt.Sprintf("%s, line %d: %v", d.Path, d.Number, d.err) }

// refuse ends a reading at the first line that is damaged.
func refuse(d damage) error { return fmt.Errorf("%w: %w", ErrBroken, d) }

// readFile takes a month in, from where another reading has ended. Of each damaged line damaged is told, and what it
// returns ends the reading.
func (h *History) readFile(dir string, from covered, damaged func(damage) error) error {
	path := filepath.Join(dir, from.Name)
	f, err := openFile(path, os.O_RDONLY, 0)
	if err != nil {
		return failed(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return failed(err)
	}
	// What is written from now on is not looked at: a line must not end where the file ended a moment ago.
	size := max(info.Size()-from.Size, 0)
	s := newScanner(io.NewSectionReader(f, from.Size, size))
	s.offset = from.Size
	h.read += size
	from.Lines, err = h.readLines(path, s, from.Lines, damaged)
	from.Size += size
	h.files = append(h.files, from)
	return err
}

// readLines takes the lines in, and returns the number of the last one. One that cannot be read is a crash if it is the
// last one or if the next one says so, and damage otherwise.
func (h *History) readLines(path string, s *scanner, number int, damaged func(damage) error) (int, error) {
	var broken *damage
	h.whole = true
	for {
		raw, err := s.next()
		switch {
		case errors.Is(err, io.EOF):
			if broken != nil {
				h.Notes = append(h.Notes, passedOver(*broken))
				h.whole = false
			}
			return number, nil
		case err != nil:
			return number, fmt.Errorf("journal %s, line %d: %w", path, number+1, err)
		}
		number++
		h.whole = raw.ended
		if raw.blank() {
			continue
		}
		at := place{Path: path, Offset: raw.offset, Size: raw.size, Number: number}
		l, err := raw.decode()
		cut := err == nil && l.Kind == kindCut
		if broken != nil && !cut {
			if err := damaged(*broken); err != nil {
				return number, err
			}
		}
		broken = nil
		switch {
		case cut:
		case errors.Is(err, ErrFormat):
			return number, fmt.Errorf("%s, line %d: %w", path, number, err)
		case err != nil:
			broken = &damage{at, err}
		default:
			if err := h.take(l, at); err != nil { // no crash writes such a line
				if err := damaged(damage{at, err}); err != nil {
					return number, err
				}
			}
		}
	}
}
