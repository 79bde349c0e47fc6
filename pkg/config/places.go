package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/callroll/callroll/pkg/secret"
)

type spot struct {
	file         string
	line, column int
}

func (s spot) compare(other spot) int {
	if s.file == "" || other.file == "" {
		return cmp.Compare(other.file, s.file) // what is in no file comes last
	}
	return cmp.Or(cmp.Compare(s.file, other.file), cmp.Compare(s.line, other.line), cmp.Compare(s.column, other.column))
}

// places records where each key got its value.
type places struct {
	file   string            // empty for a draft
	draft  bool              // the text is that of a file that does not exist yet
	looked []string          // where the file was searched, if there is none
	spots  map[string]spot   // positions of the keys in the file
	env    map[string]string // names of the variables or flags that set a key
	wrong  map[string]bool   // keys that already have a mistake
	hide   []string          // values that may be a secret in the wrong place
}

// At adds the place of a key to an error: the variable or flag that set it, or its file and line. The result is an [*Error].
// At returns nil if err is nil, and err itself if it already has a place.
func (c *Config) At(key string, err error) error {
	p := c.places
	if err == nil || errors.As(err, new(*Error)) {
		return err
	}
	place, at := c.place(key)
	return &Error{Place: place, Err: err, hide: p.hide, spot: at}
}

// place returns what set a key: a variable, a flag, or a position in a file.
func (c *Config) place(key string) (string, spot) {
	p := c.places
	if name, ok := p.env[key]; ok {
		return name, spot{}
	} else if s, ok := p.spots[key]; ok && s.file != "" {
		return fmt.Sprintf("%s:%d: %s", s.file, s.line, key), s
	} else if p.file != "" {
		return p.file + ": " + key, spot{file: p.file}
	}
	return key, spot{}
}

// Given reports whether the file, a variable or a flag sets a key.
func (c *Config) Given(key string) bool {
	_, inFile := c.places.spots[key]
	return inFile || c.places.env[key] != ""
}

// Source returns what set a key, for the middle of a sentence.
func (c *Config) Source(key string) string {
	if s, ok := c.places.spots[key]; ok && s.file != "" && c.places.env[key] == "" {
		return fmt.Sprintf("%s in %s:%d", key, s.file, s.line)
	}
	place, _ := c.place(key)
	return place
}

// Where returns the position of one entry of a list as file:line. It is empty if the entry is not in a file.
func (c *Config) Where(key string, entry int) string {
	for _, name := range []string{fmt.Sprintf("%s[%d]", key, entry), key} { // a single entry need not be written as a list
		if s, ok := c.places.spots[name]; ok {
			return fmt.Sprintf("%s:%d", s.file, s.line)
		}
	}
	return ""
}

// mayBeSecret records a value that looks like a secret, so that errors do not show it.
func (p *places) mayBeSecret(value string) {
	if secret.Looks(value) {
		p.hide = append(p.hide, value)
	}
}

// said reports whether a key or its section already has a mistake. Then it is not reported as missing.
func (p places) said(key string) bool {
	section, _, _ := strings.Cut(key, ".")
	return p.wrong[key] || p.wrong[section]
}

// Where returns the absolute path of the configuration, and its state_dir even if there are mistakes elsewhere: a run that
// fails because of them is recorded in the same state folder as the others. known is false if the file cannot be read.
func Where(opts Options) (path, stateDir string, known bool) {
	path, _, err := choose(opts)
	if err != nil || path == "" {
		return path, "", false
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() { // a pipe was already read to its end
		return Absolute(path), "", false
	}
	c := newConfig(path)
	if err := newFile(c).read(context.Background(), path); err != nil { // a regular file does not block
		return c.Path, "", false
	}
	if stateDir, err = expand(c.StateDir, opts.Env); err != nil {
		return c.Path, "", false
	}
	if stateDir != "" && stateDir != "none" && !filepath.IsAbs(stateDir) {
		stateDir = filepath.Join(filepath.Dir(c.Path), stateDir)
	}
	return c.Path, cmp.Or(opts.Env["CALLROLL_STATE_DIR"], stateDir), true
}

// Absolute returns path as an absolute path, or unchanged if it is empty or there is no working directory.
func Absolute(path string) string {
	if path == "" {
		return ""
	}
	if full, err := filepath.Abs(path); err == nil {
		return full
	}
	return path
}
