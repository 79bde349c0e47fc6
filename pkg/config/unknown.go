package config

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/callroll/callroll/pkg/secret"
)

// slip is the maximum edit distance at which an unknown name counts as a misspelling of a known one.
const slip = 2

// unknown reports an unknown key and suggests the nearest known one. If the key is a secret, the error says where secrets
// belong. The value is never shown.
func (f *file) unknown(prefix string, at *yaml.Node, known []string) {
	full := shownKey(prefix, at.Value)
	if strings.HasSuffix(full, secret.NotShown) {
		f.mistake(full, at, errors.New("unknown key"))
		return
	}
	last := full[strings.LastIndex(full, ".")+1:]
	near, distance := nearest(prefix, last, known)
	switch {
	case distance > slip && meansSecret(last):
		near = prefix + "client_secret_file"
		f.mistake(full, at, errSecret(full))
	case near != "":
		f.mistake(full, at, fmt.Errorf("unknown key; did you mean %s?", near))
	default:
		f.mistake(full, at, errors.New("unknown key"))
	}
	if _, top := find(f.settings, near); !top {
		near = prefix + near
	}
	f.config.places.wrong[near] = true // do not report it as missing too
}

// errSecret is the error for a secret as the value of a key. It names the variable of the key's side.
func errSecret(key string) error {
	variable := "GRAPH_CLIENT_SECRET or GENESYS_CLIENT_SECRET"
	switch side, _, _ := strings.Cut(key, "."); side {
	case "entra":
		variable = "GRAPH_CLIENT_SECRET"
	case "genesys":
		variable = "GENESYS_CLIENT_SECRET"
	}
	return errors.New("a secret does not belong in this file: put it in a file of its own and name that file with " +
		"client_secret_file, or in the variable " + variable)
}

// meansSecret reports whether the name of a key suggests that its value is a secret.
func meansSecret(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "secret") || strings.Contains(name, "password") ||
		levenshtein.ComputeDistance(name, "client_secret") <= slip
}

// shownKey returns a key in a form that is safe to show. It hides text that looks like a secret, and cuts off a value that
// became part of the key because a space is missing, as in client_secret_file:x.
func shownKey(prefix, name string) string {
	if name == "<<" {
		return prefix + name
	}
	odd := func(r rune) bool { return r != '_' && r != '-' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }
	if i := strings.IndexFunc(name, odd); i >= 0 {
		name = name[:i] + "…"
	}
	return prefix + secret.Mask(name)
}

// nearest returns the known name that is closest to a misspelled one, and the edit distance. It compares the last parts of the
// names without case. If several are equally close, it prefers one in the same section. It returns "" if none is close.
func nearest(prefix, name string, known []string) (best string, distance int) {
	distance = len(name)/2 + 1
	for _, k := range known {
		dot := strings.LastIndex(k, ".") + 1
		d := levenshtein.ComputeDistance(strings.ToLower(name), strings.ToLower(k[dot:]))
		if d < distance || d == distance && best != "" && k[:dot] == prefix && best[:strings.LastIndex(best, ".")+1] != prefix {
			best, distance = k, d
		}
	}
	return best, distance
}
