// Package list makes lists and sets from the elements of a list.
package list

// Map returns what f returns for each element, in the same order. It never returns nil.
func Map[T, U any](elements []T, f func(T) U) []U {
	out := make([]U, 0, len(elements))
	for _, e := range elements {
		out = append(out, f(e))
	}
	return out
}

// Set returns the elements as a set.
func Set[T comparable](elements []T) map[T]bool {
	set := make(map[T]bool, len(elements))
	for _, e := range elements {
		set[e] = true
	}
	return set
}

// Count returns the number of elements for which f returns true.
func Count[T any](elements []T, f func(T) bool) int {
	n := 0
	for _, e := range elements {
		if f(e) {
			n++
		}
	}
	return n
}
