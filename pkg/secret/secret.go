// Package secret holds passwords and tokens in a [String], which fmt, encoding/json, encoding and log/slog print only as a
// placeholder. It reads a secret from a file with [ReadFile], and finds texts that may be secrets in the wrong place with
// [Looks].
package secret

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"runtime"

	"github.com/callroll/callroll/pkg/textfile"
)

// String is a password or a token. Only [String.Reveal] returns its value; everything that prints or encodes a String gets a
// placeholder. The zero value holds no secret.
type String struct {
	// A pointer, because fmt prints unexported fields of an outer struct without calling Format. For a pointer it prints only
	// the address.
	value *string
}

const placeholder = "[secret]"

// New returns a String that holds value.
func New(value string) String { return String{&value} }

// Reveal returns the secret. Call it only where the secret is sent to a service.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether s holds no secret.
func (s String) IsZero() bool { return s.Reveal() == "" }

// String implements fmt.Stringer. It returns a placeholder.
func (s String) String() string { return placeholder }

// Format implements fmt.Formatter. It writes a placeholder for every verb and flag.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, placeholder) }

// MarshalText implements encoding.TextMarshaler, which encoding/json uses too. It returns a placeholder.
func (s String) MarshalText() ([]byte, error) { return []byte(placeholder), nil }

// LogValue implements slog.LogValuer. It returns a placeholder.
func (s String) LogValue() slog.Value { return slog.StringValue(placeholder) }

// maxFile is the maximum size of a secret file in bytes. A larger file is certainly the wrong one.
const maxFile = 64 << 10

// ReadFile reads a secret from a file. It removes white space, line breaks and byte order marks at both ends. A file that all
// users may write is an error. Links are followed, because Kubernetes mounts secrets as links. If path is a pipe, ReadFile
// waits for it until ctx ends. Errors contain the path if it exists, and never the content of the file.
func ReadFile(ctx context.Context, path string) (String, error) {
	content, err := ReadData(ctx, path)
	if err != nil {
		return String{}, err
	}
	if textfile.NotText(content) > 0 {
		return String{}, fmt.Errorf("the secret file %s is not plain text; "+
			"write it in UTF-8, or in UTF-16 with a byte order mark", path)
	}
	return New(textfile.Trim(string(content))), nil
}

// ReadData reads a file that contains a secret and need not be text, such as a certificate with its key. Otherwise it is like
// [ReadFile], and returns the content unchanged.
func ReadData(ctx context.Context, path string) ([]byte, error) {
	content, info, err := textfile.Read(ctx, path, maxFile)
	if err != nil {
		return nil, readError(path, err)
	}
	if permits(info, 0o002) {
		return nil, &writableError{fmt.Sprintf("everybody may write the secret file %s (%s), so that the secret may be anybody's",
			path, info.Mode())}
	}
	return content, nil
}

// ChmodHint says how to restrict a secret file to its owner.
const ChmodHint = "change the permissions of the file with chmod 600"

// writableError says that all users may write a secret file.
type writableError struct{ text string }

func (e *writableError) Error() string { return e.text }

// Hint says what to do about the error.
func (e *writableError) Hint() string {
	return ChmodHint + ", and check that it holds the right secret"
}

// readError returns the error of a file that cannot be read. It does not show a path that does not exist, because it may be
// the secret itself, in the wrong place.
func readError(path string, err error) error {
	if _, missing := os.Lstat(path); missing == nil {
		return fmt.Errorf("cannot read the secret: %w", err)
	}
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err
	}
	return fmt.Errorf("cannot read the secret: %w (the value is not shown, because it may be the secret itself; it must be "+
		"the path of a file that holds the secret)", err)
}

// EverybodyReads reports whether all users may read a file.
func EverybodyReads(path string) bool { return everybodyMay(path, 0o004) }

// EverybodyWrites reports whether all users may write a file.
func EverybodyWrites(path string) bool { return everybodyMay(path, 0o002) }

func everybodyMay(path string, what fs.FileMode) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && permits(info, what)
}

// permits reports whether other users have a permission. It is false on Windows, where Go does not know the permissions.
func permits(info fs.FileInfo, what fs.FileMode) bool {
	return runtime.GOOS != "windows" && info.Mode().Perm()&what != 0
}
