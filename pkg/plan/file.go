package plan

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/callroll/callroll/pkg/membership"
)

// FileFormat and FileKind stand at the head of every plan file.
const (
	FileFormat = 1
	FileKind   = "plan"
)

// ErrEdited says that a plan file is not what callroll wrote.
var ErrEdited = errors.New("the plan does not fit its fingerprint: it was edited after callroll wrote it")

// Encode writes the plan as indented JSON with a final newline, sorted by group and sealed with a fingerprint. The
// fingerprint stops accidents; whoever means to deceive can make it as well.
func (p Plan) Encode() ([]byte, error) {
	p.Format, p.Kind = FileFormat, FileKind
	p.Groups = append([]Group{}, p.Groups...)
	for i := range p.Groups {
		p.Groups[i] = p.Groups[i].Whole()
	}
	SortGroups(p.Groups)
	sum, err := p.fingerprint()
	if err != nil {
		return nil, err
	}
	p.Fingerprint = sum
	return membership.EncodeJSON(p)
}

// Decode reads a plan file. What is no plan file is membership.ErrFormat, a changed one ErrEdited. It does not look at
// the expiry.
func Decode(data []byte) (Plan, error) {
	var p Plan
	if err := membership.Decode(data, FileKind, FileFormat, &p); err != nil {
		return Plan{}, err
	}
	sum, err := p.fingerprint()
	if err != nil {
		return Plan{}, err
	}
	if sum != p.Fingerprint {
		return Plan{}, ErrEdited
	}
	return p, nil
}

func (p Plan) fingerprint() (string, error) {
	p.Fingerprint = ""
	data, err := json.Marshal(p)
	if err != nil {
		return "", fmt.Errorf("write plan: %w", err)
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:]), nil
}
