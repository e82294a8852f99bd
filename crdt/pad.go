package crdt

import "errors"

// sizeClasses are the lengths to which payloads are padded before sealing
// (rule R7), so that a size tells little. Steps grow by at most a half.
var sizeClasses = [...]int{64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048, 3072, 4096, 6144, 8192, 12288, 14336}

// MaxPlain is the longest payload before padding, in bytes.
const MaxPlain = 14336 - 1

// padMark ends a payload; zeros follow (ISO/IEC 7816-4).
const padMark = 0x80

var (
	errTooLong = errors.New("payload is too long")
	errPadding = errors.New("payload is not padded to a size class")
)

// Pad appends the mark and zeros up to the next size class.
func Pad(plain []byte) ([]byte, error) {
	for _, class := range sizeClasses {
		if len(plain) < class {
			out := make([]byte, class)
			copy(out, plain)
			out[len(plain)] = padMark
			return out, nil
		}
	}
	return nil, errTooLong
}

// Unpad reverses [Pad] and accepts only what Pad produces.
func Unpad(padded []byte) ([]byte, error) {
	end := len(padded) - 1
	for end >= 0 && padded[end] == 0 {
		end--
	}
	if end < 0 || padded[end] != padMark {
		return nil, errPadding
	}
	for _, class := range sizeClasses {
		if end < class {
			if class != len(padded) {
				return nil, errPadding
			}
			return padded[:end], nil
		}
	}
	return nil, errPadding
}

func isSizeClass(n int) bool {
	for _, class := range sizeClasses {
		if n == class {
			return true
		}
	}
	return false
}
