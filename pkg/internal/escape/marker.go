// Package escape writes text of others so that no part of it is a command to a terminal or a CI system.
package escape

import (
	"bytes"
	"regexp"
)

// Markers disables the commands that a CI system recognizes anywhere in a line, by replacing one character of each with the
// result of code. The commands are
//
//	##vso[ and ##[              Azure Pipelines ("Logging commands"), and ##[ of older runners of GitHub
//	##teamcity[                 TeamCity ("Service Messages")
//	##bamboo[                   scripts around Bamboo, and ${bamboo.x}, which Bamboo replaces by a variable
//	@@continua[                 Continua CI
//	travis_fold:, travis_time:  Travis CI
//	section_start:              GitLab ("CI/CD job logs"), and section_end:
//
// Commands that are recognized only at the beginning of a line are not included. The caller knows where lines begin.
func Markers(text []byte, code func(c byte) string) []byte {
	if !mayHaveMarker(text) {
		return text
	}
	return marker().ReplaceAllFunc(text, func(m []byte) []byte {
		at := 0
		switch m[0] {
		case '$':
			at = 1
		case 't', 's':
			at = len(m) - 1
		}
		out := append(make([]byte, 0, len(m)+8), m[:at]...)
		out = append(out, code(m[at])...)
		return append(out, m[at+1:]...)
	})
}

func marker() *regexp.Regexp {
	return regexp.MustCompile(`##[0-9A-Za-z_.-]*\[|@@[0-9A-Za-z_.-]+\[|\$\{bamboo[._]|travis_[a-z_]+:|section_(?:start|end):`)
}

// mayHaveMarker is a fast check for the beginnings, because a file of tens of megabytes hardly ever has a marker.
func mayHaveMarker(text []byte) bool {
	for _, beginning := range []string{"##", "@@", "${bamboo", "travis_", "section_"} {
		if bytes.Contains(text, []byte(beginning)) {
			return true
		}
	}
	return false
}
