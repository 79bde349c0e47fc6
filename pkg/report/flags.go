package report

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/callroll/callroll/pkg/plan"
)

// What is printed can be typed: each flag that a report suggests is taken as it stands there, in a shell as well, and lifts exactly
// what it says.

// allowanceFlags are what to add to the call to get an allowance.
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

// releaseFlags let members of a group go, by their ids.
func releaseFlags(g plan.Group, ids []string) []string {
	var flags []string
	for _, id := range ids {
		who := id
		i := slices.IndexFunc(g.Keep, func(k plan.Kept) bool { return k.ID == id })
		if i >= 0 && typable(g.Keep[i].UserName) {
			who = g.Keep[i].UserName
		}
		flags = append(flags, ShellFlag("--release", groupReference(g)+"="+who))
	}
	return flags
}

// groupReference is how a flag names a group: by its name, or by its id where the name cannot be typed.
func groupReference(g plan.Group) string {
	if typable(g.Name) {
		return g.Name
	}
	return g.ID
}

// typable says whether a name can stand in a flag as it is shown. An equals sign separates the parts of a flag, and a keyboard makes
// composed characters only.
func typable(name string) bool {
	return norm.NFC.IsNormalString(name) && name != "" && Harmless(name) == name && !strings.Contains(name, "=") && strings.TrimSpace(name) == name
}

// ShellFlag writes a flag as a POSIX shell takes it.
func ShellFlag(flag, value string) string { return flag + " " + shellWord(value) }

// ShellVariable writes what sets a variable for the command after it.
func ShellVariable(name, value string) string { return name + "=" + shellWord(value) }

func shellWord(value string) string {
	if value != "" && strings.Trim(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=@+/") == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
