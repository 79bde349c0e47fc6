package simulation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// A jsonTree is a JSON value that keeps the order of names, so that one part of a file can be altered.
type jsonTree struct {
	names  []string    // of an object
	values []*jsonTree // of an object or an array
	kind   byte        // { or [ or s for anything single
	single json.RawMessage
}

func parseTree(data []byte) (*jsonTree, error) {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	t, err := readTree(decoder)
	if err == nil {
		if _, more := decoder.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("there is more after the first value")
		}
	}
	return t, err
}

func readTree(decoder *json.Decoder) (*jsonTree, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		data, err := json.Marshal(token)
		return &jsonTree{kind: 's', single: data}, err
	}
	t := &jsonTree{kind: byte(delim)}
	for decoder.More() {
		if t.kind == '{' {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			text, _ := name.(string) // the decoder allows only strings
			t.names = append(t.names, text)
		}
		value, err := readTree(decoder)
		if err != nil {
			return nil, err
		}
		t.values = append(t.values, value)
	}
	_, err = decoder.Token()
	return t, err
}

// MarshalJSON implements json.Marshaler.
func (t *jsonTree) MarshalJSON() ([]byte, error) {
	if t.kind == 's' {
		return t.single, nil
	}
	var b bytes.Buffer
	b.WriteByte(t.kind)
	for i, value := range t.values {
		if i > 0 {
			b.WriteByte(',')
		}
		if t.kind == '{' {
			name, err := json.Marshal(t.names[i])
			if err != nil {
				return nil, err
			}
			b.Write(append(name, ':'))
		}
		data, err := value.MarshalJSON()
		if err != nil {
			return nil, err
		}
		b.Write(data)
	}
	b.WriteByte(t.kind + 2) // the code of } and ] is that of { and [ plus two
	return b.Bytes(), nil
}

// get returns the value of a name, or null if there is none.
func (t *jsonTree) get(name string) *jsonTree {
	for i, n := range t.names {
		if n == name {
			return t.values[i]
		}
	}
	return &jsonTree{kind: 's', single: json.RawMessage("null")}
}

func (t *jsonTree) text() string {
	var s string
	if t.kind != 's' || json.Unmarshal(t.single, &s) != nil {
		return ""
	}
	return s
}

func (t *jsonTree) setText(s string) {
	t.kind, t.values, t.names = 's', nil, nil
	t.single, _ = json.Marshal(s) // never fails for a string
}

func textTree(s string) *jsonTree {
	t := &jsonTree{}
	t.setText(s)
	return t
}

func (t *jsonTree) clone() *jsonTree {
	c := &jsonTree{kind: t.kind, single: t.single, names: append([]string{}, t.names...)}
	for _, value := range t.values {
		c.values = append(c.values, value.clone())
	}
	return c
}

func (t *jsonTree) push(value *jsonTree) { t.values = append(t.values, value) }
