package recon_test

import (
	"bytes"
	"math/rand/v2"
	"runtime"
	"testing"

	"touchline.dev/touchline/crdt/recon"
)

// seedFrames gives a fuzz target real frames of each kind.
func seedFrames(f *testing.F) {
	for i, level := range []recon.Level{recon.LevelAuto, recon.LevelFull} {
		for _, newest := range []int{0, 100} {
			a, b := pair(rand.New(rand.NewPCG(uint64(i), 1)), 200, 50, 50, newest)
			a.level = level
			sa, sb := a.session(recon.Initiator, key(1)), b.session(recon.Responder, key(1))
			for _, frame := range run(sa, sb, nil).frames {
				f.Add(frame)
			}
		}
	}
	for _, v := range invalidVectors() {
		f.Add([]byte(v.Frame))
	}
}

func FuzzFrame(f *testing.F) {
	seedFrames(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		if again, err := recon.RoundTrip(b); err == nil && !bytes.Equal(again, b) {
			t.Errorf("two encodings of one frame:\n%x\n%x", b, again)
		}
	})
}

func FuzzSessionStep(f *testing.F) {
	seedFrames(f)
	rnd := rand.New(rand.NewPCG(1, 1))
	a, b := syncPair(rnd, 100, 20, 20, 50)
	b.limits = recon.Limits{Cells: 2000}
	first, _ := a.session(recon.Initiator, key(2)).Start()
	hello := first.Reply[0]
	f.Fuzz(func(t *testing.T, frame []byte) {
		for role := recon.Initiator; role <= recon.Responder; role++ {
			s := b.session(role, key(2))
			s.Start()
			for _, in := range [][]byte{frame, append(hello[:28:28], frame...), frame} {
				out, err := s.Step(in)
				if out.Equal {
					t.Fatal("claimed equality")
				}
				for _, r := range out.Reply {
					if len(r) > recon.MaxFrame {
						t.Fatalf("frame of %d bytes", len(r))
					}
				}
				if err != nil {
					if _, again := s.Step(in); again == nil {
						t.Fatal("alive after an error")
					}
					break
				}
			}
		}
	})
}

// TestHostileBytes mutates real frames in the middle of real sessions.
func TestHostileBytes(t *testing.T) {
	rnd := rand.New(rand.NewPCG(11, 12))
	a, b := pair(rnd, 400, 60, 60, 40)
	for i := range 800 {
		sa, sb := a.session(recon.Initiator, key(1)), b.session(recon.Responder, key(1))
		sides := [2]*recon.Session{sa, sb}
		out, err := sa.Start()
		for to, victim := 1, rnd.IntN(4); err == nil && len(out.Reply) > 0; to, victim = 1-to, victim-1 {
			for _, frame := range out.Reply {
				if victim == 0 {
					frame = mutate(rnd, frame)
				}
				if out, err = sides[to].Step(frame); err != nil {
					break
				}
				if out.Equal {
					t.Fatalf("run %d: claimed equality", i)
				}
			}
		}
	}
}

func mutate(rnd *rand.Rand, frame []byte) []byte {
	frame = bytes.Clone(frame)
	for range 1 + rnd.IntN(4) {
		frame[rnd.IntN(len(frame))] = byte(rnd.Uint32())
	}
	return frame[:1+rnd.IntN(len(frame))]
}

// TestParserAllocation feeds counts that promise far more than the frame has.
func TestParserAllocation(t *testing.T) {
	const huge = "\xff\xff\xff\xff\x0f"
	for _, body := range []string{
		"\x02\x14" + huge, "\x03\x28", "\x04\x00" + huge, "\x04" + huge + huge, "\x05\x00\x00\x14" + huge,
		"\x06" + huge, "\x07\x30" + huge, "\x08" + huge, "\x09\x00\x01" + huge,
	} {
		frame := []byte("\x00" + body)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := recon.RoundTrip(frame); err == nil {
			t.Errorf("%x: accepted", body)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 16<<10 {
			t.Errorf("%x: %d bytes allocated", body, n)
		}
	}
}

// TestStalledDecodeIsBounded has a peer whose sketches never decode.
func TestStalledDecodeIsBounded(t *testing.T) {
	rnd := rand.New(rand.NewPCG(13, 14))
	a, b := pair(rnd, 3000, 100, 100, 0)
	for set := range b.index { // other hashes: everything seems to differ
		b.index[set] = recon.NewIndex(recon.SipKey{9})
		for e := range b.sets[set] {
			b.index[set].Insert(recon.NameOf(e))
		}
	}
	b.limits, a.limits = recon.Limits{Cells: 500}, recon.Limits{Cells: 500}
	x := reconcile(t, a, b, 1)
	deliver(&x, a, b)
	if !converged(a, b) || x.flights > 8+2*(3*3100/(8*330)+1) {
		t.Errorf("converged %v in %d flights", converged(a, b), x.flights)
	}
}
