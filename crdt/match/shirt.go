package match

import "strconv"

// maxShirtDigits is how long a number on a shirt is at most.
const maxShirtDigits = 3

// ShirtOf is the number on the shirt that a player's ID is, as recorders type who know
// no more; 0 if it is none. What a line-up says of the player's number goes before it.
func ShirtOf(id string) int64 {
	if len(id) > maxShirtDigits {
		return 0
	}
	n, err := strconv.ParseUint(id, 10, 16)
	if err != nil {
		return 0
	}
	return int64(n)
}
