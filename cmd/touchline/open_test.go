package main

import (
	"regexp"
	"testing"
)

// What a node shows can be opened on another device.
func TestPageURL(t *testing.T) {
	lan := func() string { return "192.168.1.20" }
	none := func() string { return "" }
	for _, c := range []struct {
		at   string
		lan  func() string
		want string
	}{
		{"http://127.0.0.1:3001", lan, "http://127.0.0.1:3001/"},
		{"http://[::]:3001", lan, "http://192.168.1.20:3001/"},
		{"http://0.0.0.0:80", lan, "http://192.168.1.20:80/"},
		{"http://[::]:3001", none, "http://127.0.0.1:3001/"},
		{"http://[fe80::1]:3001", lan, "http://[fe80::1]:3001/"},
	} {
		if got := pageURL(c.at, c.lan); got != c.want {
			t.Errorf("%s is opened as %s, not %s", c.at, got, c.want)
		}
	}
}

// A link is the app's address with the token where no server sees it.
func TestTokenLink(t *testing.T) {
	url, _, run := startHTTP(t)
	link := run("token", "m", "--role", "record", "--link")
	if !regexp.MustCompile(`^` + regexp.QuoteMeta(url) + `/#join=tl1\.[\w-]+$`).MatchString(link) {
		t.Fatalf("the link is %q", link)
	}
}
