package main

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/tyler-smith/go-bip39/wordlists"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

// fingerprintWords are four words of 2,048 for a digest: 44 bits. Two people
// who read the same four words to each other hold the same log, unless a member
// spent some 2^43 hashes to deceive them; devices compare whole digests.
func fingerprintWords(digest crdt.Hash) string {
	bits := uint64(0)
	for _, b := range digest[:6] {
		bits = bits<<8 | uint64(b)
	}
	words := make([]string, 4)
	for i := range words {
		words[i] = wordlists.English[bits>>(48-11*(i+1))&2047]
	}
	return strings.Join(words, " ")
}

func (a *app) fingerprintCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "fingerprint [MATCH]",
		Short: "Four words that two people can compare",
		Long: `Prints four words made from all that this device holds of a match. Equal words
on two devices mean equal logs; any event more or less changes them.`,
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
				words := fingerprintWords(s.Digest)
				if a.json {
					return a.printJSON(map[string]any{"matchId": m.ID, "words": words, "digest": s.Digest, "count": s.Count})
				}
				a.printf("%s\n", words)
				return nil
			})
		},
	}
}
