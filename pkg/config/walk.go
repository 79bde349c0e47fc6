package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// file is a configuration file as a tree of known keys.
type file struct {
	values map[string]any // as viper takes it
	places places
	merges merges
	wrong  []error
}

func newFile(path string) *file {
	return &file{
		values: map[string]any{}, places: newPlaces(path),
		merges: merges{done: map[*yaml.Node][]pair{}, open: map[*yaml.Node]bool{}},
	}
}

// walk reads the keys of one mapping node; prefix ends with a dot, or is empty at the top.
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
		k, known := find(keys(), full)
		switch {
		case known:
			f.set(k, full, p)
		case full == "groups":
			f.place(full, p)
			f.groups(p.value)
		case slices.Contains(sections(), full):
			f.place(full, p)
			f.walk(p.value, full+".")
		case prefix == "" && strings.HasPrefix(full, aside):
			f.aside(p.value, full)
		default:
			f.unknown(prefix, p.key, names(keys(), append(sections(), "groups")...))
		}
	}
}

// set stores the value of a key where viper looks for it: section, then name.
func (f *file) set(k key, full string, p pair) {
	f.place(full, p)
	v, err := k.kind.value(p.value)
	if err != nil {
		f.mistake(full, p.value, err)
		return
	}
	if p.again {
		return
	}
	if v != "" || k.value != "" { // an empty text that is the default anyway leaves room for the aliases
		insert(f.values, k.name, v)
	}
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

func (f *file) groups(n *yaml.Node) {
	if n.Tag == "!!null" {
		return
	}
	if n.Kind != yaml.SequenceNode {
		f.mistake("groups", n, fmt.Errorf("must be a list of groups, not a %s", nodeName(n)))
		return
	}
	// There is one for each entry, also for one that is no group: the others keep their number. If groups is set twice, the
	// entries of the second list follow those of the first, so that all of them are checked.
	groups, _ := f.values["groups"].([]map[string]any)
	if groups == nil {
		groups = []map[string]any{}
	}
	for _, item := range n.Content {
		name := fmt.Sprintf("groups[%d]", len(groups))
		f.places.spots[name] = f.spot(item)
		groups = append(groups, f.group(name, resolve(item)))
	}
	f.values["groups"] = groups
}

func (f *file) group(name string, n *yaml.Node) map[string]any {
	group := map[string]any{}
	if n.Kind != yaml.MappingNode {
		f.mistake(name, n, fmt.Errorf("must be keys like entra and genesys, not a %s", nodeName(n)))
		return group
	}
	for _, p := range f.pairs(n, name+".") {
		full := name + "." + p.key.Value
		k, known := find(groupKeys(), p.key.Value)
		if !known {
			f.unknown(name+".", p.key, names(groupKeys()))
			continue
		}
		f.place(full, p)
		v, err := k.kind.value(p.value)
		if err != nil {
			f.mistake(full, p.value, err)
			continue
		}
		if p.again {
			continue
		}
		if k.kind == list && p.value.Kind == yaml.SequenceNode {
			for i, item := range p.value.Content {
				f.places.spots[fmt.Sprintf("%s[%d]", full, i)] = f.spot(item)
			}
		}
		group[k.name] = v
	}
	return group
}

// sections lists the names that have keys below them.
func sections() []string {
	var all []string
	for _, k := range keys() {
		section, _, nested := strings.Cut(k.name, ".")
		if nested && !slices.Contains(all, section) {
			all = append(all, section)
		}
	}
	return all
}

func names(keys []key, more ...string) []string {
	for _, k := range keys {
		more = append(more, k.name)
	}
	return more
}

// place notes where a key stands. The first place of a key counts.
func (f *file) place(full string, p pair) {
	if !p.again {
		f.places.spots[full] = f.spot(p.key)
	}
}

// mistake notes what is wrong at a node. A key that is wrong is not missing besides.
func (f *file) mistake(key string, n *yaml.Node, err error) {
	f.complain(key, n, err)
	f.places.wrong[key] = true
}

// complain notes what is wrong at a node, where the key has a value all the same.
func (f *file) complain(key string, n *yaml.Node, err error) {
	place := fmt.Sprintf("%s:%d", f.places.file, n.Line)
	if key != "" {
		place += ": " + key
	}
	f.wrong = append(f.wrong, &Error{Place: place, Err: err, hide: f.places.hide, spot: f.spot(n)})
}

func (f *file) spot(n *yaml.Node) spot { return spot{f.places.file, n.Line, n.Column} }
