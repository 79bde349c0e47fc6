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

// slip is how many letters a name is away from the one that was meant, where nothing else can have been meant.
const slip = 2

// unknown names the key and the nearest known one. A secret is told where it belongs; its value is never repeated.
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
		f.mistake(full, at, errSecret())
	case near != "":
		f.mistake(full, at, fmt.Errorf("unknown key; did you mean %s?", near))
	default:
		f.mistake(full, at, errors.New("unknown key"))
	}
	if _, top := find(f.settings, near); !top {
		near = prefix + near
	}
	f.config.places.wrong[near] = true // nobody has to hear that it is missing besides
}

func errSecret() error {
	return errors.New("a secret does not belong in this file: put it in a file of its own and name that file with " +
		"client_secret_file, or in the variable GRAPH_CLIENT_SECRET or GENESYS_CLIENT_SECRET")
}

// meansSecret says whether somebody may have meant to put a secret under a name.
func meansSecret(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "secret") || strings.Contains(name, "password") ||
		levenshtein.ComputeDistance(name, "client_secret") <= slip
}

// shownKey returns a key as it may be shown: without what looks like a secret, and without what a missing space has made a
// part of the key, as in client_secret_file:x.
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

// nearest finds the known name that is closest to a mistyped one, by its last part in any letter case, and how far it is
// away. Of several it is the one of the same section. It is empty if none is close.
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
