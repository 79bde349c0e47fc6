// Package escape writes foreign text so that neither a terminal nor a CI system takes a part of it for a command.
package escape

import (
	"bytes"
	"regexp"
)

// Markers breaks what a CI system takes for a message to it wherever it stands in a line: one character of it is replaced
// by its code. These are
//
//	##vso[ and ##[              Azure Pipelines ("Logging commands"), and ##[ of older runners of GitHub
//	##teamcity[                 TeamCity ("Service Messages")
//	##bamboo[                   scripts around Bamboo, and ${bamboo.x}, which Bamboo replaces by a variable
//	@@continua[                 Continua CI
//	travis_fold:, travis_time:  Travis CI
//	section_start:              GitLab ("CI/CD job logs"), and section_end:
//
// What begins a message at the beginning of a line only is the affair of whoever knows where lines begin.
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

// mayHaveMarker looks for the beginnings, because a file of tens of megabytes has hardly ever one.
func mayHaveMarker(text []byte) bool {
	for _, beginning := range []string{"##", "@@", "${bamboo", "travis_", "section_"} {
		if bytes.Contains(text, []byte(beginning)) {
			return true
		}
	}
	return false
}
