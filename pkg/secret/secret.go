// Package secret holds a string that cannot print itself, and knows the one file it may be read from; it refuses to
// show what it holds to fmt, encoding/json, encoding and log/slog alike.
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

// String is a password or a token. Only Reveal gives it away; whatever prints or encodes it shows a placeholder. The
// zero value is no secret at all.
type String struct {
	// A pointer, because fmt walks into unexported fields of a struct around it without asking Format, and then
	// prints an address.
	value *string
}

const placeholder = "[secret]"

// New wraps value.
func New(value string) String { return String{&value} }

// Reveal returns what is wrapped. Call it where the secret goes on the wire, and nowhere else.
func (s String) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero says whether there is nothing to hide.
func (s String) IsZero() bool { return s.Reveal() == "" }

// String returns a placeholder.
func (s String) String() string { return placeholder }

// Format writes a placeholder, whatever the verb and the flags.
func (s String) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, placeholder) }

// MarshalText returns a placeholder; encoding/json uses it too.
func (s String) MarshalText() ([]byte, error) { return []byte(placeholder), nil }

// LogValue returns a placeholder.
func (s String) LogValue() slog.Value { return slog.StringValue(placeholder) }

// maxFile is far above any client secret; whoever names a larger file has named the wrong one.
const maxFile = 64 << 10

// ReadFile reads a secret from a file, without the white space, new lines and byte order mark around it. Its errors name
// the file if there is one, and never what is in it. A file that everybody may write is refused. A link to it is followed,
// as Kubernetes mounts secrets like that. A pipe is waited for as long as the context says.
func ReadFile(ctx context.Context, path string) (String, error) {
	content, info, err := textfile.Read(ctx, path, maxFile)
	if err != nil {
		return String{}, readError(path, err)
	}
	if permits(info, 0o002) {
		return String{}, &writableError{fmt.Sprintf("everybody may write the secret file %s (%s), so that the secret may be anybody's",
			path, info.Mode())}
	}
	if textfile.NotText(content) > 0 {
		return String{}, fmt.Errorf("the secret file %s is not plain text; "+
			"write it in UTF-8, or in UTF-16 with a byte order mark", path)
	}
	return New(textfile.Trim(string(content))), nil
}

// ChmodHint says how to keep the file of a secret to its owner.
const ChmodHint = "change the permissions of the file with chmod 600"

// writableError says that everybody may write the file of a secret.
type writableError struct{ text string }

func (e *writableError) Error() string { return e.text }

// Hint says what to do about it.
func (e *writableError) Hint() string {
	return ChmodHint + ", and check that it holds the right secret"
}

// readError says what was tried. A path that leads to nothing may be the secret itself, put in the wrong place: it is not
// shown.
func readError(path string, err error) error {
	if _, missing := os.Lstat(path); missing == nil {
		return fmt.Errorf("cannot read the secret: %w", err)
	}
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	return fmt.Errorf("cannot read the secret: %w (the value is not shown, because it may be the secret itself; it must be "+
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
