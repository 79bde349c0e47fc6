package journal

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
)

// None is the word for no journal.
const None = "none"

// Dir says which folder the journal is in: the configured one, or $STATE_DIRECTORY (which systemd sets), or callroll in
// the state folder of the user, or /var/lib/callroll. It is empty where the configured word is None. It looks at no disk.
func Dir(configured string, env map[string]string) (string, error) {
	switch {
	case configured == None:
		return "", nil
	case configured != "":
		return absolute("state_dir", configured)
	case env["STATE_DIRECTORY"] != "":
		first, _, _ := strings.Cut(env["STATE_DIRECTORY"], string(filepath.ListSeparator))
		return absolute("STATE_DIRECTORY", first)
	case filepath.IsAbs(env["XDG_STATE_HOME"]): // what is not absolute is to be ignored, says the XDG specification
		return filepath.Join(env["XDG_STATE_HOME"], "callroll"), nil
	case env["HOME"] != "":
		home, err := absolute("HOME", env["HOME"])
		return filepath.Join(home, ".local", "state", "callroll"), err
	case runtime.GOOS == "windows" && env["LOCALAPPDATA"] != "":
		return absolute("LOCALAPPDATA", filepath.Join(env["LOCALAPPDATA"], "callroll"))
	case runtime.GOOS == "windows":
		return "", fmt.Errorf("%w: there is none: set state_dir to a folder, or to %s", ErrUnusable, None)
	}
	return "/var/lib/callroll", nil
}

// absolute refuses a path that means another folder wherever callroll is started: two runs would not see each other's
// lock.
func absolute(key, path string) (string, error) {
	if !filepath.IsAbs(path) {
		return "", fmt.Errorf("%w: %s is %q, and must be an absolute path (or %s in state_dir)", ErrUnusable, key, path, None)
	}
	return filepath.Clean(path), nil
}
