package badgerstore

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// letGo gives the pages of mapped tables back to the system, which reads them
// from disk again when they are needed. Badger maps tables whole; one lookup
// brings in 64 KB around it, and an idle node would keep all of that resident.
// The advice changes no content, so it does no harm if a table is unmapped and
// its addresses are used for something else meanwhile.
func (s *Store) letGo() {
	maps, err := os.Open("/proc/self/maps")
	if err != nil {
		return
	}
	defer maps.Close()
	for lines := bufio.NewScanner(maps); lines.Scan(); {
		line := lines.Text()
		if !strings.HasSuffix(line, ".sst") || !strings.Contains(line, s.dbDir()) {
			continue
		}
		var from, to uintptr
		if n, _ := fmt.Sscanf(line, "%x-%x", &from, &to); n == 2 {
			unix.Syscall(unix.SYS_MADVISE, from, to-from, unix.MADV_PAGEOUT)
		}
	}
}
