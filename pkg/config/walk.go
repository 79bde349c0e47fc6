package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// file reads a configuration file into a Config, and collects all its mistakes.
type file struct {
	config   *Config
	settings []setting
	merged   map[*yaml.Node][]pair // a mapping that is merged many times is read once, so that a small file cannot take long
	merging  map[*yaml.Node]bool   // mappings that are being read, to find one that merges itself
	wrong    []error
}

func newFile(c *Config) *file {
	return &file{
		config: c, settings: c.settings(),
		merged: map[*yaml.Node][]pair{}, merging: map[*yaml.Node]bool{},
	}
}

// walk reads the keys of one mapping node. prefix ends with a dot, or is empty at the top level.
func (f *file) walk(n *yaml.Node, prefix string) {
	name := strings.TrimSuffix(prefix, ".")
	if n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.MappingNode {
		f.mistake(name, n, fmt.Errorf("must be keys with values, not a %s", nodeName(n)))
		return
	}
	for _, p := range f.pairs(n, prefix) {
		full := prefix + p.key.Value
		s, known := find(f.settings, full)
		switch {
		case known:
			f.set(s, full, p)
		case full == "groups":
			f.place(full, p)
			f.groups(p.value)
		case slices.Contains(sections(), full):
			f.place(full, p)
			f.walk(p.value, full+".")
		case prefix == "" && strings.HasPrefix(full, anchorPrefix):
			f.anchors(p.value, full)
		default:
			f.unknown(prefix, p.key, names(f.settings, append(sections(), "groups")...))
		}
	}
}

// set stores the value of a key. An empty text does not override the value of an alias.
func (f *file) set(s setting, full string, p pair) {
	f.place(full, p)
	v, err := s.value(p.value)
	if err != nil {
		f.mistake(full, p.value, err)
		return
	}
	if p.again {
		return
	}
	if p.value.Kind == yaml.SequenceNode {
		for i, item := range p.value.Content {
			f.config.places.spots[fmt.Sprintf("%s[%d]", full, i)] = f.spot(item)
		}
	}
	if v != "" || len(s.aliases) == 0 {
		s.store(v)
	}
}

// groups reads the entries of groups. An entry that is not a group is stored as an empty one, so that the numbers of the
// others do not change. If groups is a duplicate key, the entries of the second list follow those of the first, so that all of
// them are checked.
func (f *file) groups(n *yaml.Node) {
	if n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.SequenceNode {
		f.mistake("groups", n, fmt.Errorf("must be a list of groups, not a %s", nodeName(n)))
		return
	}
	for _, item := range n.Content {
		name := fmt.Sprintf("groups[%d]", len(f.config.Groups))
		f.config.places.spots[name] = f.spot(item)
		f.config.Groups = append(f.config.Groups, f.group(name, resolve(item)))
	}
}

func (f *file) group(name string, n *yaml.Node) (g Group) {
	if n.Kind != yaml.MappingNode {
		f.mistake(name, n, fmt.Errorf("must be keys like entra and genesys, not a %s", nodeName(n)))
		return g
	}
	settings := g.settings()
	for _, p := range f.pairs(n, name+".") {
		if s, known := find(settings, p.key.Value); known {
			f.set(s, name+"."+s.name, p)
		} else {
			f.unknown(name+".", p.key, names(settings))
		}
	}
	return g
}

// place records the position of a key. If the key is a duplicate, the position of the first one is used.
func (f *file) place(full string, p pair) {
	if !p.again {
		f.config.places.spots[full] = f.spot(p.key)
		delete(f.config.places.env, full) // the file overrides an alias
	}
}

// mistake records a mistake at a node. It marks the key as wrong, so that it is not reported as missing too.
func (f *file) mistake(key string, n *yaml.Node, err error) {
	f.complain(key, n, err)
	f.config.places.wrong[key] = true
}

// complain records a mistake at a node whose key still has a value.
func (f *file) complain(key string, n *yaml.Node, err error) {
	place := fmt.Sprintf("%s:%d: %s", f.config.places.file, n.Line, key)
	switch {
	case f.config.places.draft:
		place = key
	case key == "":
		place = fmt.Sprintf("%s:%d", f.config.places.file, n.Line)
	}
	f.wrong = append(f.wrong, &Error{Place: place, Err: err, hide: f.config.places.hide, spot: f.spot(n)})
}

func (f *file) spot(n *yaml.Node) spot { return spot{f.config.places.file, n.Line, n.Column} }
