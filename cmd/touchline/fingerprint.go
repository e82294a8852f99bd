package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/crypto/argon2"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

// The words are made slowly, and with what the two say to each other first: 44
// bits alone are met by two logs out of some four million that a member makes.
const (
	fingerprintTime   = 3
	fingerprintMemory = 64 << 10 // KiB
	fingerprintSalt   = "touchline fingerprint 1\n"
)

// fingerprintWords are four words of 2,048 for a digest: 44 bits of Argon2id
// (RFC 9106) over it, salted with what the two people agreed on just now; empty is
// nothing. Two who read the same words to each other hold the same log. To
// deceive them, a member who writes events as it likes would make some 2^22 logs
// beforehand, about a fifth of a second each; with a word that it could not
// know it has one chance in 2^44. Devices compare whole digests.
func fingerprintWords(digest crdt.Hash, with string) string {
	bits := uint64(0)
	for _, b := range argon2.IDKey(digest[:], []byte(fingerprintSalt+with), fingerprintTime, fingerprintMemory, 1, 6) {
		bits = bits<<8 | uint64(b)
	}
	words := make([]string, 4)
	for i := range words {
		words[i] = wordlists.English[bits>>(48-11*(i+1))&2047]
	}
	return strings.Join(words, " ")
}

func (a *app) fingerprintCommand() *cobra.Command {
	var with string
	cmd := &cobra.Command{
		Use:   "fingerprint [MATCH]",
		Short: "Four words that two people can compare",
		Long: `Prints four words made from all that this device holds of a match. Equal words
on two devices mean equal logs; any event more or less changes them.

A member who wanted to deceive you would have to compute for days to have two logs
with the same words. Agree on any word at the moment of comparing, and give it to
both with --with: then there is nothing to prepare.`,
		Example: `  touchline match fingerprint "U10 final"
  touchline match fingerprint "U10 final" --with umbrella`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				var s bridge.Status
				if err := c.get(cmd.Context(), "/v1/matches/"+m.ID.String()+"/status", &s); err != nil {
					return err
				}
				words := fingerprintWords(s.Digest, strings.ToLower(strings.TrimSpace(with)))
				if a.json {
					return a.printJSON(map[string]any{"matchId": m.ID, "words": words, "digest": s.Digest, "count": s.Count})
				}
				a.printf("%s\n", words)
				return nil
			})
		},
	}
	cmd.Flags().StringVar(&with, "with", "", "a word that both sides agree on just now")
	return cmd
}
