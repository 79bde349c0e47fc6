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

// hard makes a name hard to type.
func hard(r *rand.Rand, name, before string) string {
	if before != "" && one(r, 3) {
		return before + "=1" // what is printed for it may be about the other one
	}
	if one(r, 4) {
		return `it's "` + name + `"`
	}
	names := []string{
		name + "=", "=" + name, name + "=x", name + "\tx", name + "\u00a0x", name + "\u200b", "\u202e" + name,
		"-" + name, "--" + name, "$(" + name + ")", name + " x", name + `\`,
	}
	return pick(r, names...)
}

// words takes a command line apart as a POSIX shell does, as far as quotes and backslashes go. Whatever else means something to a
// shell is an error.
func words(text string) ([]string, error) {
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

// means adds a printed flag to what is typed for a run, and to what it is to lift: something about this group and no other one.
func (s *sim) means(run *run, g reported, printed string) error {
	all, err := words(printed)
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
	run.typed = append(run.typed, all...)
	return nil
}

// typeOut types the flags of one refused group as they were printed, and wants just that to be lifted.
func (s *sim) typeOut(last *run) {
	var refused []reported
	for _, g := range last.report.Groups {
		if slices.ContainsFunc(g.Refusals, func(r reason) bool { return r.Flag != "" }) {
			refused = append(refused, g)
		}
	}
	if len(refused) == 0 {
		return
	}
	g := pick(s.r, refused...)
	run := s.newRun(syncs)
	run.quiet = false
	f := &run.flags
	f.AllowRemovals, f.AllowAdditions, f.Release = map[string]int{}, map[string]int{}, map[string][]string{}
	for _, r := range g.Refusals {
		if err := s.means(run, g, r.Flag); err != nil {
			s.fail("%s is refused, and the flag %q is printed: %v", g.Name, r.Flag, err)
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

// judgeTyped wants what was typed to be understood, to lift what it says, and to change nothing for any other group.
func (s *sim) judgeTyped(last, run *run, g reported) {
	if run.status == 64 {
		s.fail("%q was printed, and cannot be typed: %s", run.typed, run.err.String())
		return
	}
	for _, was := range last.report.Groups {
		is, ok := run.report.of(was.Name)
		if !ok {
			continue
		}
		if was.Name != g.Name {
			// A group that is let through counts among those of which the run may remove a share.
			if rules(was) != rules(is) && !strings.Contains(rules(was)+rules(is), "total") {
				s.fail("%q was typed for %s, and the refusals of %s were %s and are %s", run.typed, g.Name, was.Name, rules(was), rules(is))
			}
			continue
		}
		for _, r := range was.Refusals {
			// Whoever is let go may be too many, and then there is another refusal.
			again := func(o reason) bool {
				return o.Flag != "" && o.Rule == r.Rule && (o.Flag == r.Flag || len(run.flags.Release) == 0)
			}
			if r.Flag != "" && slices.ContainsFunc(is.Refusals, again) {
				s.fail("%q was typed, and %s is refused still: %+v", run.typed, g.Name, is.Refusals)
			}
		}
	}
}

// rules are those that refuse a group.
func rules(g reported) string {
	text := ""
	for _, r := range g.Refusals {
		text += "(" + r.Rule + ")"
	}
	return text
}
