package access

import "touchline.dev/touchline/crdt"

// Wards returns those of the players of its right's team whose guardian the holder
// of a right is: a guardian who was given, directly or by the invite, a key of the
// child's current epochs, and whose right has not ended. No grant says so in clear.
func (k *Keyring) Wards(grant crdt.Hash, players []string) (wards []string) {
	c, secret := k.control, k.member.TopicSecret
	j, done := c.judgement()
	defer done()
	r := c.rights[grant]
	if r == nil || r.role != Guardian || r.team == "" || !r.reads(AudienceGuardians) || j.ended(grant) {
		return nil
	}
	lines := map[Audience]bool{}
	for _, e := range c.rulings.epochs {
		lines[e.content.For()] = true
	}
	for _, p := range players {
		if a := guardians(secret, r.team, p); lines[a] && r.belongs(secret, a, c.guardians(j, a, nil)) {
			wards = append(wards, p)
		}
	}
	return wards
}
