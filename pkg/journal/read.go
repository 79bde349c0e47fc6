package journal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// damage is a line that cannot be read and that no crash explains.
type damage struct {
	place
	err error
}

func (d damage) Error() string { return fmt.Sprintf("%s, line %d: %v", d.Path, d.Number, d.err) }

// refuse ends the reading at the first damaged line.
func refuse(d damage) error { return fmt.Errorf("%w: %w", ErrBroken, d) }

// readFile reads a file into h, from the end of an earlier reading on. It calls damaged for each damaged line; an error
// from damaged ends the reading.
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
	// Later appends are not read. Otherwise the file could end within a line that is just being written.
	size := max(info.Size()-from.Size, 0)
	s := newScanner(io.NewSectionReader(f, from.Size, size))
	s.offset = from.Size
	h.read += size
	from.Lines, err = h.readLines(path, s, from.Lines, damaged)
	from.Size += size
	h.files = append(h.files, from)
	return err
}

// readLines reads lines into h, and returns the number of the last one. A line that cannot be read is from a crash if it
// is the last one or if the next line says so; otherwise it is damaged.
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
			if err := h.take(l, at); err != nil { // a crash does not explain such a line
				if err := damaged(damage{at, err}); err != nil {
					return number, err
				}
			}
		}
	}
}
