package match

// The readers below put a JSON value into a field. They report false, and
// leave the field alone, if the value cannot be; null clears the field.

func (v value) into(s *string) bool { return v.intoString(s, maxName) }

func (v value) intoText(s *string) bool { return v.intoString(s, maxText) }

func (v value) intoString(s *string, limit int) bool {
	if v.isNull() {
		*s = ""
		return true
	}
	text, ok := v.text(limit)
	if ok {
		*s = text
	}
	return ok
}

func (v value) intoNumber(n *int64) bool {
	if v.isNull() {
		*n = 0
		return true
	}
	got, ok := v.whole()
	if ok = ok && got >= 0 && got <= maxNumber; ok {
		*n = got
	}
	return ok
}

func (v value) intoTruth(b *bool) bool {
	if v.isNull() {
		*b = false
		return true
	}
	is, ok := v.truth()
	if ok {
		*b = is
	}
	return ok
}

// intoList reads a list of players, or one player.
func (v value) intoList(list *[]string) bool {
	if v.isNull() {
		*list = nil
		return true
	}
	if v[0] != '[' {
		one, ok := v.text(maxName)
		if ok && one != "" {
			*list = []string{one}
		}
		return ok
	}
	var out []string
	good := true
	ok := v.items(func(item value) {
		id, ok := item.text(maxName)
		if good = good && ok && id != "" && len(out) < maxPlayers; good && !contains(out, id) {
			out = append(out, id)
		}
	})
	if ok && good {
		*list = out
	}
	return ok && good
}

// intoSquad reads a list of players, each an ID or {id, no}.
func (v value) intoSquad(squad *[]Shirt) bool {
	if v.isNull() {
		*squad = nil
		return true
	}
	var out []Shirt
	good := true
	ok := v.items(func(item value) {
		var s Shirt
		if item[0] == '{' {
			members(item, func(key []byte, v value) {
				switch string(key) {
				case "id":
					v.into(&s.ID)
				case "no":
					v.intoNumber(&s.No)
				}
			})
		} else {
			item.into(&s.ID)
		}
		if good = good && s.ID != "" && len(out) < maxPlayers; good {
			out = append(out, s)
		}
	})
	if ok && good {
		*squad = out
	}
	return ok && good
}

// intoPair reads [home, away], goals each.
func (v value) intoPair(pair *[]int64) bool {
	if v.isNull() {
		*pair = nil
		return true
	}
	var out []int64
	good := true
	ok := v.items(func(item value) {
		var n int64
		good = item.intoNumber(&n) && n < 1000 && good
		out = append(out, n)
	})
	if ok = ok && good && len(out) == 2; ok {
		*pair = out
	}
	return ok
}
