package simulation

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"
)

// hardName returns a name that is hard to type in a shell.
func hardName(r *rand.Rand, name, before string) string {
	if before != "" && oneIn(r, 3) {
		return before + "=1" // a flag for it may be read as one for the other group
	}
	if oneIn(r, 4) {
		return `it's "` + name + `"`
	}
	names := []string{
		name + "=", "=" + name, name + "=x", name + "\tx", name + "\u00a0x", name + "\u200b", "\u202e" + name,
		"-" + name, "--" + name, "$(" + name + ")", name + " x", name + `\`,
	}
	return pick(r, names...)
}

// splitShellWords splits a command line as a POSIX shell does, with quotes and backslashes. Any other special character is
// an error.
func splitShellWords(text string) ([]string, error) {
	var all []string
	word, within, quote := []rune{}, false, rune(0)
	runes := []rune(text)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		switch {
		case quote == '\'' && c == '\'', quote == '"' && c == '"':
			quote = 0
		case quote == '\'':
			word = append(word, c)
		case c == '\\' && i+1 < len(runes):
			i++
			word, within = append(word, runes[i]), true
		case quote == '"' && strings.ContainsRune("$`", c), quote == 0 && strings.ContainsRune("$`;&|<>(){}*?[]~#!\n", c):
			return nil, fmt.Errorf("%q means something to a shell", c)
		case quote == '"':
			word = append(word, c)
		case c == '\'' || c == '"':
			quote, within = c, true
		case c == ' ' || c == '\t':
			if within {
				all = append(all, string(word))
			}
			word, within = nil, false
		default:
			word, within = append(word, c), true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote has no end")
	}
	if within {
		all = append(all, string(word))
	}
	return all, nil
}

// addPrintedFlag adds a printed flag to the flags of a run. The flag must be about this group only.
func (s *sim) addPrintedFlag(run *run, g groupReport, printed string) error {
	all, err := splitShellWords(printed)
	if err != nil {
		return err
	}
	for i := 0; i < len(all); i += 2 {
		if all[i] == "--allow-older" {
			i--
			continue
		}
		if i+1 == len(all) {
			return errors.New("a value is missing")
		}
		value, ok := strings.CutPrefix(all[i+1], g.Name+"=")
		if !ok {
			value, ok = strings.CutPrefix(all[i+1], g.ID+"=")
		}
		if !ok || g.ID == "" {
			return fmt.Errorf("%q names another group", all[i+1])
		}
		n, err := strconv.Atoi(value)
		switch {
		case all[i] == "--release":
			run.flags.Release[g.Name], err = append(run.flags.Release[g.Name], value), nil
		case all[i] == "--allow-removals" && err == nil && n != len(g.Remove),
			all[i] == "--allow-additions" && err == nil && n != len(g.Add):
			err = fmt.Errorf("+%d -%d are to be let through", len(g.Add), len(g.Remove))
		case all[i] == "--allow-removals":
			run.flags.AllowRemovals[g.Name] = n
		case all[i] == "--allow-additions":
			run.flags.AllowAdditions[g.Name] = n
		default:
			err = fmt.Errorf("there is no flag %s", all[i])
		}
		if err != nil {
			return err
		}
	}
	run.typedFlags = append(run.typedFlags, all...)
	return nil
}

// tryPrintedFlags runs with the printed flags of one refused group, and checks that they lift exactly its refusals.
func (s *sim) tryPrintedFlags(last *run) {
	var refused []groupReport
	for _, g := range last.report.Groups {
		if slices.ContainsFunc(g.Refusals, func(r refusal) bool { return r.Flag != "" }) {
			refused = append(refused, g)
		}
	}
	if len(refused) == 0 {
		return
	}
	g := pick(s.r, refused...)
	run := s.newRun(verbSync)
	run.quiet = false
	f := &run.flags
	f.AllowRemovals, f.AllowAdditions, f.Release = map[string]int{}, map[string]int{}, map[string][]string{}
	for _, r := range g.Refusals {
		if err := s.addPrintedFlag(run, g, r.Flag); err != nil {
			s.errorf("%s is refused, and the flag %q is printed: %v", g.Name, r.Flag, err)
			return
		}
		if r.Flag != "" {
			s.met["a printed flag, "+r.Rule]++
		}
	}
	s.play(run)
	s.judgeTyped(last, run, g)
	s.wait(10 * time.Minute)
}

// judgeTyped checks that the flags were understood, lifted the refusals, and changed nothing for other groups.
func (s *sim) judgeTyped(last, run *run, g groupReport) {
	if run.status == 64 {
		s.errorf("%q was printed, and cannot be typed: %s", run.typedFlags, run.err.String())
		return
	}
	for _, was := range last.report.Groups {
		is, ok := run.report.of(was.Name)
		if !ok {
			continue
		}
		if was.Name != g.Name {
			// The members of an allowed group count in the total, which may allow more removals elsewhere.
			if rules(was) != rules(is) && !strings.Contains(rules(was)+rules(is), "total") {
				s.errorf("%q was typed for %s, and the refusals of %s were %s and are %s",
					run.typedFlags, g.Name, was.Name, rules(was), rules(is))
			}
			continue
		}
		for _, r := range was.Refusals {
			// Released members may exceed a limit, which is another refusal.
			again := func(o refusal) bool {
				return o.Flag != "" && o.Rule == r.Rule && (o.Flag == r.Flag || len(run.flags.Release) == 0)
			}
			if r.Flag != "" && slices.ContainsFunc(is.Refusals, again) {
				s.errorf("%q was typed, and %s is refused still: %+v", run.typedFlags, g.Name, is.Refusals)
			}
		}
	}
}

// rules returns the names of the rules that refuse a group.
func rules(g groupReport) string {
	text := ""
	for _, r := range g.Refusals {
		text += "(" + r.Rule + ")"
	}
	return text
}
