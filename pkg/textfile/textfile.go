// Package textfile reads text files as editors, shells and PowerShell write them. It limits the size of the text, and waits
// for a pipe only until its context ends.
package textfile

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	textunicode "golang.org/x/text/encoding/unicode"
)

var (
	// ErrFolder says that the path is a folder.
	ErrFolder = errors.New("it is a folder, not a file")
	// ErrEmpty says that the text is empty or only white space.
	ErrEmpty = errors.New("it is empty")
)

// content is the result of reading a file.
type content struct {
	data []byte
	info fs.FileInfo
	err  error
}

// Read returns the text of a file, decoded with [Decode], and the FileInfo of the file. A file of more than limit bytes, an
// empty file ([ErrEmpty]) and a folder ([ErrFolder]) are errors. Errors are of type *fs.PathError. If ctx ends, the error
// wraps its cause.
func Read(ctx context.Context, path string, limit int64) ([]byte, fs.FileInfo, error) {
	c := await(ctx, func() content { return readFile(ctx, path, limit) })
	if c.err != nil && !errors.As(c.err, new(*fs.PathError)) {
		c.err = &fs.PathError{Op: "read", Path: path, Err: c.err}
	}
	return c.data, c.info, c.err
}

// ReadFrom is like [Read] for a reader that is already open, such as standard input. Its errors have no path.
func ReadFrom(ctx context.Context, r io.Reader, limit int64) ([]byte, error) {
	c := await(ctx, func() content {
		data, err := readText(r, limit)
		return content{data: data, err: err}
	})
	return c.data, c.err
}

// await calls read and waits for it until ctx ends. Opening a pipe without a writer blocks and cannot be cancelled, so read
// may keep running after await returns.
func await(ctx context.Context, read func() content) content {
	done := make(chan content, 1)
	go func() { done <- read() }()
	select {
	case <-ctx.Done():
		return content{err: context.Cause(ctx)}
	case c := <-done:
		if c.err != nil && ctx.Err() != nil { // the read deadline has ended it
			c.err = context.Cause(ctx)
		}
		return c
	}
}

func readFile(ctx context.Context, path string, limit int64) content {
	f, err := os.Open(path)
	if err != nil {
		return content{err: err}
	}
	defer func() { _ = f.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = f.SetReadDeadline(time.Unix(1, 0)) }) // regular files have no deadline
	defer stop()
	info, err := f.Stat()
	if err != nil {
		return content{err: err}
	}
	if info.IsDir() {
		return content{err: ErrFolder}
	}
	data, err := readText(f, limit)
	return content{data, info, err}
}

func readText(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("it is larger than %d bytes; is it the right file?", limit)
	}
	if data, err = Decode(data); err != nil {
		return nil, err
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, ErrEmpty
	}
	return data, nil
}

// NotText returns the number of the first line that is not valid UTF-8 or contains a NUL character, or 0 if there is none.
func NotText(data []byte) int {
	for i, line := range bytes.Split(data, []byte("\n")) {
		if !utf8.Valid(line) || bytes.ContainsRune(line, 0) {
			return i + 1
		}
	}
	return 0
}

// mark is the byte order mark.
const mark = "\ufeff"

// Decode returns text in UTF-8 without a byte order mark. It decodes UTF-16 with a byte order mark, which PowerShell writes.
// UTF-32 and damaged UTF-16 are errors. Text without a mark is returned unchanged.
func Decode(data []byte) ([]byte, error) {
	order := textunicode.LittleEndian
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe\x00\x00")), bytes.HasPrefix(data, []byte("\x00\x00\xfe\xff")):
		return nil, errors.New("it is written in UTF-32; write it in UTF-8")
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		order = textunicode.BigEndian
	case !bytes.HasPrefix(data, []byte("\xff\xfe")):
		return withoutMark(data), nil
	}
	utf16 := textunicode.UTF16(order, textunicode.IgnoreBOM)
	text, err := utf16.NewDecoder().Bytes(data)
	if err != nil {
		return nil, err
	}
	// The decoder replaces invalid UTF-16 with another character, which would change a name. So compare with the input.
	again, err := utf16.NewEncoder().Bytes(text)
	if err != nil || !bytes.Equal(again, data) {
		return nil, errors.New("it is written in UTF-16, and it is cut or damaged")
	}
	return withoutMark(text), nil
}

// withoutMark removes all marks at the beginning: a program that does not recognize a mark adds a second one.
func withoutMark(text []byte) []byte {
	for bytes.HasPrefix(text, []byte(mark)) {
		text = text[len(mark):]
	}
	return text
}

// Trim removes white space, line breaks and byte order marks at both ends of a value that is alone in a file or a variable.
func Trim(text string) string {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || string(r) == mark })
}
