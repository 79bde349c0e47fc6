package config

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// value reads the value of a key from its node. Text is taken as it is written, so that an id like 0123 stays one.
func (k kind) value(n *yaml.Node) (any, error) {
	n = resolve(n)
	if k == list {
		return listValue(n)
	}
	if n.Kind != yaml.ScalarNode {
		return nil, fmt.Errorf("must be %s, not a %s", k, nodeName(n))
	}
	if n.Tag == "!!null" && k == text {
		return "", nil
	}
	switch k {
	case text:
		if n.Tag == "!!bool" {
			return nil, fmt.Errorf("must be %s, not %s: put it in quotes if it is text", k, n.Value)
		}
		return n.Value, nil
	case flag:
		if n.Tag == "!!bool" {
			return strconv.ParseBool(n.Value)
		}
	case count:
		if i, err := strconv.Atoi(n.Value); err == nil && i >= 0 {
			return i, nil
		}
	case duration:
		if d, err := ParseDuration(n.Value); err == nil && d >= 0 {
			return d, nil
		}
	}
	return nil, fmt.Errorf("must be %s, not %q", k, n.Value)
}

func listValue(n *yaml.Node) (any, error) {
	if n.Kind == yaml.MappingNode {
		return nil, fmt.Errorf("must be %s, not a %s", list, nodeName(n))
	}
	items := []*yaml.Node{n}
	if n.Kind == yaml.SequenceNode {
		items = n.Content
	} else if n.Tag == "!!null" {
		items = nil
	}
	values := make([]string, 0, len(items))
	for _, item := range items {
		v, err := text.value(item)
		if err != nil {
			return nil, err
		}
		if v == "" {
			return nil, fmt.Errorf("has an empty entry")
		}
		values = append(values, v.(string))
	}
	return values, nil
}

// parse reads the value of a key from an environment variable, in which a list is written as in YAML or as one text.
func (k kind) parse(s string) (any, error) {
	switch k {
	case text:
		return s, nil
	case list:
		if !strings.Contains(s, "[") && strings.Contains(s, ",") {
			s = "[" + s + "]" // as a shell would write it
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(s), &doc); err != nil || len(doc.Content) == 0 {
			return nil, fmt.Errorf("must be %s like [a, b], not %q", k, s)
		}
		return listValue(resolve(doc.Content[0]))
	}
	node := yaml.Node{Kind: yaml.ScalarNode, Value: s}
	if s == "true" || s == "false" {
		node.Tag = "!!bool"
	}
	return k.value(&node)
}

// ParseDuration reads a duration as time.ParseDuration does, and days besides: a journal is kept for 400d. Flags and keys
// are read by it alike.
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}

func (k kind) String() string {
	switch k {
	case list:
		return "a list of texts"
	case count:
		return "a whole number from 0"
	case duration:
		return "a duration like 30s, 10m or 7d"
	case flag:
		return "true or false"
	}
	return "text"
}

// resolve follows an alias (*name) to the node with the anchor.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func nodeName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.SequenceNode:
		return "list"
	case yaml.MappingNode:
		return "mapping"
	}
	return "single value"
}
