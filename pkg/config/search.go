package config

import (
	"cmp"
	"errors"
	"os"
	"runtime"
	"strings"
)

// choose finds the file: the one that the user names, callroll.yaml here or that of the system. If there is none it returns no
// error, because the environment may hold all that a command needs. looked are the paths where it has searched.
func choose(opts Options) (path string, looked []string, err error) {
	if path := cmp.Or(opts.Path, opts.Env[configVariable]); path != "" {
		return path, nil, nil
	}
	return firstPlace(searched(runtime.GOOS, opts.Env), checkOwners)
}

// firstPlace returns the first place that has a file. check decides whether one that every user may make is read.
func firstPlace(places []place, check func(path string) error) (path string, looked []string, err error) {
	for _, place := range places {
		_, err := os.Lstat(place.path) // a broken link is reported as an error later, and the search ends here
		if errors.Is(err, os.ErrNotExist) {
			looked = append(looked, Absolute(place.path))
			continue
		}
		if err == nil && place.shared {
			err = check(place.path)
		}
		if err != nil {
			return "", nil, &Error{Place: place.path, Err: reason(err)}
		}
		return place.path, nil, nil
	}
	return "", looked, nil
}

// place is a file that is searched.
type place struct {
	path   string
	shared bool // every user of the machine may make it and its folder, so that its owner decides whether it is read
}

// searched returns the files that are searched if the user names none, in their order: callroll.yaml in the working directory,
// and the one of the system. On Windows the latter is in %ProgramData%, where every user may make a folder. The file of the
// system is never one that depends on the working directory.
func searched(system string, env map[string]string) []place {
	places := []place{{path: "callroll.yaml"}}
	if system != "windows" {
		return append(places, place{path: "/etc/callroll/callroll.yaml"})
	}
	if dir := programData(env); dir != "" {
		places = append(places, place{dir + `\callroll\callroll.yaml`, true})
	}
	return places
}

// programData returns the folder of %ProgramData%, or "" if the variable is not an absolute path with a drive: anything else
// depends on the working directory. The names of variables have no case on Windows.
func programData(env map[string]string) string {
	for name, value := range env {
		dir := strings.TrimRight(value, `\/`)
		if strings.EqualFold(name, "ProgramData") && len(dir) > 3 && dir[1] == ':' && (dir[2] == '\\' || dir[2] == '/') {
			return dir
		}
	}
	return ""
}
