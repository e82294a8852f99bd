package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// exposed says that other users of the machine can write in the data folder; empty if
// they cannot. What lies in its store they cannot read, but they could put a store, a
// passphrase file or a socket of their own in the place of ours.
//
// It is said, and no reason to refuse: a folder that was made under umask 002, or as the
// volume of a container, must not keep a match from being recorded. Nor is it
// mended here: the folder is the person's, and may be one that others need.
func (a *app) exposed() string {
	if runtime.GOOS == "windows" { // rights are not in the mode there
		return ""
	}
	info, err := os.Stat(a.data)
	if err != nil || info.Mode().Perm()&0o022 == 0 {
		return ""
	}
	return fmt.Sprintf("other users of this machine can write in the data folder (%s) and replace the files in it", info.Mode().Perm())
}

// closing is the command that keeps others from writing in the data folder.
func (a *app) closing() string {
	return "chmod go-w '" + strings.ReplaceAll(a.data, "'", `'\''`) + "'"
}
