package jsonfile

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/callroll/callroll/pkg/internal/escape"
)

// Encode returns a value as every file of callroll stands on disk: indented, names as they are, a final newline.
func Encode(value any) ([]byte, error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(value); err != nil {
		return nil, fmt.Errorf("write JSON: %w", err)
	}
	return escape.JSON(buf.Bytes()), nil
}
