//go:build unix

package journal

import "syscall"

// noFollow makes open fail for a link and not block for a pipe.
const noFollow = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
