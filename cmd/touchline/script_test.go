package main

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/node/badgerstore/badgerstoretest"
)

func TestMain(m *testing.M) {
	if name := os.Getenv(actorEnv); name != "" {
		os.Exit(act(name))
	}
	testscript.Main(cleaning{m}, map[string]func(){"touchline": func() { os.Exit(run()) }})
}

// cleaning removes the program built for the tests when they have run.
type cleaning struct{ m *testing.M }

func (c cleaning) Run() int {
	defer func() {
		if builtIn != "" {
			os.RemoveAll(builtIn)
		}
	}()
	return c.m.Run()
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:  "testdata",
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"spoil": spoil},
		Setup: func(e *testscript.Env) error {
			e.Setenv("TOUCHLINE_DATA", e.WorkDir+"/a")
			return nil
		},
	})
}

// spoil FOLDER FILE damages the event that FILE has as JSON in a closed store.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	var e struct {
		Hash crdt.Hash `json:"hash"`
	}
	if neg || len(args) != 2 {
		ts.Fatalf("use it as: spoil FOLDER FILE")
	}
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(args[1])), &e))
	ts.Check(badgerstoretest.Spoil(ts.MkAbs(args[0]), e.Hash))
}
