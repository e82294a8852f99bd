package main

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/url"
	"time"

	"github.com/mdp/qrterminal/v3"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt/access"
)

// shownFor is how long the link is good that a node shows when it begins.
const shownFor = 12 * time.Hour

// pageURL is where other devices find the web app of a node that listens at
// at: under an address of this machine if it listens at all of them.
func pageURL(at string, lan func() string) string {
	u, err := url.Parse(at)
	if err != nil {
		return at
	}
	ip := net.ParseIP(u.Hostname())
	if ip != nil && ip.IsUnspecified() {
		u.Host = net.JoinHostPort(cmp.Or(lan(), "127.0.0.1"), u.Port())
	}
	return u.Scheme + "://" + u.Host + "/"
}

// lanAddress is the first private IPv4 address of this machine; empty if it has none.
func lanAddress() string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return ""
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsPrivate() {
			return n.IP.String()
		}
	}
	return ""
}

// joinLink opens the app and lets its holder in. The token is in the fragment,
// which browsers send nowhere.
func joinLink(page, token string) string { return page + "#join=" + token }

// printQR shows a text for a camera, if it fits.
func (a *app) printQR(text string) {
	if len(text) > maxQR {
		return
	}
	qrterminal.GenerateWithConfig(text, qrterminal.Config{
		Level: qrterminal.L, Writer: a.out, HalfBlocks: true, QuietZone: 2,
		BlackChar: qrterminal.BLACK_BLACK, WhiteChar: qrterminal.WHITE_WHITE,
		BlackWhiteChar: qrterminal.BLACK_WHITE, WhiteBlackChar: qrterminal.WHITE_BLACK,
	})
}

// showApp says how to open the web app. In a terminal, a node that follows one
// match shows a link that lets a phone in; a log file gets no token.
func (a *app) showApp(ctx context.Context, b *backend, tokens *bridge.Tokens) error {
	page := pageURL(b.Self().HTTP, lanAddress)
	a.printf("  app     %s\n", page)
	var one []bridge.Match
	for _, m := range b.Matches() {
		if !m.Team {
			one = append(one, m)
		}
	}
	if len(one) != 1 || !terminal(a.out) {
		a.printf("          a link for a phone: touchline token MATCH --role record --link\n")
		return nil
	}
	terms := bridge.TokenTerms{Match: one[0].ID, Role: access.Scorer, Label: "shown when the node began", Life: shownFor}
	if bridge.MayLetIn(b, terms) != nil {
		terms.Role = access.Spectator
	}
	if err := bridge.MayLetIn(b, terms); err != nil {
		a.printf("          no link for a phone: %v\n", err)
		return nil
	}
	text, info, err := tokens.Mint(ctx, terms, time.Now())
	if err != nil {
		return fmt.Errorf("link for a phone: %w", err)
	}
	link := joinLink(page, text)
	a.printQR(link)
	a.printf("  phones  %s\n          lets its holder %s until %s\n", link, info.Role, info.Expires.Local().Format("15:04"))
	if bridge.IsLoopback(page[len("http://") : len(page)-1]) {
		a.printf("          for phones, listen to the network: touchline node --listen :3001\n")
	}
	return nil
}
