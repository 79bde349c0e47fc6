//go:build unix

package secret_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

const commandSecret = "k8Q~2fVbXw9Lr4TzYs7NpHd3"

func sh(script string) []string { return []string{"sh", "-c", script} }

// What a command writes is the secret, without what surrounds it.
func TestReadCommand(t *testing.T) {
	for name, test := range map[string]struct {
		argv []string
		env  []string
		want string
	}{
		"a line":            {argv: sh("echo " + commandSecret), want: commandSecret},
		"without a shell":   {argv: []string{"printf", "%s", "$HOME;x y"}, want: "$HOME;x y"},
		"Windows line ends": {argv: sh(`printf '\357\273\277 %s \r\n\r\n' ` + commandSecret), want: commandSecret},
		"UTF-16":            {argv: sh(`printf '\377\376a\000b\000\n\000'`), want: "ab"},
		"environment":       {argv: sh("echo $GIVEN$NOT_GIVEN"), env: []string{"GIVEN=x", "PATH=/usr/bin:/bin"}, want: "x"},
		"error output":      {argv: sh("echo noise >&2; echo " + commandSecret), want: commandSecret},
		"a helper is left":  {argv: sh("sleep 3 & echo " + commandSecret), want: commandSecret},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("NOT_GIVEN", "y")
			s, err := secret.ReadCommand(t.Context(), test.argv, test.env)
			if err != nil || s.Reveal() != test.want {
				t.Errorf("ReadCommand: %q, %v; want %q", s.Reveal(), err, test.want)
			}
		})
	}
}

// An error says why, and shows neither what the command wrote as the secret nor another secret.
func TestCommandsThatFail(t *testing.T) {
	for name, test := range map[string]struct {
		argv  []string
		words []string
		again bool // may succeed the next time
	}{
		"no command":           {argv: nil, words: []string{"empty"}},
		"no such program":      {argv: []string{"callroll-no-such-program"}, words: []string{"cannot run callroll-no-such-program", "not found"}},
		"a folder":             {argv: []string{"/"}, words: []string{"cannot run /"}},
		"a status":             {argv: sh("echo vault is sealed >&2; exit 3"), words: []string{"exit status 3", "vault is sealed"}, again: true},
		"a silent failure":     {argv: sh("exit 1"), words: []string{"exit status 1", "said nothing"}, again: true},
		"nothing":              {argv: sh("echo; echo why >&2"), words: []string{"wrote nothing", "why"}},
		"too much":             {argv: sh("head -c 100000 /dev/zero | tr '\\0' x"), words: []string{"more than 65536 bytes"}},
		"not text":             {argv: sh("printf 'a\\000b'"), words: []string{"not plain text"}},
		"shows its output":     {argv: sh("echo " + commandSecret + " | tee /dev/stderr; exit 1"), words: []string{"exit status 1"}, again: true},
		"a passphrase":         {argv: sh("echo correct horse battery; echo not correct: 'correct horse battery' >&2; exit 1"), words: []string{"not"}, again: true},
		"a part of the output": {argv: sh("echo user; echo tango-hotel; echo wrong: tango-hotel >&2; exit 1"), words: []string{"wrong:"}, again: true},
		"in UTF-16":            {argv: sh(`printf '\377\376t\000a\000n\000g\000o\000'; echo wrong: tango >&2; exit 1`), words: []string{"wrong:"}, again: true},
		"a long text": {argv: sh("echo battery; (head -c 70000 /dev/zero | tr '\\0' x; echo; printf 'battery '; head -c 65521 /dev/zero | tr '\\0' ' '; echo the end) >&2; exit 1"),
			words: []string{"the end"}, again: true},
		"shows a token": {argv: sh("echo 'token ops_eyJzaWduSW5BZGRyZXNzIjoiMTIzIn0 is invalid' >&2; exit 1"),
			words: []string{"is invalid"}, again: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := secret.ReadCommand(t.Context(), test.argv, os.Environ())
			if err == nil {
				t.Fatal("no error")
			}
			for _, word := range test.words {
				if !strings.Contains(err.Error(), word) {
					t.Errorf("error %q, want %q in it", err, word)
				}
			}
			if errors.As(err, new(*secret.CommandError)) != test.again {
				t.Errorf("%T, want a CommandError: %t", err, test.again)
			}
			if text := err.Error(); strings.Contains(text, commandSecret) || strings.Contains(text, "eyJ") ||
				strings.Contains(text, "attery") || strings.Contains(text, "horse") || strings.Contains(text, "tango") {
				t.Errorf("error %q shows a secret", err)
			}
		})
	}
}

// When the run is stopped, the command and everything that it has started are killed.
func TestAStoppedCommand(t *testing.T) {
	pids := filepath.Join(t.TempDir(), "pids")
	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("the run was stopped")
	go func() {
		for {
			if data, _ := os.ReadFile(pids); strings.Count(string(data), "\n") == 2 {
				cancel(stop)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	_, err := secret.ReadCommand(ctx, sh("sleep 600 & echo $! > "+pids+"; echo $$ >> "+pids+"; wait"), os.Environ())
	if !errors.Is(err, stop) {
		t.Errorf("error %v, want the cause of the stop", err)
	}
	data, _ := os.ReadFile(pids)
	for line := range strings.Lines(string(data)) {
		pid := 0
		if _, err := fmt.Sscan(line, &pid); err != nil {
			t.Fatal(err)
		}
		gone := false
		for range 1000 { // a killed process stays until its parent has collected it
			if state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err != nil && syscall.Kill(pid, 0) != nil ||
				strings.Contains(string(state), ") Z ") {
				gone = true
				break
			}
			time.Sleep(time.Millisecond)
		}
		if !gone {
			t.Errorf("process %d is still there", pid)
		}
	}
}
