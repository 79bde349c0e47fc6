package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/textfile"
)

// maxFile is the maximum size of the file in bytes, far more than the groups of one run need.
const maxFile = 16 << 20

// read reads a file into the Config, and adds its mistakes to f.wrong. It returns an error only if nothing could be read.
func (f *file) read(ctx context.Context, path string) error {
	data, _, err := textfile.Read(ctx, path, maxFile)
	if err != nil {
		return &Error{Place: path, Err: fmt.Errorf("the configuration cannot be read: %w", reason(err))}
	}
	return f.parse(path, data)
}

// parse reads the text of a file like read.
func (f *file) parse(path string, data []byte) error {
	if line := textfile.NotText(data); line > 0 {
		return &Error{Place: fmt.Sprintf("%s:%d", path, line), Err: errors.New("a character is not in UTF-8; save the file as UTF-8")}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF): // only comments
		return nil
	case err != nil && unknownAnchor(err) != "":
		var ok bool
		if doc, ok = decodeWithout(data, unknownAnchor(err)); !ok {
			return syntaxError(path, err)
		}
		f.missingAnchors(doc.Content[0], "", f.settings)
	case err != nil:
		return syntaxError(path, err)
	default:
		f.another(dec)
	}
	f.secrets(&doc)
	f.walk(resolve(doc.Content[0]), "")
	return nil
}

// secrets records the values of a tree that may be secrets in the wrong place.
func (f *file) secrets(n *yaml.Node) {
	if n.Kind == yaml.ScalarNode {
		f.config.places.mayBeSecret(n.Value)
	}
	for _, child := range n.Content {
		f.secrets(child)
	}
}

// another reports a second YAML document in the file, because it would be ignored.
func (f *file) another(dec *yaml.Decoder) {
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
	case err != nil:
		f.wrong = append(f.wrong, syntaxError(f.config.places.file, err))
	default:
		f.mistake("", &doc, errors.New("a configuration is one YAML document, and here another one begins"))
	}
}

// reason removes the path from a file error, because the place already contains it.
func reason(err error) error {
	if pathError, ok := errors.AsType[*os.PathError](err); ok {
		return pathError.Err
	}
	return err
}

func syntaxError(path string, err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if unknownAnchor(err) != "" {
		message = errMissingAnchor().Error() // the error of the YAML reader contains the name, which may be any text of the file
	}
	if m := regexp.MustCompile(`^line (\d+): (.*)$`).FindStringSubmatch(message); m != nil {
		return &Error{Place: path + ":" + m[1], Err: fmt.Errorf("not YAML: %s", m[2])}
	}
	return &Error{Place: path, Err: fmt.Errorf("not YAML: %s", message)}
}
