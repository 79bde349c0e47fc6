package config

import (
	"cmp"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// value reads the value of a setting from its node. Text is taken as written, so that an id like 0123 is not read as a number.
func (s setting) value(n *yaml.Node) (any, error) {
	n = resolve(n)
	if _, list := s.target.(*[]string); list {
		return s.list(n)
	}
	if n.Kind != yaml.ScalarNode {
		return nil, fmt.Errorf("must be %s, not a %s", s.form(), nodeName(n))
	}
	switch s.target.(type) {
	case *string:
		return textOf(n)
	case *Auth:
		text, err := textOf(n)
		return Auth(text), err
	case *bool:
		if n.Tag == "!!bool" {
			return strconv.ParseBool(n.Value)
		}
	case *int:
		if i, err := strconv.Atoi(n.Value); err == nil && i >= 0 {
			return i, nil
		}
	case *time.Duration:
		if d, err := ParseDuration(n.Value); err == nil && d >= 0 {
			return d, nil
		}
	}
	return nil, fmt.Errorf("must be %s, not %q", s.form(), n.Value)
}

// list reads a list of texts. A single text is a list of one.
func (s setting) list(n *yaml.Node) (any, error) {
	items := []*yaml.Node{n}
	switch {
	case n.Kind == yaml.ScalarNode && strings.HasSuffix(s.name, "_command"): // it may be the secret itself, and is not shown
		return nil, errors.New("must be a list of the program and its arguments, like [op, read, x]; no shell is used")
	case n.Kind == yaml.MappingNode:
		return nil, fmt.Errorf("must be %s, not a %s", s.form(), nodeName(n))
	case n.Kind == yaml.SequenceNode:
		items = n.Content
	case n.Tag == "!!null":
		items = nil
	}
	values := make([]string, 0, len(items))
	for _, item := range items {
		v, err := textOf(resolve(item))
		if err != nil {
			return nil, err
		}
		if v == "" {
			return nil, errors.New("has an empty entry")
		}
		values = append(values, v)
	}
	return values, nil
}

func textOf(n *yaml.Node) (string, error) {
	switch {
	case n.Kind != yaml.ScalarNode:
		return "", fmt.Errorf("must be text, not a %s", nodeName(n))
	case n.Tag == "!!null":
		return "", nil
	case n.Tag == "!!bool":
		return "", fmt.Errorf("must be text, not %s: put it in quotes if it is text", n.Value)
	}
	return n.Value, nil
}

// parse reads the value of a setting from an environment variable. A list is written as in YAML, or separated by commas.
func (s setting) parse(text string) (any, error) {
	node := yaml.Node{Kind: yaml.ScalarNode, Value: text}
	switch s.target.(type) {
	case *[]string:
		if !strings.Contains(text, "[") && strings.Contains(text, ",") {
			text = "[" + text + "]" // a list without brackets
		}
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil || len(doc.Content) == 0 {
			return nil, fmt.Errorf("must be %s like [a, b], not %q", s.form(), text)
		}
		node = *doc.Content[0]
	case *bool:
		if text == "true" || text == "false" {
			node.Tag = "!!bool"
		}
	}
	return s.value(&node)
}

// store stores a value in the target of the setting.
func (s setting) store(v any) { reflect.ValueOf(s.target).Elem().Set(reflect.ValueOf(v)) }

// form describes how a value of the setting is written, for errors.
func (s setting) form() string {
	switch s.target.(type) {
	case *[]string:
		return "a list of texts"
	case *int:
		return "a whole number from 0"
	case *time.Duration:
		return "a duration like 30s, 10m or 7d"
	case *bool:
		return "true or false"
	}
	return "text"
}

// ParseDuration parses a duration like time.ParseDuration, and also whole days such as 400d. It is used for flags and keys.
func ParseDuration(s string) (time.Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		return time.Duration(n) * 24 * time.Hour, err
	}
	return time.ParseDuration(s)
}

// resolve returns the node that an alias (*name) refers to, or n if it is not an alias.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

func nodeName(n *yaml.Node) string {
	return cmp.Or(map[yaml.Kind]string{yaml.SequenceNode: "list", yaml.MappingNode: "mapping"}[n.Kind], "single value")
}
