package main

import (
	"bufio"
	"flag"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// inFlight is how many publishers there are where the greatest rate is asked
// for; each has one event that not all readers have yet.
const inFlight = 8

// figures are what one run measured.
type figures struct {
	cpu            float64 // microseconds a delivery, server only
	p50, p99, last float64 // ms; last: until the last reader has it, median
	ack            float64 // ms, median
	rate           float64 // deliveries a second
	memory         float64 // kB a connection
	lost           int
}

func main() {
	bin := flag.String("bin", "../../bin", "folder of the programs")
	what := flag.String("what", "steady 1000,steady 5000,most 1000,idle 10000,steady 10000", "what to measure, with commas between")
	only := flag.String("only", "", "names of servers, with commas between; empty: all")
	length := flag.Duration("for", 6*time.Second, "how long each run measures")
	flag.Parse()
	for _, w := range strings.Split(*what, ",") {
		var kind string
		var n int
		if _, err := fmt.Sscanf(w, "%s %d", &kind, &n); err != nil {
			fmt.Fprintln(os.Stderr, w, err)
			os.Exit(2)
		}
		table(kind, n, func(name string) bool { return *only == "" || slices.Contains(strings.Split(*only, ","), name) }, *bin, *length)
	}
}

// reference is the server that ratios are to.
const reference = "socket.io 4.8.4"

// nothingSent is the width of the columns that idle readers leave empty.
const nothingSent = 5*9 - 1 + 11

// table measures the servers one after the other and prints a line for each.
func table(kind string, n int, wanted func(name string) bool, bin string, length time.Duration) {
	var names []string
	got := map[string]figures{}
	for _, k := range kinds {
		if !wanted(k.name) {
			continue
		}
		f, err := measure(k.begin, bin, kind, n, length)
		if err != nil {
			fmt.Printf("%-22s %v\n", k.name, err)
			continue
		}
		names, got[k.name] = append(names, k.name), f
	}
	fmt.Printf("\n%s, %d readers\n%-22s %8s %8s %8s %8s %8s %10s %8s %6s %7s %7s\n", kind, n, "",
		"cpu us", "p50 ms", "p99 ms", "last ms", "ack ms", "deliv/s", "kB/conn", "lost", "x cpu", "x rate")
	ref := got[reference]
	for _, name := range names {
		f := got[name]
		if kind == "idle" {
			fmt.Printf("%-22s %*s %8.1f\n", name, nothingSent, "", f.memory)
			continue
		}
		fmt.Printf("%-22s %8.2f %8.2f %8.2f %8.2f %8.2f %10.0f %8.1f %6d %7.2f %7.2f\n", name,
			f.cpu, f.p50, f.p99, f.last, f.ack, f.rate, f.memory, f.lost, f.cpu/ref.cpu, f.rate/ref.rate)
	}
}

func measure(begin func(bin, dir string) (*server, error), bin, kind string, n int, length time.Duration) (f figures, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return f, err
	}
	defer os.RemoveAll(dir)
	s, err := begin(bin, dir)
	if err != nil {
		return f, err
	}
	defer s.stop()
	before := s.rss()
	c, err := newCrowd(s.speak, s.addr, n)
	if err != nil {
		return f, err
	}
	defer c.stop()
	time.Sleep(time.Second)
	f.memory = (s.rss() - before) / float64(n)
	if kind == "idle" {
		return f, nil
	}
	publishers := 1
	every := 200 * time.Millisecond
	if kind == "most" {
		publishers, every = inFlight, 0
	}
	return f, publish(s, c, &f, publishers, every, length)
}

// publish sends events for a time: each publisher one every so often, or, with
// every 0, its next when all readers have the last.
func publish(s *server, c *crowd, f *figures, publishers int, every, length time.Duration) error {
	var mu sync.Mutex
	var acks []time.Duration
	next := 0
	take := func() int {
		mu.Lock()
		defer mu.Unlock()
		next++
		return next - 1
	}
	var failed error
	var wait sync.WaitGroup
	cpu, began := s.cpu(), time.Now()
	for i := range publishers {
		wait.Go(func() {
			err := onePublisher(s, c, i, every, began.Add(length), take, func(d time.Duration) {
				mu.Lock()
				acks = append(acks, d)
				mu.Unlock()
			})
			if err != nil {
				mu.Lock()
				failed = err
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	total, took := c.total.Load(), time.Since(began)
	f.rate = float64(total) / took.Seconds()
	for late := time.Now().Add(3 * time.Second); time.Now().Before(late) && int(c.total.Load()) < next*len(c.readers); {
		time.Sleep(10 * time.Millisecond)
	}
	f.cpu = (s.cpu() - cpu) / float64(max(1, c.total.Load()))
	c.stopped.Store(true)
	c.done.Wait()
	f.lost = next*len(c.readers) - int(c.total.Load())
	slices.Sort(c.latencies)
	slices.Sort(acks)
	if len(c.latencies) > 0 && len(acks) > 0 {
		f.p50, f.p99 = float64(c.latencies[len(c.latencies)/2])/1000, float64(c.latencies[len(c.latencies)*99/100])/1000
		f.ack = float64(acks[len(acks)/2].Microseconds()) / 1000
	}
	var lasts []float64
	for seq := range next {
		lasts = append(lasts, float64(c.last[seq]-c.sent[seq].Load())/1e6)
	}
	if slices.Sort(lasts); len(lasts) > 0 {
		f.last = lasts[len(lasts)/2]
	}
	return failed
}

func onePublisher(s *server, c *crowd, number int, every time.Duration, end time.Time, take func() int, acked func(time.Duration)) error {
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		return err
	}
	defer conn.Close()
	r := bufio.NewReader(conn)
	if err := s.speak.enter(conn, r, number); err != nil {
		return err
	}
	for at := time.Now(); time.Now().Before(end); at = at.Add(every) {
		time.Sleep(time.Until(at))
		seq := take()
		sent := time.Now()
		c.sent[seq].Store(int64(sent.Sub(c.start)))
		if err := s.speak.publish(conn, r, seq); err != nil {
			return fmt.Errorf("publish: %w", err)
		}
		acked(time.Since(sent))
		for every == 0 && !c.everywhere(seq) && time.Now().Before(end) {
			time.Sleep(50 * time.Microsecond)
		}
	}
	return nil
}
