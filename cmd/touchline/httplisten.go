package main

import (
	"fmt"
	"net"
	"strings"
)

// unixPrefix is before the path of a socket in --listen: for a proxy on the same
// machine, and for a node with a network of its own.
const unixPrefix = "unix:"

// listenHTTP opens what --listen names and returns the URL that pages may be shown;
// "" for a socket, which no browser can open. The socket's folder must be there, and
// nothing at its path.
func listenHTTP(listen string) (l net.Listener, url string, err error) {
	if path, ok := strings.CutPrefix(listen, unixPrefix); ok {
		l, err = net.Listen("unix", path)
	} else if l, err = net.Listen("tcp", listen); err == nil {
		url = "http://" + l.Addr().String()
	}
	if err != nil {
		return nil, "", fmt.Errorf("serve HTTP: %w; choose another address with --listen, or off", err)
	}
	return l, url, nil
}

// checkListen finds mistakes in --listen.
func checkListen(listen string) error {
	if path, ok := strings.CutPrefix(listen, unixPrefix); ok {
		if path == "" || len(path) > maxSocket {
			return usagef("--listen %q: the path of a socket has 1 to %d bytes", listen, maxSocket)
		}
		return nil
	}
	_, port, err := net.SplitHostPort(listen)
	if err == nil {
		_, err = net.LookupPort("tcp", port)
	}
	if err != nil {
		return usagef("--listen %q: say :3001 for the whole network, 127.0.0.1:3001 for this machine, unix:PATH for a socket, or off", listen)
	}
	return nil
}
