package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The YAML reader stops at the first alias (*name) whose anchor is missing, and its error does not give the line. So that the
// rest of the file can be read and all mistakes can be reported, the missing anchor is defined in a line before the first key,
// and the file is read again.

// standIn begins the key of such a line, and missingTag is the tag of its value.
const (
	standIn    = anchorPrefix + "callroll-missing-anchor-"
	missingTag = "!callroll-missing-anchor"
)

// maxAnchors is the maximum number of missing anchors; the file is read again for each of them.
const maxAnchors = 50

// unknownAnchor returns the name of the missing anchor in an error of the YAML reader, or "" for any other error.
func unknownAnchor(err error) string {
	if m := regexp.MustCompile(`unknown anchor '(.*)' referenced`).FindStringSubmatch(err.Error()); m != nil {
		return m[1]
	}
	return ""
}

// decodeWithout decodes data in which an anchor is missing. It returns false if the file cannot be read for another reason.
func decodeWithout(data []byte, missing string) (doc yaml.Node, ok bool) {
	head, indent := firstKey(data)
	var anchors []string
	for missing != "" && len(anchors) < maxAnchors && !slices.Contains(anchors, missing) {
		anchors = append(anchors, missing)
		var lines strings.Builder
		for i, name := range anchors {
			fmt.Fprintf(&lines, "%s%s%d: &%s %s {}\n", indent, standIn, i, name, missingTag)
		}
		doc = yaml.Node{}
		err := yaml.Unmarshal(slices.Concat(data[:head], []byte(lines.String()), data[head:]), &doc)
		if err == nil {
			move(&doc, -len(anchors))
			return doc, len(doc.Content) == 1 && doc.Content[0].Kind == yaml.MappingNode
		}
		missing = unknownAnchor(err)
	}
	return yaml.Node{}, false
}

// firstKey returns the offset and the indentation of the first line that is not empty, a comment or a directive.
func firstKey(data []byte) (offset int, indent string) {
	for line := range strings.Lines(string(data)) {
		text := strings.TrimSpace(line)
		if text != "" && text != "---" && text[0] != '#' && text[0] != '%' {
			return offset, line[:len(line)-len(strings.TrimLeft(line, " "))]
		}
		offset += len(line)
	}
	return offset, ""
}

// move adds lines to the line numbers of a tree.
func move(n *yaml.Node, lines int) {
	n.Line += lines
	for _, child := range n.Content {
		move(child, lines)
	}
}

// missingAnchors removes the references to missing anchors from the tree and records them as mistakes. name is the key of n.
func (f *file) missingAnchors(n *yaml.Node, name string, known []setting) {
	var kept []*yaml.Node
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			k, v := n.Content[i], n.Content[i+1]
			full := strings.TrimPrefix(name+"."+k.Value, ".")
			switch {
			case strings.HasPrefix(k.Value, standIn):
			case full != "groups" && f.refersToMissing(full, v), isMissing(v) && f.refersToMissing(full, v):
				if k.Value == "<<" {
					f.unknownBelow(name, known)
				}
			default:
				f.missingAnchors(v, full, known)
				kept = append(kept, k, v)
			}
		}
		n.Content = kept
	case yaml.SequenceNode:
		for i, item := range n.Content {
			full := fmt.Sprintf("%s[%d]", name, i)
			if isMissing(item) {
				f.mistake(full, item, errMissingAnchor())
				n.Content[i] = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: item.Line, Column: item.Column}
				continue
			}
			f.missingAnchors(item, full, new(Group).settings())
		}
	}
}

// unknownBelow marks all keys of a mapping as wrong, so that none of them is reported as missing: they may be in the mapping
// that the missing anchor refers to.
func (f *file) unknownBelow(name string, known []setting) {
	for _, s := range known {
		full := strings.TrimPrefix(name+"."+s.name, ".")
		if strings.HasPrefix(s.name, name+".") {
			full = s.name
		}
		f.config.places.wrong[full] = true
	}
}

// isMissing reports whether a node refers to a missing anchor.
func isMissing(n *yaml.Node) bool { return n.Kind == yaml.AliasNode && n.Alias.Tag == missingTag }

// refersToMissing records a reference to a missing anchor as a mistake: the value itself, or an item if the value is a list.
func (f *file) refersToMissing(name string, value *yaml.Node) (found bool) {
	for _, n := range append([]*yaml.Node{value}, value.Content...) {
		if isMissing(n) && (n == value || value.Kind == yaml.SequenceNode) {
			f.mistake(name, n, errMissingAnchor())
			found = true
		}
	}
	return found
}

func errMissingAnchor() error {
	return errors.New("a value that begins with * refers to an anchor, and there is none before it; " +
		"put the value in quotes if it is text")
}
