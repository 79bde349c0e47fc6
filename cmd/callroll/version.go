package main

import (
	"runtime/debug"
	"strings"
)

// version returns the version of the module, which the build records.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// versionAndBuild returns both in one line.
func versionAndBuild() string { return version() + " (" + build() + ")" }

// build returns the commit, its date and the version of Go, as far as the build has recorded them.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "nothing is known of its build"
	}
	parts := []string{}
	if commit := setting(info, "vcs.revision"); commit != "" {
		if setting(info, "vcs.modified") == "true" {
			commit += ", modified"
		}
		parts = append(parts, "commit "+commit)
	}
	if date := setting(info, "vcs.time"); date != "" {
		parts = append(parts, date)
	}
	return strings.Join(append(parts, info.GoVersion), ", ")
}

// setting returns a setting of the build, or "" if it was not recorded.
func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
