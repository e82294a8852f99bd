package badgerstore

import (
	"fmt"
	"log/slog"
	"strings"
)

// badgerLog gives badger's words to slog: its warnings and errors only.
type badgerLog struct{ l *slog.Logger }

// Errorf implements badger.Logger.
func (b badgerLog) Errorf(f string, v ...any) { b.l.Error("badger: " + line(f, v)) }

// Warningf implements badger.Logger.
func (b badgerLog) Warningf(f string, v ...any) { b.l.Warn("badger: " + line(f, v)) }

// Infof implements badger.Logger.
func (badgerLog) Infof(string, ...any) {}

// Debugf implements badger.Logger.
func (badgerLog) Debugf(string, ...any) {}

func line(f string, v []any) string { return strings.TrimSpace(fmt.Sprintf(f, v...)) }
