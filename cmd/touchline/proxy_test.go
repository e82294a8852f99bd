package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"

	"touchline.dev/touchline/bridge/wire"
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/crdttest"
)

const relayName = "relay.example.org"

// The configuration of nginx that docs/OPERATIONS.md offers lets everything through
// that a page of that origin needs: REST, a live stream that is live, and a WebSocket;
// figures stay inside, and plain http leads to https.
func TestBehindProxy(t *testing.T) {
	url, match, run := startHTTP(t, "--http-name", relayName)
	record := run("token", "m", "--role", "record")
	p := startProxy(t, strings.TrimPrefix(url, "http://"))

	post := func(id string) {
		t.Helper()
		event := `{"id":"` + id + `","matchId":"` + match + `","type":"goal"}`
		if code, body := p.do(t, http.MethodPost, "/v1/events", record, event); code != http.StatusCreated {
			t.Fatalf("POST: %d %s", code, body)
		}
	}
	post("g1")
	for path, want := range map[string]int{"/": 200, "/metrics": 404, "/v1/matches": 200} {
		if code, body := p.do(t, http.MethodGet, path, record, ""); code != want {
			t.Errorf("GET %s: %d %.200s", path, code, body)
		}
	}
	if code, _ := p.do(t, http.MethodPost, "/v1/events", record, strings.Repeat("x", 2<<20)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("a body of 2 MiB: %d", code)
	}

	lines := p.live(t, "/v1/matches/"+match+"/live?after=now", record)
	post("g2")
	shown := false
	for line := range lines {
		if shown = strings.Contains(line, `"id":"g2"`); shown {
			break
		}
	}
	if !shown {
		t.Fatal("the live stream ended without what was recorded")
	}

	page := p.page(t)
	id, err := crdt.ParseLogID(match)
	if err != nil {
		t.Fatal(err)
	}
	page.follow(t, record, id)
	post("g3")
	for {
		f, err := page.next()
		if err != nil {
			t.Fatal(err)
		}
		if v, ok := f.(*wire.View); ok && bytes.Contains(v.JSON, []byte(`"id":"g3"`)) {
			break
		}
	}
}

// proxy is nginx with the configuration of the docs, on ports of its own.
type proxy struct {
	addr   string // of https
	client *http.Client
	trust  *tls.Config
}

func startProxy(t *testing.T, node string) *proxy {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		crdttest.Lacking(t, "nginx")
	}
	conf, err := os.ReadFile("../../docs/relay/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	p := &proxy{addr: freeAddr(t), trust: &tls.Config{RootCAs: selfSigned(t, dir), ServerName: relayName}}
	text := strings.NewReplacer(
		"listen 443 ssl", "listen "+p.addr+" ssl", "listen 80", "listen "+freeAddr(t), "http://127.0.0.1:3001", "http://"+node,
		"/etc/letsencrypt/live/relay.example.org/fullchain.pem", dir+"/cert.pem", "/etc/letsencrypt/live/relay.example.org/privkey.pem", dir+"/key.pem",
	).Replace(string(conf))
	whole := fmt.Sprintf("daemon off;\npid %[1]s/pid;\nerror_log %[1]s/error.log;\nevents {}\nhttp {\nclient_body_temp_path %[1]s/body;\nproxy_temp_path %[1]s/proxy;\n"+
		"fastcgi_temp_path %[1]s/f;\nuwsgi_temp_path %[1]s/u;\nscgi_temp_path %[1]s/s;\n%[2]s}\n", dir, text)
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(whole), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-e", dir+"/error.log", "-p", dir, "-c", file)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(os.Interrupt)
		cmd.Wait()
		if log, _ := os.ReadFile(dir + "/error.log"); t.Failed() {
			t.Logf("nginx: %s", log)
		}
	})
	p.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{TLSClientConfig: p.trust, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "tcp", p.addr)
	}}}
	t.Cleanup(p.client.CloseIdleConnections)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("tcp", p.addr)
		if err == nil {
			c.Close()
			return p
		}
		if time.Now().After(deadline) {
			t.Fatal(err)
		}
	}
}

func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// selfSigned writes a certificate for the relay's name and its key, and returns who
// trusts it.
func selfSigned(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{relayName}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	cert, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	for name, b := range map[string][]byte{"cert.pem": public, "key.pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})} {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(public)
	return pool
}

func (p *proxy) request(t *testing.T, method, path, token, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequest(method, "https://"+relayName+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Origin", "https://"+relayName)
	resp, err := p.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return resp
}

func (p *proxy) do(t *testing.T, method, path, token, body string) (int, string) {
	t.Helper()
	resp := p.request(t, method, path, token, body)
	defer resp.Body.Close()
	b, _ := io.ReadAll(resp.Body)
	return resp.StatusCode, string(b)
}

// live are the lines of a stream, as they come, for as long as a request may take.
func (p *proxy) live(t *testing.T, path, token string) <-chan string {
	t.Helper()
	resp := p.request(t, http.MethodGet, path, token, "")
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("live: %d", resp.StatusCode)
	}
	lines := make(chan string)
	done := make(chan struct{})
	t.Cleanup(func() { close(done) })
	go func() {
		defer close(lines)
		for in := bufio.NewScanner(resp.Body); in.Scan(); {
			select {
			case lines <- in.Text():
			case <-done:
				return
			}
		}
	}()
	return lines
}

// page is a WebSocket through the proxy, as of a page of the relay's origin.
func (p *proxy) page(t *testing.T) *rawPage {
	t.Helper()
	d := ws.Dialer{
		Protocols: []string{"touchline.v1"}, TLSConfig: p.trust, Header: ws.HandshakeHeaderHTTP{"Origin": {"https://" + relayName}},
		NetDial: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, p.addr)
		},
	}
	c, ahead, _, err := d.Dial(context.Background(), "wss://"+relayName+"/ws")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if ahead == nil {
		ahead = bufio.NewReader(c)
	}
	c.SetDeadline(time.Now().Add(30 * time.Second))
	return &rawPage{c, ahead}
}
