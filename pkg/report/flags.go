package report

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// A flag that a report suggests can be copied to a shell without a change. It allows exactly the change that the report
// describes.

// allowanceFlags returns the flags that grant an allowance for a group.
func allowanceFlags(g plan.Group, a plan.Allowance) []string {
	switch {
	case a.Older:
		return []string{"--allow-older"}
	case len(a.Release) > 0:
		return releaseFlags(g, a.Release)
	case a.Removals > 0:
		return []string{ShellFlag("--allow-removals", fmt.Sprintf("%s=%d", groupReference(g), a.Removals))}
	}
	return []string{ShellFlag("--allow-additions", fmt.Sprintf("%s=%d", groupReference(g), a.Additions))}
}

// releaseFlags returns the flags that release the members of a group with these ids.
func releaseFlags(g plan.Group, ids []string) []string {
	var flags []string
	for _, id := range ids {
		who := id
		i := slices.IndexFunc(g.Keep, func(k plan.Kept) bool { return k.ID == id })
		if i >= 0 && typable(g.Keep[i].UserName) && !strings.Contains(g.Keep[i].UserName, "*") { // with one it would be a pattern
			who = g.Keep[i].UserName
		}
		flags = append(flags, ShellFlag("--release", groupReference(g)+"="+who))
	}
	return flags
}

// groupReference returns the name of a group for a flag, or its id if the name cannot be typed, or would be taken for an id.
func groupReference(g plan.Group) string {
	if typable(g.Name) && !membership.IsID(g.Name) {
		return g.Name
	}
	return g.ID
}

// typable reports whether a name can be part of a flag unchanged. It must not have an equals sign, which separates the
// parts of a flag, and it must be in NFC, because a keyboard types composed characters only.
func typable(name string) bool {
	return norm.NFC.IsNormalString(name) && name != "" && Harmless(name) == name &&
		!strings.Contains(name, "=") && strings.TrimSpace(name) == name
}

// ShellFlag returns a flag and its value, quoted for a POSIX shell if that is needed.
func ShellFlag(flag, value string) string { return flag + " " + shellWord(value) }

// ShellVariable returns the assignment of a variable before a command (name=value), quoted for a POSIX shell if that is
// needed.
func ShellVariable(name, value string) string { return name + "=" + shellWord(value) }

func shellWord(value string) string {
	if value != "" && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=@+/") == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
