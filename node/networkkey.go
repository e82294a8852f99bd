package node

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/libp2p/go-libp2p/core/crypto"
)

// networkKeyName is the file of the key that names this node in the network.
const networkKeyName = "network.key"

// networkKey returns the key that names this node in the network. It signs no
// events (rule R3), so a device whose key cannot be read takes a fresh one:
// to its peers it is then a device that they have not met.
func networkKey(dir string, log *slog.Logger) (crypto.PrivKey, error) {
	if dir != "" {
		b, err := os.ReadFile(filepath.Join(dir, networkKeyName))
		if err == nil {
			var key crypto.PrivKey
			if key, err = crypto.UnmarshalPrivateKey(b); err == nil {
				return key, nil
			}
			log.Warn("the network key is damaged and is replaced", "dir", dir, "err", err)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
	key, _, err := crypto.GenerateEd25519Key(rand.Reader)
	if err != nil || dir == "" {
		return key, err
	}
	return key, keepNetworkKey(dir, key)
}

// keepNetworkKey writes the key so that a power cut leaves all of it or nothing.
func keepNetworkKey(dir string, key crypto.PrivKey) error {
	b, err := crypto.MarshalPrivateKey(key)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, networkKeyName+".*") // for its owner only
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // after the rename there is nothing to remove
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), filepath.Join(dir, networkKeyName))
}
