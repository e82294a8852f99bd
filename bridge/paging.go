package bridge

import (
	"cmp"
	"encoding/base64"
	"net/http"
	"slices"
)

// pageOf returns the part of a list that a request asks for by after and limit, in
// the order of the keys, and where the next page begins; empty after the last. The
// keys are all different. What comes or goes between two requests moves nothing else
// from one page to another.
func pageOf[T any](r *http.Request, list []T, key func(*T) string) (page []T, next string, err error) {
	limit, err := limitOf(r, maxLimit)
	if err != nil {
		return nil, "", err
	}
	slices.SortFunc(list, func(a, b T) int { return cmp.Compare(key(&a), key(&b)) })
	if text := r.FormValue("after"); text != "" {
		after, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil {
			return nil, "", errCursor
		}
		list = slices.DeleteFunc(list, func(one T) bool { return key(&one) <= string(after) })
	}
	if len(list) <= limit {
		return list, "", nil
	}
	list = list[:limit]
	return list, base64.RawURLEncoding.EncodeToString([]byte(key(&list[limit-1]))), nil
}
