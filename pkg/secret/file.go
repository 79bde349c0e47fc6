package secret

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

// maxFile is far above any client secret; whoever names a larger file has named the wrong one.
const maxFile = 64 << 10

// ReadFile reads a secret from a file, without the one newline that editors and shells put at its end. Its errors name
// the file and never what is in it.
func ReadFile(path string) (String, error) {
	f, err := os.Open(path)
	if err != nil {
		return String{}, fmt.Errorf("reading the secret: %w", err)
	}
	defer func() { _ = f.Close() }()
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
