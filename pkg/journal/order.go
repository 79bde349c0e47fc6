package journal

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"
)

// The order of the lines is the order of writing, whatever a clock said. Within a file it is that of the lines, because
// lines are only ever appended. Between files it is a number in the first line of each, because a name comes from a clock:
// a clock that is ahead for one run makes a file of a later month, and the next run goes on in an earlier one.

// Clock is what the services say about the clock of this machine.
type Clock int

// What is known of the clock.
const (
	ClockUnknown Clock = iota // no answer had a time
	ClockRight                // it agrees with the answers
	ClockWrong                // an answer contradicts it
)

// month is one file of the journal.
type month struct {
	name   string
	began  time.Time // the month of the name
	number int       // its place in the order of writing, from 1; 0 in a file that has none, as older versions wrote it
}

// headSize is more than the line takes that has the number.
const headSize = 256

// farOff is how far from now the month of a file must be for the clock that named it to be wrong. Two clocks that
// are nearly right may still be in two months.
const farOff = 24 * time.Hour

var monthName = regexp.MustCompile(`^(\d{4}-\d{2})(_\d+)?\.jsonl$`)

// parseMonth reads a name: 2026-11.jsonl, and 2026-11_2.jsonl for the second file of a month.
func parseMonth(name string) (time.Time, bool) {
	m := monthName.FindStringSubmatch(name)
	if m == nil {
		return time.Time{}, false
	}
	began, err := time.Parse(monthly, m[1])
	return began, err == nil
}

// months lists the journal files of a folder in the order of writing. It asks known for the numbers of files, and adds
// those that it reads.
func months(dir string, now time.Time, known map[string]int) ([]month, error) {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return nil, err
	}
	var numbered, lost, old, ahead []month
	for _, e := range entries {
		began, ok := parseMonth(e.Name())
		if !ok {
			continue
		}
		m := month{name: e.Name(), began: began, number: known[e.Name()]}
		older := false
		if m.number == 0 {
			if m.number, older, err = readNumber(filepath.Join(dir, m.name)); err != nil {
				return nil, err
			}
		}
		switch {
		case m.number > 0:
			numbered = append(numbered, m)
			known[m.name] = m.number
		case !older:
			lost = append(lost, m)
		case began.After(now.Add(farOff)):
			ahead = append(ahead, m)
		default:
			old = append(old, m)
		}
	}
	slices.SortStableFunc(numbered, func(a, b month) int { return a.number - b.number })
	return slices.Concat(byName(old, ahead), found(numbered, lost)), nil
}

// byName are the files of an older version, which have no number. Those of a month that is still to come stand before the
// last one of the others, into which the runs after them wrote.
func byName(old, ahead []month) []month {
	if n := len(old); n > 0 {
		return slices.Concat(old[:n-1], ahead, old[n-1:])
	}
	return ahead
}

// found puts files whose first line is damaged, or cut short, where their names belong.
func found(numbered, lost []month) []month {
	for _, m := range lost {
		at := slices.IndexFunc(numbered, func(n month) bool { return n.name > m.name })
		if at < 0 {
			at = len(numbered)
		}
		numbered = slices.Insert(numbered, at, m)
	}
	return numbered
}

// readNumber reads the number of a file. It is 0 if the first line has none, and older says whether that line is
// nevertheless a whole one, as an older version wrote it. Of a file that is empty or gone nothing is known.
func readNumber(path string) (number int, older bool, err error) {
	f, err := openFile(path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, err
	}
	defer f.Close()
	text, err := bufio.NewReaderSize(f, headSize).ReadSlice('\n')
	if errors.Is(err, bufio.ErrBufferFull) {
		return 0, true, nil
	}
	l, err := decode(text)
	if err != nil {
		return 0, false, nil
	}
	if l.Kind == kindFile {
		return max(l.Number, 0), false, nil
	}
	return 0, true, nil
}

// target chooses the file for the next line: the last one in the order of writing, or a new one. A new one begins with a
// month. A clock that is known to be wrong begins none, and only a clock that is known to be right goes back to an
// earlier month.
func target(files []month, now time.Time, clock Clock) (name string, number int) {
	began := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	if len(files) == 0 {
		return fileName(began, 1), 1
	}
	last := files[len(files)-1]
	behind := last.began.After(now.Add(farOff))
	switch {
	case last.number == 0: // nothing would tell the order of what is written now
	case last.began.Equal(began), last.began.After(began) && !behind:
		return last.name, 0
	case behind && clock != ClockRight, !behind && clock == ClockWrong:
		return last.name, 0
	}
	for _, m := range files {
		number = max(number, m.number)
	}
	for n := 1; ; n++ {
		name := fileName(began, n)
		if !slices.ContainsFunc(files, func(m month) bool { return m.name == name }) {
			return name, number + 1
		}
	}
}

// fileName is the name of the n-th file of a month.
func fileName(began time.Time, n int) string {
	name := began.Format(monthly)
	if n > 1 {
		name += fmt.Sprintf("_%d", n)
	}
	return name + suffix
}

// expired are the files whose lines are all older than keep. A name does not say when the last line was written: while a clock
// is known to be wrong no month begins, and the lines go into the last file. But each file was written before those that
// follow it, so that the earliest month among those tells. The last two always stay.
func expired(files []month, now time.Time, keep time.Duration) []month {
	n := max(len(files)-2, 0)
	out := []month{}
	for i, m := range files[:n] {
		next := slices.MinFunc(files[i+1:], func(a, b month) int { return a.began.Compare(b.began) })
		if !next.began.AddDate(0, 1, 0).After(now.Add(-keep)) {
			out = append(out, m)
		}
	}
	return out
}
