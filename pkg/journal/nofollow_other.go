//go:build !unix

package journal

// noFollow has no counterpart on these systems. Open checks the folder for links before it opens a file.
const noFollow = 0
