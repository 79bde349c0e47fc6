package membership

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
)

// ErrFormat is wrapped by every error about bytes that are not a file of the expected kind and format.
var ErrFormat = jsonfile.ErrFormat

// FileFormat and FileKind are in the head of every membership file.
const (
	FileFormat = 1
	FileKind   = "membership"
)

// File is who belongs to the groups, as read from Entra in one run. fetch writes it, and diff and push read it instead of
// asking Entra. It is plain data, and other programs may write it too.
type File struct {
	Format  int          `json:"format"`
	Kind    string       `json:"kind"`
	Taken   time.Time    `json:"taken"`
	Expires time.Time    `json:"expires"`
	Tenant  string       `json:"tenant"` // the tenant id in the token
	People  []Person     `json:"people"` // each person once, even if they are in several groups
	Groups  []Membership `json:"groups"`
}

// Encode returns the file as indented JSON with a final newline, sorted. Files of the same state differ only in their
// times.
func (f File) Encode() ([]byte, error) { return jsonfile.Encode(f.Sorted()) }

// Write writes what [File.Encode] returns, without holding all of it in memory.
func (f File) Write(w io.Writer) error { return jsonfile.Write(w, f.Sorted()) }

// Sorted returns the file with its head set, and with people, groups and members sorted.
func (f File) Sorted() File {
	f.Format, f.Kind = FileFormat, FileKind
	f.People = slices.SortedFunc(slices.Values(f.People), func(a, b Person) int { return ComparePeople(&a, &b) })
	f.Groups = slices.Clone(f.Groups)
	for i := range f.Groups {
		f.Groups[i].Entra = Distinct(f.Groups[i].Entra)
		f.Groups[i].Members = Distinct(f.Groups[i].Members)
	}
	slices.SortStableFunc(f.Groups, func(a, b Membership) int { return strings.Compare(a.Name, b.Name) })
	return f
}

// DecodeFile reads a membership file. The error is [ErrFormat] if data is not a membership file, or contradicts itself.
// DecodeFile does not check the expiry.
func DecodeFile(data []byte) (File, error) {
	var f File
	if err := jsonfile.Decode(data, FileKind, FileFormat, &f); err != nil {
		return File{}, err
	}
	if f.Taken.IsZero() || f.Expires.IsZero() {
		return File{}, fmt.Errorf("%w: it does not say when it was taken and when it expires", ErrFormat)
	}
	if err := f.check(); err != nil {
		return File{}, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return f, nil
}

// check returns an error for what a complete file cannot have. A member without a person, for example, would silently be
// missing.
func (f File) check() error {
	people := map[string]bool{}
	for i, p := range f.People {
		switch {
		case p.ID == "":
			return fmt.Errorf("people[%d] has no id", i)
		case p.UserPrincipalName == "":
			return fmt.Errorf("people[%d] (%s) has no userPrincipalName", i, p.ID)
		case people[p.ID]:
			return fmt.Errorf("duplicate person %s", p.ID)
		}
		people[p.ID] = true
	}
	names, targets := map[string]bool{}, map[string]bool{}
	for i, g := range f.Groups {
		switch {
		case g.Name == "" || g.Genesys == "":
			return fmt.Errorf("groups[%d] needs name and genesys", i)
		case names[g.Name]:
			return fmt.Errorf("duplicate group %q", g.Name)
		case targets[g.Genesys]:
			return fmt.Errorf("two groups lead to Genesys group %q", g.Genesys)
		case g.Incomplete == nil && g.Members == nil:
			return fmt.Errorf("group %q has neither members nor a reason why it is incomplete", g.Name)
		case g.Incomplete != nil && len(g.Members) > 0:
			return fmt.Errorf("group %q is incomplete and has members all the same", g.Name)
		case g.DisabledUsers != "" && g.DisabledUsers != KeepDisabled && g.DisabledUsers != DropDisabled:
			return fmt.Errorf("group %q has disabledUsers %q, and there are keep and drop", g.Name, g.DisabledUsers)
		}
		names[g.Name], targets[g.Genesys] = true, true
		for _, id := range g.Members {
			if !people[id] {
				return fmt.Errorf("group %q has a member %s who is not among the people", g.Name, id)
			}
		}
	}
	return nil
}
