package redistest

import (
	"os/exec"
	"syscall"
)

// endWithParent has the kernel end the server when the test binary dies without
// cleaning up: a panic or a timeout of go test must not leave servers behind.
func endWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
