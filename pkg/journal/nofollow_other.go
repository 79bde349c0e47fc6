//go:build !unix

package journal

// noFollow has no counterpart here: Open looks for links before anything is opened.
const noFollow = 0
