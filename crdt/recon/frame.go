package recon

// MaxFrame is the longest frame in bytes.
const MaxFrame = 14 << 10

// frames packs the messages of one flight. A frame is a byte, 1 if more
// frames of the flight follow and else 0, then messages.
type frames [][]byte

func (f *frames) add(m message) {
	b := m.append(nil)
	last := len(*f) - 1
	switch {
	case last < 0:
		*f = append(*f, append([]byte{0}, b...))
	case len((*f)[last])+len(b) <= MaxFrame:
		(*f)[last] = append((*f)[last], b...)
	default:
		(*f)[last][0] = 1
		*f = append(*f, append([]byte{0}, b...))
	}
}

// parseFrame takes a frame apart. It allocates in proportion to the frame,
// whatever counts the frame claims.
func parseFrame(b []byte) (follows bool, messages []message, err error) {
	if len(b) < 2 || len(b) > MaxFrame || b[0] > 1 {
		return false, nil, malformed("frame of %d bytes", len(b))
	}
	r := reader{b: b[1:]}
	for len(r.b) > 0 {
		messages = append(messages, r.message())
	}
	return b[0] == 1, messages, r.err
}

func (r *reader) message() message {
	switch kind := r.byte(); kind {
	case kindHello:
		return r.hello()
	case kindSince:
		return &since{r.idList()}
	case kindLadder:
		return r.ladder()
	case kindCells:
		return r.cells()
	case kindList:
		return &list{span{r.bound(), r.bound()}, r.idList()}
	case kindWant:
		return r.want()
	case kindWantIDs:
		return &wantIDs{r.idList()}
	case kindMore:
		return r.more()
	case kindFull:
		return r.full()
	default:
		r.fail("message of kind %d", kind)
		return nil
	}
}
