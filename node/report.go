package node

import (
	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/crdt/recon"
)

// exchangeReport says what an exchange did.
type exchangeReport struct {
	Logs              []logReport // of the logs that both follow
	BytesIn, BytesOut int
	Err               string
}

// logReport is the part about one log.
type logReport struct {
	Log       crdt.LogID
	Equal     bool
	Retired   bool // the peer gave its copy up: it leaves comparisons
	Resting   bool // the peer has the log, and is not on its topic
	Sent, Got int
	Gave      []recon.Item // what was sent: the peer lacked it
}

func (e exchangeReport) moved() bool {
	for _, l := range e.Logs {
		if l.Sent+l.Got > 0 {
			return true
		}
	}
	return false
}

// Equal reports whether all common logs were proved equal.
func (e exchangeReport) Equal() bool {
	for _, l := range e.Logs {
		if !l.Equal && !l.Retired {
			return false
		}
	}
	return true
}
