package config

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pair is a key of a mapping with its value. Their positions are those where they are written, which may be at an anchor.
type pair struct {
	key, value *yaml.Node
	again      bool // the key is a duplicate: its value is checked but not used
}

// pairs returns the keys of a mapping and of the mappings that it merges with <<. Its own keys override merged keys, and of
// several merged mappings the first one has priority (https://yaml.org/type/merge.html).
func (f *file) pairs(n *yaml.Node, prefix string) []pair {
	if done, ok := f.merged[n]; ok {
		return done
	}
	f.merging[n] = true
	defer delete(f.merging, n)
	var pairs, merged []pair
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		at, value := resolve(n.Content[i]), resolve(n.Content[i+1])
		first, twice := lines[at.Value]
		switch {
		case at.Kind != yaml.ScalarNode:
			err := fmt.Errorf("a key is a name, and here it is a %s", nodeName(at))
			f.mistake(strings.TrimSuffix(prefix, "."), n.Content[i], err)
		case twice:
			f.complain(shownKey(prefix, at.Value), n.Content[i], fmt.Errorf("is set twice, first in line %d", first))
			pairs = append(pairs, pair{at, value, at.Tag != "!!merge"})
		case at.Tag == "!!merge":
			lines[at.Value] = at.Line
			merged = f.merge(prefix, at, value)
		default:
			lines[at.Value] = at.Line
			pairs = append(pairs, pair{at, value, false})
		}
	}
	for _, p := range merged {
		if _, own := lines[p.key.Value]; !own && !p.again {
			lines[p.key.Value] = p.key.Line
			pairs = append(pairs, p)
		}
	}
	f.merged[n] = pairs
	return pairs
}

// merge returns the keys of the value of <<: a mapping, or a list of mappings. If a key is a duplicate, the caller uses the
// first one.
func (f *file) merge(prefix string, at, value *yaml.Node) []pair {
	sources := []*yaml.Node{value}
	if value.Kind == yaml.SequenceNode {
		sources = value.Content
	}
	var pairs []pair
	for _, source := range sources {
		source = resolve(source)
		switch {
		case source.Kind != yaml.MappingNode:
			f.mistake(prefix+"<<", at, fmt.Errorf("merges mappings, and here is a %s", nodeName(source)))
		case f.merging[source]:
			f.mistake(prefix+"<<", at, errors.New("merges a mapping into itself"))
		default:
			pairs = append(pairs, f.pairs(source, prefix)...)
		}
	}
	return pairs
}

// anchorPrefix begins the keys at the top level that hold anchors and no settings.
const anchorPrefix = "x-"

// anchors checks the value of such a key for secrets. Only what is merged from it is used, but it may not contain a secret
// either.
func (f *file) anchors(n *yaml.Node, name string) {
	for i, child := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 0 && meansSecret(child.Value) {
			if _, distance := nearest("", child.Value, names(f.settings)); distance > slip {
				f.mistake(shownKey(name+".", child.Value), child, errSecret(name))
			}
		}
		f.anchors(child, name) // this ends, because an alias node has no children
	}
}
