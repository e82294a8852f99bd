package match

import "errors"

// ErrInvalid: a draft says something that cannot be, or lacks what its kind
// needs. Only writers see it; the fold flags instead.
var ErrInvalid = errors.New("invalid event")
