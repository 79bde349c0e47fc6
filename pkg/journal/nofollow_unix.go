//go:build unix

package journal

import "syscall"

// noFollow makes open fail for a link, and return at once for a pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
