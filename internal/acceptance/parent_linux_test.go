package acceptance

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel end a node when the test binary dies without
// cleaning up.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
