package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
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
		Dir: "testdata",
		Setup: func(e *testscript.Env) error {
			e.Setenv("TOUCHLINE_DATA", e.WorkDir+"/a")
			return nil
		},
	})
}
