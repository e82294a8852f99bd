package main

import (
	"context"
	"fmt"
	"net/http"

	"touchline.dev/touchline/bridge"
	"touchline.dev/touchline/crdt"
)

// Damages lists what was found wrong with the store; a node that keeps nothing
// has none.
func (b *backend) Damages() (out []bridge.Damage) {
	st, ok := b.store.(store)
	if !ok {
		return nil
	}
	for _, d := range st.Damages() {
		out = append(out, bridge.Damage{When: d.When, What: d.What, Moved: d.Moved, Saved: d.Saved})
	}
	return out
}

// Lost says what a damage took from a match.
func (b *backend) Lost(id crdt.LogID) (out bridge.Lost, err error) {
	st, ok := b.store.(store)
	if !ok {
		return out, nil
	}
	lost, err := st.Lost(id)
	if lost.Count() > 0 {
		out = bridge.Lost{Since: &lost.Since, Count: lost.Count(), Hashes: lost.Hashes}
	}
	return out, err
}

// Dismiss forgets damages and what is still missing of them.
func (b *backend) Dismiss() error {
	if st, ok := b.store.(store); ok {
		return st.Dismiss()
	}
	return nil
}

// checkDamage amends the doctor's finding on the store.
func (b *backend) checkDamage(id crdt.LogID, c *bridge.Check) error {
	for _, d := range b.Damages() {
		c.Detail += "; " + damageWords(d)
	}
	lost, err := b.Lost(id)
	if err != nil || lost.Count == 0 || !c.OK {
		return err
	}
	c.OK = false
	c.Detail = fmt.Sprintf("missing in this match since the store was damaged: %s; ", count(int(lost.Count), "event")) + c.Detail
	c.Hint = "let this device meet one that has them: they come back by themselves. If none has, touchline doctor --dismiss gives them up"
	return nil
}

// damageWords say in a line what was wrong, when, and where the rest of it is.
func damageWords(d bridge.Damage) string {
	words := fmt.Sprintf("on %s: %s", d.When.Local().Format("2 Jan 15:04"), d.What)
	if d.Moved != "" {
		words += fmt.Sprintf("; %s read out of it, and what was there is kept in %s", wereWords(d.Saved), d.Moved)
	}
	return words
}

func wereWords(n int) string {
	if n == 1 {
		return "1 event was"
	}
	return fmt.Sprintf("%d events were", n)
}

// printDamages says what was wrong with this device's store, until somebody
// dismisses it.
func (a *app) printDamages(list []bridge.Damage) {
	if len(list) == 0 {
		return
	}
	a.printf("%s\n", poor.Render("This device's store was damaged and mended:"))
	for _, d := range list {
		a.printf("  %s\n", clean(damageWords(d)))
	}
	a.printf("  When all matches are right (touchline verify), remove the folders named here and dismiss this: touchline doctor --dismiss\n")
}

// dismiss forgets what was damaged, and what is missing since.
func (a *app) dismiss(ctx context.Context, c *client) error {
	var list bridge.DamageList
	if err := c.call(ctx, http.MethodPost, "/local/damages/dismiss", nil, &list); err != nil {
		return err
	}
	if a.json {
		return a.printJSON(list)
	}
	a.printf("%s not shown any more, and events still missing are not looked for.\n", isAre(len(list.Damages), "damage"))
	for _, d := range list.Damages {
		a.printf("  %s\n", clean(damageWords(d)))
	}
	return nil
}

func isAre(n int, noun string) string {
	if n == 1 {
		return "1 " + noun + " is"
	}
	return fmt.Sprintf("%d %ss are", n, noun)
}
