package plan

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
)

// FileFormat and FileKind are in the head of every plan file.
const (
	FileFormat = 1
	FileKind   = "plan"
)

// ErrEdited means that a plan file is not as callroll wrote it.
var ErrEdited = errors.New("the plan does not fit its fingerprint: it was edited after callroll wrote it")

// Encode returns the plan as indented JSON with a final newline, sorted by group, with a fingerprint. The fingerprint
// detects accidental changes only: anybody can compute it.
func (p Plan) Encode() ([]byte, error) {
	var buf bytes.Buffer
	err := p.Write(&buf)
	return buf.Bytes(), err
}

// Write writes what [Plan.Encode] returns, without holding all of it in memory.
func (p Plan) Write(w io.Writer) error {
	p.Format, p.Kind = FileFormat, FileKind
	p.Groups = append([]Group{}, p.Groups...)
	SortGroups(p.Groups)
	sum, err := p.fingerprint()
	if err != nil {
		return err
	}
	p.Fingerprint = sum
	return jsonfile.Write(w, p)
}

// Decode reads a plan file. The error is [membership.ErrFormat] for bytes that are not a plan file, and [ErrEdited] for a
// plan that was changed. Decode does not check the expiry.
func Decode(data []byte) (Plan, error) {
	var p Plan
	if err := jsonfile.Decode(data, FileKind, FileFormat, &p); err != nil {
		return Plan{}, err
	}
	sum, err := p.fingerprint()
	if err != nil {
		return Plan{}, err
	}
	if sum != p.Fingerprint {
		return Plan{}, ErrEdited
	}
	return p, p.consistent()
}

// consistent returns an error if groups contradict themselves or each other. callroll never writes such a plan.
func (p Plan) consistent() error {
	seen := map[string]string{}
	for _, g := range p.Groups {
		if text := g.inconsistent(); text != "" {
			return fmt.Errorf("%w: group %q: %s", membership.ErrFormat, g.Name, text)
		}
		for _, key := range []string{"name " + g.Name, "id " + g.ID} {
			if other, twice := seen[key]; twice && g.ID != "" && g.State != Refused {
				return fmt.Errorf("%w: groups %q and %q have the same %s", membership.ErrFormat, other, g.Name, key)
			}
			seen[key] = g.Name
		}
	}
	return nil
}

// inconsistent says how a group contradicts itself. It is empty for a consistent group.
func (g Group) inconsistent() string {
	switch {
	case g.State == Skipped && len(g.Add)+len(g.Remove) > 0:
		return "it is paused, and has changes"
	case g.State == Unreadable && g.Incomplete == nil:
		return "it is incomplete, and does not say why"
	case g.State == Skipped, g.State == Unreadable:
		return ""
	case g.State != InStep && g.State != Changes && g.State != Refused:
		return fmt.Sprintf("%q is no state of a group", g.State)
	}
	changed := map[string]bool{}
	for _, e := range g.Add {
		if _, is := slices.BinarySearch(g.Members, e.ID); !is || changed[e.ID] {
			return fmt.Sprintf("account %s is to be added, and it is to be removed as well, or the list of members does not have it", e.ID)
		}
		changed[e.ID] = true
	}
	for _, e := range g.Remove {
		if _, is := slices.BinarySearch(g.Members, e.ID); is || changed[e.ID] {
			return fmt.Sprintf("account %s is to be removed, and it is to be added as well, or the list of members has it", e.ID)
		}
		changed[e.ID] = true
	}
	switch {
	case !slices.Equal(g.Members, membership.Distinct(g.Members)):
		return "its members are not sorted, each once"
	case g.ID != "" && g.Key != "" && g.Key != IdempotencyKey(g.ID, g.Members):
		return "its key is not that of its members"
	}
	return ""
}

func (p Plan) fingerprint() (string, error) {
	p.Fingerprint = ""
	sum := sha256.New()
	if err := jsonfile.Hash(sum, p); err != nil {
		return "", fmt.Errorf("write plan: %w", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
