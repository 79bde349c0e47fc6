package secret

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/textfile"
)

// commandTime is the maximum time that a command may take. A command that asks the user something on a terminal takes longer,
// and cron gives it no terminal.
const commandTime = 30 * time.Second

// commandGrace is how long the pipes of a command may stay open after its end, if it leaves other processes behind.
const commandGrace = 2 * time.Second

// maxStderr is how many bytes of the error output of a command are kept, and maxShown how many of them are shown: the last ones,
// because they say why it failed.
const (
	maxStderr = 64 << 10
	maxShown  = 400
)

// CommandError says that a command was started and did not return a secret: it failed, or it took too long. It may succeed
// the next time. The text contains the command's error output, and never its output.
type CommandError struct {
	text string
	err  error
}

func (e *CommandError) Error() string { return e.text }
func (e *CommandError) Unwrap() error { return e.err }

// ReadCommand runs a command and returns its standard output as a secret. It removes white space, line breaks and byte order
// marks at both ends, as [ReadFile] does. The first element of argv is the program, which is searched in PATH; no shell is used.
// env is the environment of the command in the form of os.Environ. The command has no input, and 30 seconds. If the time or ctx
// ends, its whole process group is killed. A command that was started and failed is a [*CommandError]. It is not tried again.
func ReadCommand(ctx context.Context, argv, env []string) (String, error) {
	if len(argv) == 0 || argv[0] == "" {
		return String{}, errors.New("the command is empty")
	}
	timed, cancel := context.WithTimeoutCause(ctx, commandTime, fmt.Errorf("it took longer than %s", commandTime))
	defer cancel()
	cmd := exec.CommandContext(timed, argv[0], argv[1:]...)
	stdout, stderr := &head{max: maxFile}, &tail{max: maxStderr}
	cmd.Env, cmd.Stdout, cmd.Stderr, cmd.WaitDelay = env, stdout, stderr, commandGrace
	inOwnGroup(cmd)
	ended, err := commandsIn(ctx).start(cmd)
	if err != nil {
		if timed.Err() != nil {
			return String{}, context.Cause(timed)
		}
		return String{}, fmt.Errorf("cannot run %s: %w", argv[0], reason(err))
	}
	err = cmd.Wait()
	ended()
	text, notText := textfile.Decode(stdout.data)
	switch {
	case timed.Err() != nil:
		return String{}, &CommandError{fmt.Sprintf("%s was stopped: %v", argv[0], context.Cause(timed)), context.Cause(timed)}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return String{}, &CommandError{fmt.Sprintf("%s failed (%v)%s", argv[0], err, stderr.shown(stdout.data, text)), err}
	case stdout.more:
		return String{}, fmt.Errorf("%s wrote more than %d bytes; is it the right command?", argv[0], maxFile)
	case notText != nil || textfile.NotText(text) > 0:
		return String{}, fmt.Errorf("the output of %s is not plain text", argv[0])
	}
	output := textfile.Trim(string(text))
	if output == "" {
		return String{}, fmt.Errorf("%s wrote nothing to its standard output%s", argv[0], stderr.shown())
	}
	return New(output), nil
}

// reason returns the reason why a program could not be started, without its name, which the message has already.
func reason(err error) error {
	if failed, ok := errors.AsType[*exec.Error](err); ok {
		return failed.Err
	}
	return err
}

// head keeps the first bytes that are written to it.
type head struct {
	data []byte
	max  int
	more bool // more was written than max
}

func (h *head) Write(p []byte) (int, error) {
	room := min(len(p), h.max-len(h.data))
	h.data = append(h.data, p[:room]...)
	h.more = h.more || room < len(p)
	return len(p), nil
}

// tail keeps the last bytes that are written to it.
type tail struct {
	data []byte
	max  int
}

func (t *tail) Write(p []byte) (int, error) {
	t.data = append(t.data, p...)
	t.data = t.data[max(0, len(t.data)-t.max):]
	return len(p), nil
}

// leastHidden is the length of the shortest word of the output that is hidden. A shorter one is no secret, and would hide
// parts of ordinary words.
const leastHidden = 4

// shown returns the end of the error output as part of a message. It shows no word of outputs, which are what the command
// wrote as the secret, and no word that looks like a secret: a tool may repeat its own token in an error.
func (t *tail) shown(outputs ...[]byte) string {
	text := string(bytes.ToValidUTF8(t.data, nil))
	for _, output := range outputs {
		for _, word := range append([]string{textfile.Trim(string(output))}, strings.Fields(string(output))...) {
			if len(word) >= leastHidden {
				text = Hide(text, word, NotShown)
			}
		}
	}
	words := strings.Fields(text)
	if len(t.data) == t.max && len(words) > 0 && strings.HasPrefix(text, words[0]) {
		words = words[1:] // it may be the end of a word, which is not recognized
	}
	length := 0
	for i, word := range slices.Backward(words) {
		if Mask(strings.Trim(word, `"'`+"`.,:;()[]{}<>")) == NotShown {
			words[i] = NotShown
		}
		if length += len(words[i]) + 1; length > maxShown {
			words = append([]string{"…"}, words[i+1:]...)
			break
		}
	}
	if len(words) == 0 {
		return " and said nothing"
	}
	return ": " + strings.Join(words, " ")
}
