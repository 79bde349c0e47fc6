package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/creack/pty"
)

// expectMain is the program expect of the scripts: a person at a terminal with a number of columns. It runs a command there, and
// does what the lines of a file say:
//
//	see TEXT   wait until the terminal shows the text; line breaks count as spaces
//	type TEXT  type it at the prompt, with $VARIABLES, and press Enter
//	press KEY  ctrl-c or ctrl-d, at the prompt
//	kill TERM  send the signal, at the prompt
//	run LINE   a command line of the shell, at the prompt
//
// It prints what the terminal has shown, and ends with the status of the command.
func expectMain() {
	status, err := expect(os.Args[1], os.Args[2], os.Args[3:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "expect:", err)
		status = 99
	}
	os.Exit(status)
}

func expect(columns, path string, command []string) (int, error) {
	wide, err := strconv.ParseUint(columns, 10, 16)
	if err != nil {
		return 0, err
	}
	todo, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	cmd := exec.Command(command[0], command[1:]...)
	master, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 40, Cols: uint16(wide)})
	if err != nil {
		return 0, err
	}
	defer master.Close()
	shown := &display{}
	read := make(chan struct{})
	go func() {
		_, _ = io.Copy(shown, master) // ends when the command has closed the terminal
		close(read)
	}()
	for line := range strings.Lines(string(todo)) {
		if err := shown.do(strings.TrimSpace(line), master, cmd); err != nil {
			_ = cmd.Process.Kill()
			return 0, fmt.Errorf("%s: %w\n%s", strings.TrimSpace(line), err, shown.text())
		}
	}
	hung := time.AfterFunc(20*time.Second, func() { _ = cmd.Process.Kill() })
	defer hung.Stop()
	err = cmd.Wait()
	<-read
	fmt.Print(shown.text())
	if errors.As(err, new(*exec.ExitError)) {
		return cmd.ProcessState.ExitCode(), nil
	}
	return 0, err
}

// display keeps what a terminal has shown.
type display struct {
	mu   sync.Mutex
	all  bytes.Buffer
	seen int // characters of words up to the last text that was awaited
}

func (s *display) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.Write(p)
}

// text returns what was shown, without escape sequences and carriage returns.
func (s *display) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`).ReplaceAllString(s.all.String(), "")
	return strings.ReplaceAll(text, "\r", "")
}

func (s *display) do(line string, to io.Writer, cmd *exec.Cmd) error {
	what, text, _ := strings.Cut(line, " ")
	if what == "see" {
		return s.await(text)
	}
	err := s.prompted()
	if err != nil {
		return err
	}
	switch what {
	case "type":
		_, err = fmt.Fprint(to, os.ExpandEnv(text), "\r")
	case "press":
		_, err = fmt.Fprint(to, map[string]string{"ctrl-c": "\x03", "ctrl-d": "\x04"}[text])
	case "kill":
		err = cmd.Process.Signal(syscall.SIGTERM)
	case "run":
		err = exec.Command("sh", "-c", text).Run()
	default:
		err = errors.New("not understood")
	}
	return err
}

// await waits until text is shown after what was awaited before.
func (s *display) await(text string) error {
	return s.until(func(shown string) bool {
		words := strings.Join(strings.Fields(shown), " ")
		at := strings.Index(words[s.seen:], text)
		if at >= 0 {
			s.seen += at + len(text)
		}
		return at >= 0
	})
}

// prompted waits for a prompt: what is typed before, a terminal takes in another way.
func (s *display) prompted() error {
	return s.until(func(shown string) bool { return strings.HasSuffix(shown, "\n"+prompt) })
}

func (s *display) until(is func(shown string) bool) error {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if is(s.text()) {
			return nil
		}
	}
	return errors.New("it was never shown")
}
