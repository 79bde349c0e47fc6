package membership

import "github.com/google/uuid"

// ByID is a map from ids, which are told apart by every byte. Both services write a UUID in lower case for nearly all of them,
// and such an id takes sixteen bytes in the map's own memory and none elsewhere. The zero value is an empty map; it is not safe
// for concurrent use.
type ByID[V any] struct {
	uuids  map[uuid.UUID]V
	others map[string]V
}

// Get returns the value of an id, and whether there is one.
func (m *ByID[V]) Get(id []byte) (V, bool) {
	if key, ok := canonical(id); ok {
		v, known := m.uuids[key]
		return v, known
	}
	v, known := m.others[string(id)]
	return v, known
}

// Set gives an id a value in place of the one that it has.
func (m *ByID[V]) Set(id []byte, v V) {
	key, ok := canonical(id)
	switch {
	case ok && m.uuids == nil:
		m.uuids = map[uuid.UUID]V{key: v}
	case ok:
		m.uuids[key] = v
	case m.others == nil:
		m.others = map[string]V{string(id): v}
	default:
		m.others[string(id)] = v
	}
}

// Len is how many ids have a value.
func (m *ByID[V]) Len() int { return len(m.uuids) + len(m.others) }

// Clear takes every id out.
func (m *ByID[V]) Clear() {
	clear(m.uuids)
	clear(m.others)
}

// canonical returns a UUID in its one usual form; false for every other text, another form of a UUID among them.
func canonical(id []byte) (uuid.UUID, bool) {
	if len(id) != 36 {
		return uuid.UUID{}, false
	}
	for _, c := range id {
		if 'A' <= c && c <= 'F' {
			return uuid.UUID{}, false
		}
	}
	key, err := uuid.ParseBytes(id)
	return key, err == nil
}
