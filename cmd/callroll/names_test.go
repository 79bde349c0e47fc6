package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/callroll/callroll/pkg/sandbox"
)

// nasty are names with which somebody could speak to a terminal, a log or a CI system. Each has a word that must still be
// there to be read.
var nasty = []string{
	"\x1b[2J\x1b]0;owned\x07word", "word\n::error::gone", "::error file=x::word", "##[error]word", "##vso[task.complete result=Failed]word",
	"\u202edrow\u202c word", "\u2066\u200fword\u2069", "word\r\n##[group]x", "word\x00\x7f\u0085\u2028\u2029", " \t ::debug::word", strings.Repeat("W", 251) + " word",
	"x ##teamcity[setParameter name='word'] ##bamboo[word] ${bamboo.word} @@continua[x] travis_fold:start:x section_start:1:x", "--- word", "+++ word",
	"x ::set-output name=word::y",
}

// spoken says what a terminal or a CI system would obey in a text, one line of which may be JSON.
func spoken(text string) []string {
	anywhere := regexp.MustCompile(`##\w*\[|@@\w+\[|\$\{bamboo|travis_\w+:|section_(start|end):`)
	begins := regexp.MustCompile(`^\s*(::|---|\+\+\+|~~~|\^\^\^)|^[^"]*\W::[A-Za-z-]+( \w+=[^:]*)?::`)
	var found []string
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		bad := strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) })
		if bad || anywhere.MatchString(line) || begins.MatchString(line) {
			found = append(found, line)
		}
	}
	return found
}

// Names go through every verb, in text and in JSON and at full volume, without speaking for themselves; they can still be
// read, and come out of JSON as they are (incident 26).
func TestNamesOnTheirWayThroughTheProgram(t *testing.T) {
	t.Parallel()
	for _, name := range nasty {
		dir := play(t, "[]")
		world, err := sandbox.Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		var group string
		err = world.Edit(func(entra *sandbox.Entra, org *sandbox.Genesys) {
			for i := range entra.Groups {
				entra.Groups[i].DisplayName = name + " E"
			}
			for i := range entra.Users {
				entra.Users[i].DisplayName = name + " P"
			}
			for i := range org.Users {
				org.Users[i].DisplayName = name + " U"
			}
			org.Groups[0].DisplayName, group = name, org.Groups[0].ID
			// Somebody who goes, and somebody who is not to be found.
			leaver := slices.IndexFunc(org.Users, func(u sandbox.GenesysUser) bool { return u.UserName == "laura.bianchi@contoso.com" })
			org.Users[leaver].UserName = name + "@contoso.com"
			stranger := slices.IndexFunc(entra.Users, func(u sandbox.EntraUser) bool { return u.UserPrincipalName == "clodagh.ryan@contoso.com" })
			entra.Users[stranger].UserPrincipalName = name + "@elsewhere.example"
		})
		if err != nil {
			t.Fatalf("%q: %v", name, err)
		}
		said := ""
		for _, args := range [][]string{
			{"groups", "entra"}, {"groups", "genesys"}, {"groups", "genesys", "--output", "json"}, {"map", "--same-name"}, {"fetch"}, {"diff"}, {"diff", "--output", "json"}, {"diff", "--output", "markdown"},
			{"diff", "-v", "--output", "html"},
			{"sync", "-vv"}, {"undo", "list"}, {"doctor"}, {"doctor", "--output", "markdown"}, {"explain", "laura.bianchi@contoso.com"}, {"explain", "hanna.lindqvist@contoso.com", "--output", "html"},
			{"undo", "latest", "--output", "json"}, {"sync", "--group", name}, {"sync", "--allow-removals", name + "=1"},
		} {
			got := timed(t.Context(), t, dir, args...)
			if found := spoken(got.stdout + got.stderr); len(found) > 0 {
				t.Errorf("%q through %q says %q", name, args, found)
			}
			if slices.Contains(args, "json") || args[0] == "fetch" {
				var any map[string]any
				if err := json.Unmarshal([]byte(got.stdout), &any); err != nil {
					t.Errorf("%q through %q is no JSON: %v", name, args, err)
				}
				encoded, _ := json.Marshal(name)
				again, _ := json.Marshal(any)
				if !bytes.Contains(again, encoded[1:len(encoded)-1]) {
					t.Errorf("%q through %q does not come out as it was", name, args)
				}
			}
			said += got.stdout
		}
		if !strings.Contains(said, "word") {
			t.Errorf("%q cannot be read any more: %s (group %s)", name, said, group)
		}
	}
}

// What a service says in its errors, and the ids that it gives, are names as well.
func TestErrorsOnTheirWayThroughTheProgram(t *testing.T) {
	t.Parallel()
	for _, text := range nasty {
		body, err := json.Marshal(map[string]any{
			"message": text, "code": text, "contextId": text, "detail": text, "scimType": text, "error_description": text,
			"limit": map[string]any{"key": text, "namespace": text, "value": 1}, "details": []any{map[string]any{"errorCode": text, "entityName": text}},
			"error": map[string]any{"code": text, "message": text, "innerError": map[string]any{"request-id": text}},
		})
		if err != nil {
			t.Fatal(err)
		}
		signIn, err := json.Marshal(map[string]any{"error": text, "error_description": text, "trace_id": text, "description": text})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range places() {
			tr := &trap{place: p}
			tr.answer = func(w http.ResponseWriter, r *http.Request) {
				for _, header := range []string{"request-id", "x-ms-request-id", "ININ-Correlation-Id"} {
					w.Header().Set(header, "::error::\u202e##[x] ##vso[y]")
				}
				w.Header().Set("Location", "https://evil.example/##[error]")
				w.WriteHeader(http.StatusBadRequest)
				if strings.Contains(r.URL.Path, "/token") || strings.Contains(r.URL.Path, "openid") {
					body = signIn
				}
				_, _ = w.Write(body)
			}
			got := besieged(t, tr, append(p.args, "-vv")...)
			if found := spoken(got.stdout + got.stderr); len(found) > 0 || got.status == 0 {
				t.Errorf("%q of %s: status %d, says %q", text, p.name, got.status, found)
			}
			if !strings.Contains(got.stdout+got.stderr, "word") {
				t.Errorf("%q of %s cannot be read any more: %s%s", text, p.name, got.stdout, got.stderr)
			}
		}
	}
}
