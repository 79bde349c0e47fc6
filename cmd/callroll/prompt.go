package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/term"

	"github.com/callroll/callroll/pkg/report"
)

// prompter asks questions on a terminal, one line for each answer. Questions go to stderr.
//
// golang.org/x/term edits the line. A library of forms would be more comfortable for long lists, but each of those that are
// maintained adds more than a mebibyte to the memory of every run, also of those that ask nothing.
type prompter struct {
	in     int // descriptor of the terminal
	out    io.Writer
	editor *term.Terminal
	plain  *bufio.Reader // used instead of editor if the terminal understands no escape sequences
}

// prompter returns nil if stdin or stderr is not a terminal.
func (a *app) prompter() *prompter {
	in, ok := terminal(a.stdin)
	if _, hears := terminal(a.stderr); !ok || !hears {
		return nil
	}
	p := &prompter{in: in, out: a.stderr}
	if a.env["TERM"] == "dumb" || a.env["ACCESSIBLE"] != "" {
		p.plain = bufio.NewReader(a.stdin)
		return p
	}
	p.editor = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{a.stdin, a.stderr}, prompt)
	p.editor.History = noHistory{}
	return p
}

// prompt stands before an answer.
const prompt = "> "

// noHistory keeps no answers: an arrow key must not bring that of another question.
type noHistory struct{}

func (noHistory) Add(string)    {}
func (noHistory) Len() int      { return 0 }
func (noHistory) At(int) string { return "" }

// print prints a line, broken to the width of the terminal. The parts after the first one begin with indent spaces.
func (p *prompter) print(line string, indent int) {
	for _, part := range report.Wrap(report.Harmless(line), strings.Repeat(" ", indent), width(p.out)) {
		fmt.Fprintln(p.out, part)
	}
}

// read reads one line. If hidden, what is typed is not shown. It returns when ctx ends, with its cause.
func (p *prompter) read(ctx context.Context, hidden bool) (string, error) {
	before, err := term.GetState(p.in)
	if err != nil {
		return "", err
	}
	defer func() { _ = term.Restore(p.in, before) }()
	type answer struct {
		text string
		err  error
	}
	typed := make(chan answer, 1)
	go func() { // ends with the process if ctx ends first, because a terminal cannot be closed for reading
		text, err := p.line(hidden)
		typed <- answer{text, err}
	}()
	select {
	case <-ctx.Done():
		fmt.Fprint(p.out, "\r\n")
		return "", fmt.Errorf("%w; nothing was written", context.Cause(ctx))
	case a := <-typed:
		if a.err != nil { // Ctrl-C, Ctrl-D, or a terminal that is gone
			fmt.Fprint(p.out, "\r\n")
			return "", &statusError{report.Interrupted, errors.New("stopped at a question; nothing was written")}
		}
		return strings.TrimSpace(a.text), nil
	}
}

func (p *prompter) line(hidden bool) (string, error) {
	if p.plain != nil {
		fmt.Fprint(p.out, prompt)
		if !hidden {
			return p.plain.ReadString('\n')
		}
		text, err := term.ReadPassword(p.in)
		fmt.Fprintln(p.out)
		return string(text), err
	}
	if _, err := term.MakeRaw(p.in); err != nil {
		return "", err
	}
	if columns := width(p.out); columns > 0 {
		_ = p.editor.SetSize(columns, 1) // without it, long answers are shown less well
	}
	if hidden {
		return p.editor.ReadPassword(prompt)
	}
	return p.editor.ReadLine()
}

// choice is one of several answers.
type choice struct{ name, text string }

// query is what is asked in one go.
type query struct {
	text     string   // the question
	items    []string // a numbered list below it
	column   int      // of the items, where further lines begin
	how      string   // what can be typed, below the items
	preset   string   // what Enter stands for; empty if there is none
	hidden   bool     // what is typed is not shown, and neither is the preset; Enter gives an empty answer
	enter    string   // what Enter does if there is a preset that is hidden; empty: as typed before
	optional bool     // Enter is an answer, if there is no preset
}

// ask asks until there is an answer that check takes.
func (p *prompter) ask(ctx context.Context, q query, check func(string) error) error {
	for {
		p.show(q)
		answer, err := p.read(ctx, q.hidden)
		if err != nil {
			return err
		}
		switch {
		case answer == "" && q.preset != "" && !q.hidden:
			answer = q.preset
		case answer == "-" && q.optional:
			answer = ""
		case answer == "" && q.preset == "" && !q.optional:
			p.print("an answer is needed; Ctrl-C stops, and writes nothing", 0)
			continue
		}
		if err = check(answer); err == nil {
			return nil
		}
		for _, line := range append([]string{err.Error()}, hintLines(err)...) {
			p.print(line, 2)
		}
	}
}

// show prints a question and what Enter stands for.
func (p *prompter) show(q query) {
	fmt.Fprintln(p.out)
	p.print(q.text, 0)
	for i, item := range q.items {
		p.print(fmt.Sprintf("%3d  %s", i+1, item), 5+q.column)
	}
	if q.how != "" {
		p.print(q.how, 0)
	}
	switch {
	case q.preset != "" && q.hidden:
		p.print("(Enter: "+cmp.Or(q.enter, "as typed before")+")", 1)
	case q.preset != "" && q.optional:
		p.print("(Enter: "+q.preset+"; - leaves it out)", 1)
	case q.preset != "":
		p.print("(Enter: "+q.preset+")", 1)
	case q.optional:
		p.print("(Enter leaves it out)", 1)
	}
}

// choose asks for one of several answers, by name or by number.
func (p *prompter) choose(ctx context.Context, q query, choices []choice, check func(string) error) error {
	wide := 0
	for _, c := range choices {
		wide = max(wide, len(c.name))
	}
	q.column = wide + 2
	for _, c := range choices {
		q.items = append(q.items, fmt.Sprintf("%-*s  %s", wide, c.name, c.text))
	}
	return p.ask(ctx, q, func(answer string) error {
		if n, err := strconv.Atoi(answer); err == nil && n >= 1 && n <= len(choices) {
			answer = choices[n-1].name
		}
		if !slices.ContainsFunc(choices, func(c choice) bool { return c.name == answer }) {
			return fmt.Errorf("type one of the names, or a number from 1 to %d", len(choices))
		}
		return check(answer)
	})
}

// numbers returns which of n things an answer like 1,3-5 names, or all, or none.
func numbers(answer string, n int) ([]int, error) {
	switch answer {
	case "none":
		return nil, nil
	case "all":
		answer = fmt.Sprintf("1-%d", n)
	}
	var chosen []int
	for part := range strings.FieldsFuncSeq(answer, func(r rune) bool { return r == ',' || r == ' ' }) {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err != nil || err2 != nil || first < 1 || last > n || first > last {
			return nil, fmt.Errorf("%q is not understood: type all, none, or numbers from 1 to %d such as 1,3-5", part, n)
		}
		for i := first; i <= last; i++ {
			chosen = append(chosen, i-1)
		}
	}
	slices.Sort(chosen)
	return slices.Compact(chosen), nil
}
