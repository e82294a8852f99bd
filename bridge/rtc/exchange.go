package rtc

import (
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/pion/ice/v4"
	"github.com/pion/webrtc/v4"
)

// Errors of calls.
var (
	// ErrBusy: there are too many calls, of this client or in all.
	ErrBusy = errors.New("too many data channels")
	// ErrOffer: the offer cannot be answered. The page's fault.
	ErrOffer = errors.New("offer cannot be answered")
)

const (
	answerTime     = 5 * time.Second  // to gather our own addresses
	openTime       = 10 * time.Second // for the channel to open after the answer
	receiveBuffer  = 256 << 10
	disconnectTime = 5 * time.Second
	failTime       = 10 * time.Second
	keepAlive      = 2 * time.Second
)

// Config is how calls are taken.
type Config struct {
	Label    string // of the channel; others are not taken
	MaxQueue int    // bytes that may wait for a reader
	Slow     []byte // last message to a reader past MaxQueue
	Calls    int    // at once
	OfClient int    // of these by one client
}

// Exchange takes calls. It may be used from any goroutine.
type Exchange struct {
	cfg Config      // immutable
	api *webrtc.API // immutable

	mu      sync.Mutex
	closed  bool           // guarded by mu
	calls   map[*Call]bool // guarded by mu
	clients map[string]int // guarded by mu
}

// New returns an exchange without calls.
func New(cfg Config) *Exchange {
	var e webrtc.SettingEngine
	e.SetICEMulticastDNSMode(ice.MulticastDNSModeDisabled)
	e.SetNetworkTypes([]webrtc.NetworkType{webrtc.NetworkTypeUDP4, webrtc.NetworkTypeUDP6})
	e.SetIncludeLoopbackCandidate(true) // a page on the same device
	e.SetICETimeouts(disconnectTime, failTime, keepAlive)
	e.SetSCTPMaxReceiveBufferSize(receiveBuffer)
	return &Exchange{
		cfg: cfg, api: webrtc.NewAPI(webrtc.WithSettingEngine(e)),
		calls: map[*Call]bool{}, clients: map[string]int{},
	}
}

// Calls is how many there are.
func (x *Exchange) Calls() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.calls)
}

// Close ends all calls.
func (x *Exchange) Close() {
	x.mu.Lock()
	x.closed = true
	var list []*Call
	for c := range x.calls {
		list = append(list, c)
	}
	x.mu.Unlock()
	for _, c := range list {
		c.end()
	}
}

// Answer takes a call and returns the answer to its offer. h is told of the
// channel when it opens; it is not if the call comes to nothing.
func (x *Exchange) Answer(client, offer string, h Handler) (*Call, string, error) {
	c := &Call{exchange: x, client: client, handler: h}
	if err := x.enter(c); err != nil {
		return nil, "", err
	}
	answer, err := c.answer(offer)
	if err != nil {
		c.end()
		return nil, "", err
	}
	time.AfterFunc(openTime, c.endUnlessOpen)
	return c, answer, nil
}

func (x *Exchange) enter(c *Call) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.closed || len(x.calls) >= x.cfg.Calls || x.clients[c.client] >= x.cfg.OfClient {
		return ErrBusy
	}
	x.calls[c] = true
	x.clients[c.client]++
	return nil
}

func (x *Exchange) leave(c *Call) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.calls[c] {
		return
	}
	delete(x.calls, c)
	if x.clients[c.client]--; x.clients[c.client] <= 0 {
		delete(x.clients, c.client)
	}
}

// Call is one peer connection.
type Call struct {
	exchange *Exchange // immutable
	client   string    // immutable
	handler  Handler   // immutable

	mu      sync.Mutex
	conn    *webrtc.PeerConnection // guarded by mu; nil before the answer
	channel *Channel               // guarded by mu; nil until it opens
	over    bool                   // guarded by mu
}

// answer sets the connection up and waits for our own addresses, which takes no
// question to anybody.
func (c *Call) answer(offer string) (string, error) {
	conn, err := c.exchange.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", fmt.Errorf("answer a call: %w", err)
	}
	c.mu.Lock()
	c.conn = conn
	c.mu.Unlock()
	conn.OnDataChannel(c.take)
	conn.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
		if s == webrtc.PeerConnectionStateFailed || s == webrtc.PeerConnectionStateClosed {
			go c.end()
		}
	})
	if err := conn.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", fmt.Errorf("%w: %v", ErrOffer, err)
	}
	answer, err := conn.CreateAnswer(nil)
	if err != nil {
		return "", fmt.Errorf("%w: %v", ErrOffer, err)
	}
	gathered := webrtc.GatheringCompletePromise(conn)
	if err := conn.SetLocalDescription(answer); err != nil {
		return "", fmt.Errorf("%w: %v", ErrOffer, err)
	}
	late := time.NewTimer(answerTime)
	defer late.Stop()
	select {
	case <-gathered:
	case <-late.C: // with the addresses there are
	}
	return conn.LocalDescription().SDP, nil
}

// Candidate adds an address of the page, in JSON as of RTCIceCandidate.toJSON.
// Errors wrap ErrOffer.
func (c *Call) Candidate(text string) error {
	var in webrtc.ICECandidateInit
	if err := json.Unmarshal([]byte(text), &in); err != nil {
		return fmt.Errorf("%w: candidate: %v", ErrOffer, err)
	}
	c.mu.Lock()
	conn, over := c.conn, c.over
	c.mu.Unlock()
	if over || conn == nil {
		return fmt.Errorf("%w: the call is over", ErrOffer)
	}
	if err := conn.AddICECandidate(in); err != nil {
		return fmt.Errorf("%w: candidate: %v", ErrOffer, err)
	}
	return nil
}

// take accepts the one channel of a call.
func (c *Call) take(dc *webrtc.DataChannel) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.over || c.channel != nil || dc.Label() != c.exchange.cfg.Label || !dc.Ordered() || dc.MaxRetransmits() != nil || dc.MaxPacketLifeTime() != nil {
		go c.end()
		return
	}
	c.channel = newChannel(c, dc)
}

func (c *Call) endUnlessOpen() {
	c.mu.Lock()
	open := c.channel != nil
	c.mu.Unlock()
	if !open {
		c.end()
	}
}

// end hangs up, once.
func (c *Call) end() {
	c.mu.Lock()
	conn, channel, over := c.conn, c.channel, c.over
	c.over = true
	c.mu.Unlock()
	if over {
		return
	}
	if conn != nil {
		_ = conn.Close() // there is nobody to tell
	}
	c.exchange.leave(c)
	if channel != nil {
		channel.gone()
	}
}
