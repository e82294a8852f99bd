package access

// keysFor returns the keys of a member that an invite with the given role and
// audiences may carry. Spectators and relays read nothing sealed (rule R7).
func (m *Member) keysFor(role Role, audiences uint64) (keys []EpochKey) {
	if !role.MayRead() {
		return nil
	}
	for _, k := range m.Keys {
		if k.Audience&audiences != 0 {
			keys = append(keys, k)
		}
	}
	return keys
}
