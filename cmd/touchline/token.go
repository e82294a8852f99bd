package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

// tokenSecret is where the secret that tokens are signed with lies in the store.
const tokenSecret = "secret/token"

// tokens returns the tokens of the node of this data folder.
func tokens(ctx context.Context, st crdt.Store) (*bridge.Tokens, error) {
	secret, err := st.Meta(tokenSecret)
	if errors.Is(err, crdt.ErrNotFound) {
		secret = make([]byte, 32)
		rand.Read(secret)
		err = st.SetMeta(ctx, tokenSecret, secret)
	}
	if err != nil {
		return nil, fmt.Errorf("secret of tokens: %w", err)
	}
	return bridge.NewTokens(secret, st)
}

func (a *app) tokenCommand() *cobra.Command {
	var in bridge.TokenRequest
	var life time.Duration
	var link bool
	cmd := &cobra.Command{
		Use:   "token [MATCH]",
		Short: "Make a token for a page or a script",
		Long: `A token opens this node's HTTP to a client, for one match and for a time. It is
good at this node only, and is no invite: its holder joins nothing. Roles:
coach, record, guardian, family, watch. What a client records is signed by this
node with a key of its own, at most as a scorer. It opens no more than this
device's own right does, and none is made once that has ended. With --team the holder sees what
that side's people may: their own players and injuries, not the other side's; a
guardian with --child sees its own child's. Whoever made the match and coaches in it
opens the page of a coach of that team: its injuries are not for an admin as such. The
token is shown once.

On plain http anybody on the same Wi-Fi can read along and copy a token: make
them short-lived, and revoke them when the match is over.`,
		Example: `  touchline token "U10 final" --role record --for 3h --label "aunt's page"
  curl -H "Authorization: Bearer $(touchline token)" http://192.168.1.20:3001/v1/matches
  touchline token "U10 final" --role record --link     a QR code for a phone
  touchline token "U10 final" --role coach --team home --link
  touchline token list
  touchline token revoke 3fa9`,
		Args: takes(0, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			in.Life = life.String()
			return a.with(cmd.Context(), false, func(c *client) error {
				m, err := c.match(cmd.Context(), first(args))
				if err != nil {
					return err
				}
				var page string
				if link {
					if page, err = c.page(cmd.Context()); err != nil {
						return err // before a token is made
					}
				}
				var out minted
				if err := c.call(cmd.Context(), http.MethodPost, localPath(m.ID, "/tokens"), in, &out); err != nil {
					return err
				}
				if link {
					out.Link = joinLink(page, out.Token)
				}
				switch {
				case a.json:
					return a.printJSON(out)
				case !link:
					a.printf("%s\n", out.Token)
				default:
					if terminal(a.out) {
						a.printQR(out.Link)
					}
					a.printf("%s\n", out.Link)
				}
				if terminal(a.out) {
					fmt.Fprintf(a.err, "\nIt lets its holder %s until %s.\n", out.Role, out.Expires.Local().Format("2 Jan 15:04"))
				}
				return nil
			})
		},
	}
	cmd.Flags().BoolVar(&link, "link", false, "print a link that opens the web app with it, in a terminal as a QR code, too")
	cmd.Flags().StringVar(&in.Role, "role", "watch", "what the holder may do")
	cmd.Flags().StringVar(&in.Team, "team", "", "the one side that the holder belongs to: home, away or a team's ID")
	cmd.Flags().StringVar(&in.Child, "child", "", "for a guardian: the child's `ID` as a player of that team")
	cmd.Flags().StringVar(&in.Label, "label", "", "whom it is for; it stays on this device")
	cmd.Flags().DurationVar(&life, "for", 12*time.Hour, "how long it is good")
	cmd.AddCommand(a.tokenListCommand(), a.tokenRevokeCommand())
	return cmd
}

// minted is a new token as --json says it.
type minted struct {
	bridge.Minted
	Link string `json:"link,omitempty"`
}

// page is where the web app of the running node is; it must serve HTTP.
func (c *client) page(ctx context.Context) (string, error) {
	var self bridge.Self
	if err := c.get(ctx, "/local/self", &self); err != nil {
		return "", err
	}
	if self.HTTP == "" {
		return "", errors.New("no node serves HTTP here: start touchline node --listen :3001 first")
	}
	return pageURL(self.HTTP, lanAddress), nil
}

func (a *app) tokenListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "List the tokens that this node has made",
		Args:  takes(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return a.with(cmd.Context(), false, func(c *client) error {
				var out bridge.TokenList
				if err := c.get(cmd.Context(), "/local/tokens", &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				for _, t := range out.Tokens {
					a.printf("%s  match %s  %-8s  %-8s  until %s  %s\n", t.ID[:8], t.Match.Short(), tokenRole(t), tokenState(t), t.Expires.Local().Format("2 Jan 15:04"), clean(t.Label))
				}
				if len(out.Tokens) == 0 {
					a.printf("This node has made no tokens.\n")
				}
				return nil
			})
		},
	}
}

// tokenRole is a token's role, side and child in a word or three.
func tokenRole(t bridge.TokenInfo) string {
	role := t.Role
	if t.Child != "" {
		role += " of " + clean(t.Child)
	}
	if t.Team != "" {
		role += " of " + clean(t.Team)
	}
	return role
}

func tokenState(t bridge.TokenInfo) string {
	switch {
	case t.Revoked:
		return "revoked"
	case time.Now().After(t.Expires):
		return "expired"
	}
	return "good"
}

func (a *app) tokenRevokeCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "revoke ID",
		Short:   "End a token at once, and what pages got by it",
		Example: `  touchline token revoke 3fa9`,
		Args:    takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			id := strings.ToLower(strings.TrimSpace(args[0]))
			if id == "" {
				return usagef("say which token: touchline token list shows them")
			}
			return a.with(cmd.Context(), false, func(c *client) error {
				var out bridge.RevokedToken
				if err := c.call(cmd.Context(), http.MethodPost, "/local/tokens/"+url.PathEscape(id)+"/revoke", nil, &out); err != nil {
					return err
				}
				if a.json {
					return a.printJSON(out)
				}
				a.printf("Token %s is revoked.\n", out.ID[:8])
				if out.Pages > 0 {
					a.printf("So is the right of each page that came by it: %d.\n", out.Pages)
				}
				if out.Left > 0 {
					a.printf("The rights of %d pages that came by it are refused here, but this device may not revoke them.\n", out.Left)
				}
				return nil
			})
		},
	}
}
