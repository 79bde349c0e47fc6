package sandbox

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// writeTLSConfig writes a copy of callroll.yaml with the addresses of a server. The copy is in the same folder, so that
// relative paths in it stay valid.
func (w *World) writeTLSConfig(url string) error {
	path := filepath.Join(w.folder.dir, DemoConfig)
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	var document yaml.Node
	if err := yaml.Unmarshal(data, &document); err != nil {
		return fmt.Errorf("sandbox: %s: %w", path, err)
	}
	if len(document.Content) != 1 || document.Content[0].Kind != yaml.MappingNode {
		return fmt.Errorf("sandbox: %s: there are no keys in it", path)
	}
	root := document.Content[0]
	setText(valueOf(root, "ca_file"), caFile)
	for section, keys := range map[string][]string{"entra": {"login_url", "graph_url"}, "genesys": {"login_url", "api_url"}} {
		within, err := mapping(root, section)
		if err != nil {
			return fmt.Errorf("sandbox: %s: %w", path, err)
		}
		for _, key := range keys {
			setText(valueOf(within, key), url)
		}
	}
	if data, err = encodeYAML(&document); err != nil {
		return fmt.Errorf("sandbox: %s: %w", TLSConfig, err)
	}
	return w.folder.replace(TLSConfig, data)
}

func encodeYAML(v any) ([]byte, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err := encoder.Encode(v)
	return out.Bytes(), err
}

// mapping returns the section with a name, and creates it if it is missing.
func mapping(root *yaml.Node, name string) (*yaml.Node, error) {
	section := valueOf(root, name)
	if section.Tag == "!!null" { // a section that is missing, or has only comments
		section.Kind, section.Tag, section.Value = yaml.MappingNode, "!!map", ""
	}
	if section.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: %s has no keys in it", section.Line, name)
	}
	return section, nil
}

// valueOf returns the value of a key. It adds the key with the value null if it is missing.
func valueOf(node *yaml.Node, name string) *yaml.Node {
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == name {
			return node.Content[i+1]
		}
	}
	key, value := &yaml.Node{}, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
	setText(key, name)
	node.Content = append(node.Content, key, value)
	return value
}

func setText(node *yaml.Node, text string) {
	*node = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text}
}
