package match

import "errors"

// ErrSetting: the settings of a match or a competition have a field or a value that
// cannot be.
var ErrSetting = errors.New("invalid setting")

// ErrInvalid: a draft says something that cannot be, or lacks what its kind
// needs. Only writers see it; the fold flags instead.
var ErrInvalid = errors.New("invalid event")

// ErrField: a field of a draft has a value that cannot be. The fold ignores the field, and
// counts the event.
var ErrField = errors.New("cannot be what it says, and is ignored")
