package badgerstore_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
	"touchline.dev/touchline/node/badgerstore"
)

const (
	childEnv = "BADGERSTORE_TEST_CHILD" // folder to write in, until killed
	seedEnv  = "BADGERSTORE_TEST_SEED"
	openEnv  = "BADGERSTORE_TEST_OPEN" // open only, and report
	soakEnv  = "TOUCHLINE_SOAK"
	writers  = 8
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if os.Getenv(openEnv) != "" {
			openAndReport(dir)
			os.Exit(0)
		}
		writeForEver(dir)
	}
	os.Exit(m.Run())
}

// writeForEver prints the number of each event of each writer that was
// acknowledged, "refused" when the store refuses and "again" when it resumes.
func writeForEver(dir string) {
	s, err := badgerstore.Open(dir, badgerstore.Options{MinFree: 1 << 20, Logger: quiet})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	fmt.Println("pid", os.Getpid())
	seed, _ := strconv.ParseUint(os.Getenv(seedEnv), 10, 64)
	for w := range uint64(writers) {
		go func() {
			f := crdttest.NewEvents(nil, seed+w)
			for i := 0; ; i++ {
				e := f.Make(1)
				refused := false
				for {
					if _, err := s.Append(ctx, f.Log, e...); err == nil {
						break
					} else if !refused && errors.Is(err, crdt.ErrReadOnly) {
						fmt.Println("refused")
						refused = true
					}
					time.Sleep(10 * time.Millisecond)
				}
				if refused {
					fmt.Println("again")
				}
				fmt.Println(w, i)
			}
		}()
	}
	select {}
}

func rounds(soak, normal int) int {
	if os.Getenv(soakEnv) != "" {
		return soak
	}
	return normal
}

func child(dir string, seed uint64, wrap ...string) *exec.Cmd {
	args := append(wrap, os.Args[0], "-test.run=^$")
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(os.Environ(), childEnv+"="+dir, fmt.Sprintf("%s=%d", seedEnv, seed))
	return cmd
}

// acknowledged runs a child until it has printed some lines, cuts it off, and
// returns how many events of each writer it acknowledged before the cut.
func acknowledged(t *testing.T, dir string, seed uint64, lines int, cut func(*exec.Cmd)) (acked [writers]int) {
	t.Helper()
	cmd := child(dir, seed)
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	in := bufio.NewScanner(out)
	for n := 0; in.Scan(); n++ {
		var w, i int
		if n > lines {
			continue // a dead filesystem may still answer a sync with success
		}
		if _, err := fmt.Sscan(in.Text(), &w, &i); err == nil {
			acked[w] = i + 1
		}
		if n == lines {
			cut(cmd)
		}
	}
	cmd.Wait()
	return acked
}

// checkAcknowledged opens the store and looks for all of them.
func checkAcknowledged(t *testing.T, dir string, seed uint64, acked [writers]int) {
	t.Helper()
	s := open(t, dir, badgerstore.Options{MinFree: 1 << 20})
	if !s.Doubted() {
		t.Error("a crash was not doubted")
	}
	if what, moved := s.Repaired(); moved != "" {
		t.Fatalf("repaired %q %q", what, moved)
	}
	total := 0
	for w := range uint64(writers) {
		f := crdttest.NewEvents(t, seed+w)
		for i, e := range f.Make(acked[w]) {
			if _, err := s.Event(f.Log, e.Hash); err != nil {
				t.Fatalf("writer %d, acknowledged event %d: %v", w, i, err)
			}
			total++
		}
		_, last, err := s.Digest(f.Log)
		if err != nil || int(last) < acked[w] {
			t.Fatalf("writer %d: last arrival %d, acknowledged %d, %v", w, last, acked[w], err)
		}
	}
	verify(t, s, 0)
	check(t, s.Close())
	t.Logf("%d acknowledged events, none lost", total)
}

func TestKill(t *testing.T) {
	dir := t.TempDir()
	for round := range rounds(20, 3) {
		seed := uint64(1000 * (round + 1))
		acked := acknowledged(t, dir, seed, 500+700*round, func(c *exec.Cmd) { c.Process.Kill() })
		checkAcknowledged(t, dir, seed, acked)
	}
}

// TestKillOpening: dying while opening throws nothing away.
func TestKillOpening(t *testing.T) {
	dir := t.TempDir()
	acked := acknowledged(t, dir, 1, 400, func(c *exec.Cmd) { c.Process.Kill() })
	for i := range rounds(60, 10) {
		cmd := child(dir, 1)
		check(t, cmd.Start())
		time.Sleep(time.Duration(2+i%12) * 3 * time.Millisecond)
		cmd.Process.Kill()
		cmd.Wait()
	}
	checkAcknowledged(t, dir, 1, acked)
}

// TestSyncFails makes one sync fail: the store refuses, opens anew, resumes.
func TestSyncFails(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		crdttest.Lacking(t, "a failing sync needs strace")
	}
	dir := t.TempDir()
	cmd := child(dir, 1, strace, "-f", "-o", os.DevNull, "-e", "trace=fdatasync", "-e", "inject=fdatasync:error=EIO:when=40")
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	timer := time.AfterFunc(2*time.Minute, func() { cmd.Process.Kill() })
	defer timer.Stop()
	var acked [writers]int
	refused, again, after, pid := false, false, 0, 0
	for in := bufio.NewScanner(out); in.Scan() && after < 200; {
		var w, i int
		switch line := in.Text(); {
		case strings.HasPrefix(line, "pid "):
			fmt.Sscan(line[4:], &pid)
		case line == "refused":
			refused = true
		case line == "again":
			again = true
		default:
			if _, err := fmt.Sscan(line, &w, &i); err == nil {
				acked[w] = i + 1
			}
		}
		if again {
			after++
		}
	}
	killTraced(pid) // strace ends with it
	cmd.Wait()
	if !refused && !again {
		crdttest.Lacking(t, "strace could not inject a failing sync here")
	}
	if !again {
		t.Fatal("writes never resumed")
	}
	checkAcknowledged(t, dir, 1, acked)
}

func killTraced(pid int) {
	if p, err := os.FindProcess(pid); err == nil && pid > 0 {
		p.Kill()
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
