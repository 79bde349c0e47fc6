package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// scanner reads lines and limits the memory that a line may take.
type scanner struct {
	r      *bufio.Reader
	offset int64
	buf    []byte
}

// rawLine is the bytes of one line without its newline. text is valid until the next line is read.
type rawLine struct {
	text   []byte
	offset int64
	size   int  // in bytes, without the newline
	long   bool // longer than maxLine; then text is nil
	ended  bool // the line ends with a newline
}

// blank reports whether the line is empty or has only the spaces that Repair leaves.
func (r rawLine) blank() bool { return len(bytes.TrimSpace(r.text)) == 0 && !r.long }

func newScanner(r io.Reader) *scanner { return &scanner{r: bufio.NewReaderSize(r, 64<<10)} }

// next returns the next line, or io.EOF.
func (s *scanner) next() (rawLine, error) {
	s.buf = s.buf[:0]
	raw := rawLine{offset: s.offset}
	for {
		chunk, err := s.r.ReadSlice('\n')
		s.offset += int64(len(chunk))
		if raw.long = raw.long || len(s.buf)+len(chunk) > maxLine+1; !raw.long {
			s.buf = append(s.buf, chunk...)
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case errors.Is(err, io.EOF) && s.offset == raw.offset:
			return rawLine{}, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return rawLine{}, err
		}
		raw.size = int(s.offset - raw.offset)
		if bytes.HasSuffix(chunk, []byte("\n")) {
			raw.size--
			raw.ended = true
		}
		if !raw.long {
			raw.text = s.buf[:raw.size]
		}
		return raw, nil
	}
}

// decode reads the line.
func (r rawLine) decode() (line, error) {
	if r.long {
		return line{}, fmt.Errorf("it is longer than %d bytes", maxLine)
	}
	return decode(r.text)
}
