package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"touchline.dev/touchline/crdt"
	"touchline.dev/touchline/node"
	"touchline.dev/touchline/node/badgerstore"
	"touchline.dev/touchline/node/vault"
)

// Names inside a data folder.
const (
	storeName  = "store"
	socketName = "touchline.sock"
)

// store is a crdt.Store on disk: it can be backed up, and damaged.
type store interface {
	crdt.Store
	Backup(context.Context, io.Writer) error
	Damages() []badgerstore.Damage
	Lost(crdt.LogID) (badgerstore.Lost, error)
	Dismiss() error
}

// device is an opened data folder: its store and its node.
type device struct {
	store   store
	secrets crdt.Store // the same, its secrets opened by the passphrase
	node    *node.Node
}

// openDevice opens the data folder. Only one process can have it open.
func (a *app) openDevice(cfg node.Config) (*device, error) {
	log, err := a.logger()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(a.data, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	v, err := a.unlock()
	if err != nil {
		return nil, err
	}
	st, err := badgerstore.Open(filepath.Join(a.data, storeName), badgerstore.Options{Hints: node.Hints(), Logger: log})
	if err != nil {
		return nil, err
	}
	secrets := vault.Store(st, v)
	cfg.Store, cfg.Dir, cfg.Log = secrets, a.data, log
	n, err := node.New(cfg)
	if err != nil {
		st.Close()
		return nil, err
	}
	if why := a.exposed(); why != "" {
		log.Warn(why, "remedy", a.closing())
	}
	return &device{store: st, secrets: secrets, node: n}, nil
}

func (d *device) Close() error { return d.store.Close() }

// exists reports whether the data folder holds a store.
func (a *app) exists() bool {
	_, err := os.Stat(filepath.Join(a.data, storeName))
	return err == nil
}

// errNothing: a command that reads found no data folder.
func (a *app) errNothing() error {
	return fmt.Errorf("nothing in %s yet; begin with touchline match new or touchline join", a.data)
}

// lockWait is how long a command waits for another to close the data folder.
const lockWait = 5 * time.Second

// openSoon opens the device, and waits for another command that has it open.
// taken is called between tries; true means that a node answers meanwhile.
func (a *app) openSoon(ctx context.Context, cfg node.Config, taken func() bool) (*device, error) {
	deadline := time.Now().Add(lockWait)
	for {
		d, err := a.openDevice(cfg)
		if err == nil || !inUse(err) || time.Now().After(deadline) {
			return d, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
		if taken() {
			return nil, nil
		}
	}
}
