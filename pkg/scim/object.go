package scim

import (
	"encoding/json"
	"fmt"
)

// object is a JSON object whose attributes are found by their exact names: encoding/json would take "resources" for
// "Resources" and let the last of both win.
type object map[string]json.RawMessage

func decodeObject(data []byte, what string) (object, error) {
	var o object
	if err := json.Unmarshal(data, &o); err != nil || o == nil {
		return nil, fmt.Errorf("%s is not a JSON object", what)
	}
	return o, nil
}

// has says whether an attribute has a value. RFC 7643 §2.5 makes null the same as no attribute.
func (o object) has(name string) bool {
	raw, ok := o[name]
	return ok && string(raw) != "null"
}

// decode reads an attribute into a value and says whether it was there.
func (o object) decode(name string, into any) (bool, error) {
	if !o.has(name) {
		return false, nil
	}
	if err := json.Unmarshal(o[name], into); err != nil {
		return false, fmt.Errorf("%s has not the type it should have", name)
	}
	return true, nil
}

// required reads a string that must be there and must not be empty.
func (o object) required(name string) (string, error) {
	var value string
	if _, err := o.decode(name, &value); err != nil {
		return "", err
	}
	if value == "" {
		return "", fmt.Errorf("%s is missing", name)
	}
	return value, nil
}
