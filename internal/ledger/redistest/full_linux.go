package redistest

import (
	"os"

	"golang.org/x/sys/unix"
)

// FillDisk has the running server come to its end when so many bytes more are in
// its append-only file, in the middle of a write. Started again it has room.
func (s *Server) FillDisk(left int64) error {
	path, err := s.AppendOnlyFile()
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	size := uint64(info.Size() + left)
	return unix.Prlimit(s.process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: size}, nil)
}
