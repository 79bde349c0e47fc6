package simulation

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// A tree is JSON that keeps the order of its names, so that a file can be altered in one place and nowhere else.
type tree struct {
	names  []string // of an object
	values []*tree  // of an object or an array
	kind   byte     // { or [ or s for anything single
	single json.RawMessage
}

func parseTree(data []byte) (*tree, error) {
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

func readTree(decoder *json.Decoder) (*tree, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	delim, nested := token.(json.Delim)
	if !nested {
		data, err := json.Marshal(token)
		return &tree{kind: 's', single: data}, err
	}
	t := &tree{kind: byte(delim)}
	for decoder.More() {
		if t.kind == '{' {
			name, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			text, _ := name.(string) // the decoder lets nothing else be a name
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
func (t *tree) MarshalJSON() ([]byte, error) {
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
	b.WriteByte(t.kind + 2) // } and ] come two after { and [
	return b.Bytes(), nil
}

// get finds the value of a name; an empty tree if there is none.
func (t *tree) get(name string) *tree {
	for i, n := range t.names {
		if n == name {
			return t.values[i]
		}
	}
	return &tree{kind: 's', single: json.RawMessage("null")}
}

func (t *tree) text() string {
	var s string
	if t.kind != 's' || json.Unmarshal(t.single, &s) != nil {
		return ""
	}
	return s
}

func (t *tree) setText(s string) {
	t.kind, t.values, t.names = 's', nil, nil
	t.single, _ = json.Marshal(s) // a string always can be
}

func textTree(s string) *tree {
	t := &tree{}
	t.setText(s)
	return t
}

func (t *tree) clone() *tree {
	c := &tree{kind: t.kind, single: t.single, names: append([]string{}, t.names...)}
	for _, value := range t.values {
		c.values = append(c.values, value.clone())
	}
	return c
}

func (t *tree) push(value *tree) { t.values = append(t.values, value) }
