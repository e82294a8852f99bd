// Package vault keeps a device's secrets under a passphrase while they lie on
// disk: memberships (signing keys, topic secrets, epoch keys), the keys of
// clients, and the secret of tokens.
//
// The passphrase gives a key by Argon2id (RFC 9106); each value is sealed with
// XChaCha20-Poly1305 under its own name, so that values cannot be exchanged.
// A [Vault] does not protect a running node: whoever may read its memory, or its
// socket, has what it has. [Rekey] leaves what lay open in old tables of the
// database: whoever sets a passphrase has the store rewrite them.
package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"
)

// ErrPassphrase: the passphrase is not the one that the folder was locked with.
var ErrPassphrase = errors.New("wrong passphrase")

// MinPassphrase is the least number of characters in a new passphrase. Argon2id
// makes a guess cost a tenth of a second, not a passphrase of four letters good.
const MinPassphrase = 8

// ErrShort: a new passphrase has less than [MinPassphrase] characters.
var ErrShort = fmt.Errorf("the passphrase is too short: it takes at least %d characters", MinPassphrase)

// Cost of a passphrase's key: the second choice of RFC 9106, section 4, which
// fits devices with little memory.
const (
	argonTime    = 3
	argonMemory  = 64 << 10 // KiB
	argonThreads = 4
	saltSize     = 16

	maxArgonTime   = 64
	maxArgonMemory = 1 << 20 // KiB
)

// magic begins every sealed value; what is not sealed never begins so, being
// CBOR or 32 random bytes.
const magic = "tl-sealed-1:"

const checkName = "check"

// Vault seals and opens secrets. It may be used from any goroutine.
type Vault struct{ aead cipher.AEAD }

// params lie beside the store, in clear.
type params struct {
	KDF     string `json:"kdf"`
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memoryKiB"`
	Threads uint8  `json:"threads"`
	Salt    []byte `json:"salt"`
	Check   []byte `json:"check"` // a value sealed under the key
}

// Check returns [ErrShort] for a passphrase that no new vault takes. Vaults made
// before there was a least length open as ever.
func Check(passphrase []byte) error {
	if utf8.RuneCount(passphrase) < MinPassphrase {
		return ErrShort
	}
	return nil
}

// Create makes a vault and writes its parameters to a file, which must not be
// there yet; the passphrase must do ([Check]).
func Create(file string, passphrase []byte) (*Vault, error) {
	if err := Check(passphrase); err != nil {
		return nil, err
	}
	p := params{KDF: "argon2id", Time: argonTime, Memory: argonMemory, Threads: argonThreads, Salt: make([]byte, saltSize)}
	rand.Read(p.Salt)
	v := p.vault(passphrase)
	p.Check = v.Seal(checkName, nil)
	b, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return nil, err
	}
	return v, writeNew(file, append(b, '\n'))
}

// Open returns the vault whose parameters lie in a file, or ErrPassphrase.
func Open(file string, passphrase []byte) (*Vault, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var p params
	if err := json.Unmarshal(b, &p); err != nil || p.KDF != "argon2id" || len(p.Salt) < saltSize ||
		p.Time == 0 || p.Time > maxArgonTime || p.Memory > maxArgonMemory || p.Threads == 0 {
		return nil, fmt.Errorf("%s is damaged, or of a later version (%v)", file, err)
	}
	v := p.vault(passphrase)
	if _, err := v.Open(checkName, p.Check); err != nil {
		return nil, ErrPassphrase
	}
	return v, nil
}

func (p *params) vault(passphrase []byte) *Vault {
	aead, err := chacha20poly1305.NewX(argon2.IDKey(passphrase, p.Salt, p.Time, p.Memory, p.Threads, chacha20poly1305.KeySize))
	if err != nil {
		panic(err) // the key has the right size
	}
	return &Vault{aead}
}

// Seal returns a secret as it may lie on disk under this name.
func (v *Vault) Seal(name string, secret []byte) []byte {
	out := append([]byte(magic), make([]byte, v.aead.NonceSize())...)
	nonce := out[len(magic):]
	rand.Read(nonce)
	return v.aead.Seal(out, nonce, secret, []byte(name))
}

// Open returns what [Vault.Seal] sealed under this name.
func (v *Vault) Open(name string, sealed []byte) ([]byte, error) {
	at := len(magic) + v.aead.NonceSize()
	if !IsSealed(sealed) || len(sealed) < at {
		return nil, fmt.Errorf("secret %s is not sealed", name)
	}
	secret, err := v.aead.Open(nil, sealed[len(magic):at], sealed[at:], []byte(name))
	if err != nil {
		return nil, fmt.Errorf("secret %s is damaged", name)
	}
	return secret, nil
}

// IsSealed reports whether a value was made by [Vault.Seal].
func IsSealed(b []byte) bool { return len(b) >= len(magic) && string(b[:len(magic)]) == magic }

// writeNew makes a file durable under its name, or fails if the name is taken.
func writeNew(file string, b []byte) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(file))
	if err != nil {
		return err
	}
	_ = dir.Sync() // not every system can
	return dir.Close()
}
