package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/secret"
)

// SearchPath lists where callroll.yaml is looked for when nobody names it.
func SearchPath() []string { return []string{"callroll.yaml", "/etc/callroll/callroll.yaml"} }

// file is a configuration file as a tree of known keys.
type file struct {
	values map[string]any // as viper takes it
	places places
}

// readFile reads and checks the form of a configuration file.
func readFile(path string) (*file, error) {
	f := &file{values: map[string]any{}, places: places{file: path, lines: map[string]int{}, env: map[string]string{}}}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &Error{Place: path, Err: fmt.Errorf("the configuration cannot be read: %w", reason(err))}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := dec.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return f, nil
	case err != nil:
		return nil, syntaxError(path, err)
	}
	if err := dec.Decode(&yaml.Node{}); !errors.Is(err, io.EOF) {
		return nil, &Error{Place: path, Err: errors.New("wants one YAML document, and there is something after its end")}
	}
	if err := f.walk(resolve(doc.Content[0]), ""); err != nil {
		return nil, err
	}
	return f, nil
}

// reason leaves the path out of a file error, because the place names it already.
func reason(err error) error {
	var pathError *os.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

func syntaxError(path string, err error) error {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	// The one thing out of the file that the YAML reader repeats: *x refers to the anchor x.
	message = regexp.MustCompile(`unknown anchor '.*' referenced`).ReplaceAllString(message,
		"a value that begins with * refers to an anchor, and there is none; put it in quotes if it is meant")
	if m := regexp.MustCompile(`^line (\d+): (.*)$`).FindStringSubmatch(message); m != nil {
		return &Error{Place: path + ":" + m[1], Err: fmt.Errorf("not YAML: %s", m[2])}
	}
	return &Error{Place: path, Err: fmt.Errorf("not YAML: %s", message)}
}

// walk reads the keys of one mapping node; prefix ends with a dot, or is empty at the top.
func (f *file) walk(n *yaml.Node, prefix string) error {
	name := strings.TrimSuffix(prefix, ".")
	if n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return f.wrong(name, n, fmt.Errorf("wants keys with values, and has a %s", nodeName(n)))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, value := n.Content[i], resolve(n.Content[i+1])
		full := prefix + at.Value
		if line, twice := f.places.lines[full]; twice {
			return f.wrong(full, at, fmt.Errorf("stands twice, first in line %d", line))
		}
		f.places.lines[full] = at.Line
		k, known := find(keys(), full)
		var err error
		switch {
		case known:
			err = f.set(k, full, value)
		case full == "groups":
			err = f.groups(value)
		case isSection(full):
			err = f.walk(value, full+".")
		default:
			err = f.unknown(full, at, names(keys(), "groups"))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// set stores the value of a key where viper looks for it: section, then name.
func (f *file) set(k key, full string, n *yaml.Node) error {
	v, err := k.kind.value(n)
	if err != nil {
		return f.wrong(full, n, err)
	}
	if v != "" || k.value != "" { // an empty text that is the default anyway leaves room for the aliases
		insert(f.values, k.name, v)
	}
	return nil
}

// insert puts a value into the tree of maps that viper merges.
func insert(tree map[string]any, name string, v any) {
	section, rest, nested := strings.Cut(name, ".")
	if !nested {
		tree[name] = v
		return
	}
	inner, ok := tree[section].(map[string]any)
	if !ok {
		inner = map[string]any{}
		tree[section] = inner
	}
	inner[rest] = v
}

func (f *file) groups(n *yaml.Node) error {
	if n.Tag == "!!null" {
		return nil
	}
	if n.Kind != yaml.SequenceNode {
		return f.wrong("groups", n, fmt.Errorf("wants a list of groups, and has a %s", nodeName(n)))
	}
	var groups []map[string]any
	for i, item := range n.Content {
		name := fmt.Sprintf("groups[%d]", i)
		group, err := f.group(name, resolve(item))
		if err != nil {
			return err
		}
		f.places.lines[name] = item.Line
		groups = append(groups, group)
	}
	f.values["groups"] = groups
	return nil
}

func (f *file) group(name string, n *yaml.Node) (map[string]any, error) {
	if n.Kind != yaml.MappingNode {
		return nil, f.wrong(name, n, fmt.Errorf("wants keys like entra and genesys, and has a %s", nodeName(n)))
	}
	group := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, value := n.Content[i], resolve(n.Content[i+1])
		full := name + "." + at.Value
		k, known := find(groupKeys(), at.Value)
		if !known {
			return nil, f.unknown(full, at, names(groupKeys()))
		}
		if _, twice := group[k.name]; twice {
			return nil, f.wrong(full, at, errors.New("stands twice"))
		}
		v, err := k.kind.value(value)
		if err != nil {
			return nil, f.wrong(full, value, err)
		}
		f.places.lines[full] = at.Line
		group[k.name] = v
	}
	return group, nil
}

// isSection says whether keys begin with the name and a dot.
func isSection(name string) bool {
	for _, k := range keys() {
		if strings.HasPrefix(k.name, name+".") {
			return true
		}
	}
	return false
}

func names(keys []key, more ...string) []string {
	for _, k := range keys {
		more = append(more, k.name)
	}
	return more
}

// unknown names the key and the nearest known one. A secret is told where it belongs; its value is never repeated, and neither
// is what a missing space has made a part of the key, as in client_secret_file:x.
func (f *file) unknown(full string, at *yaml.Node, known []string) error {
	prefix := strings.TrimSuffix(full, at.Value)
	odd := func(r rune) bool { return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	if i := strings.IndexFunc(at.Value, odd); i >= 0 {
		full = prefix + at.Value[:i] + "…"
	}
	if full = prefix + secret.Mask(strings.TrimPrefix(full, prefix)); strings.HasSuffix(full, secret.NotShown) {
		return f.wrong(full, at, errors.New("unknown key"))
	}
	last := full[strings.LastIndex(full, ".")+1:]
	if strings.Contains(last, "secret") || strings.Contains(last, "password") {
		return f.wrong(full, at, errors.New("a secret does not belong into this file: put it into a file of its own and name that with "+
			"client_secret_file, or into the variable GRAPH_CLIENT_SECRET or GENESYS_CLIENT_SECRET"))
	}
	err := errors.New("unknown key")
	if near := nearest(last, known); near != "" {
		err = fmt.Errorf("unknown key; did you mean %s?", near)
	}
	return f.wrong(full, at, err)
}

// nearest finds the known name that is closest to a mistyped one, by its last part; empty if none is close.
func nearest(name string, known []string) string {
	best, distance := "", len(name)/2+1
	for _, k := range known {
		d := levenshtein.ComputeDistance(strings.ToLower(name), k[strings.LastIndex(k, ".")+1:])
		if d < distance {
			best, distance = k, d
		}
	}
	return best
}

func (f *file) wrong(key string, n *yaml.Node, err error) error {
	place := fmt.Sprintf("%s:%d", f.places.file, n.Line)
	if key != "" {
		place += ": " + key
	}
	return &Error{Place: place, Err: err}
}
