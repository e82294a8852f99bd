package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
)

// actors are programs that tests run on a host of their own, and that do what no
// command of touchline would. Each reads its part as JSON and returns what it has to tell.
var actors = map[string]func(part []byte) (any, error){"stranger": stranger, "flooder": flooder}

// actorEnv says that this process is one of them.
const actorEnv = "TOUCHLINE_TEST_ACTOR"

// act plays the actor of that name.
func act(name string) (code int) {
	part, err := io.ReadAll(os.Stdin)
	var told any
	if err == nil {
		told, err = actors[name](part)
	}
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(told)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// act lets an actor play its part on host i and reads what it tells.
func (m *matchOnLAN) act(ctx context.Context, i int, name string, part, told any) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	in, err := json.Marshal(part)
	if err != nil {
		return err
	}
	cmd := m.lan.Command(ctx, i, self)
	cmd.Env = append(os.Environ(), actorEnv+"="+name)
	var out, complaint bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = bytes.NewReader(in), &out, &complaint
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, complaint.String())
	}
	return json.Unmarshal(out.Bytes(), told)
}
