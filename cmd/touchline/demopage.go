package main

import (
	"context"
	"io"
	"net"
	"path/filepath"
	"sync"
)

// demoSocket is where the first node of a demo serves its HTTP.
const demoSocket = "page.sock"

// demoDoor lets a browser on this machine reach the node on the first host of a
// demo, which has a network of its own: a socket in a folder belongs to no network.
type demoDoor struct {
	l    net.Listener
	path string
	open sync.WaitGroup
}

// openDoor listens on addr; where that is taken and nobody asked for it, on any port.
func openDoor(addr string, asked bool, folder string) (*demoDoor, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil && !asked {
		l, err = net.Listen("tcp", "127.0.0.1:0")
	}
	if err != nil {
		return nil, err
	}
	d := &demoDoor{l: l, path: filepath.Join(folder, demoSocket)}
	d.open.Go(d.serve)
	return d, nil
}

func (d *demoDoor) addr() string { return d.l.Addr().String() }

func (d *demoDoor) close() {
	d.l.Close()
	d.open.Wait()
}

func (d *demoDoor) serve() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for {
		c, err := d.l.Accept()
		if err != nil {
			return
		}
		d.open.Go(func() { d.pass(ctx, c) })
	}
}

// pass carries bytes both ways until one side has no more.
func (d *demoDoor) pass(ctx context.Context, c net.Conn) {
	defer c.Close()
	node, err := (&net.Dialer{}).DialContext(ctx, "unix", d.path)
	if err != nil {
		return // the node is not up yet; the browser tries again
	}
	defer node.Close()
	stop := context.AfterFunc(ctx, func() { c.Close(); node.Close() })
	defer stop()
	var back sync.WaitGroup
	back.Go(func() {
		io.Copy(c, node)
		c.Close()
	})
	io.Copy(node, c)
	node.Close()
	back.Wait()
}
