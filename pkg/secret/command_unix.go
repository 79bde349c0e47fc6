//go:build unix

package secret

import (
	"os/exec"
	"syscall"
)

// inOwnGroup starts a command in a process group of its own, which is killed as a whole: the command of a password manager
// starts helpers, and a script starts other commands.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
}
