//go:build !unix

package secret

import (
	"os/exec"
	"strconv"
)

// inOwnGroup kills a command together with the processes that it has started. Windows has no process groups in the sense of
// Unix; taskkill finds the processes by their parents.
func inOwnGroup(cmd *exec.Cmd) {
	cmd.Cancel = func() error {
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(cmd.Process.Pid)).Run()
		return cmd.Process.Kill()
	}
}
