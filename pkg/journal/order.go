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

// Lines are read in the order of writing, which does not depend on clocks. Within a file this is the order of the lines,
// because lines are only appended. The order of files is given by a number in the first line of each. The name of a file is
// not enough, because it is from a clock: if the clock is ahead in one run, that run creates a file of a later month, and the
// next run may write to a file of an earlier month.

// Clock is what is known about the clock of this machine from the answers of the services.
type Clock int

// The values of Clock.
const (
	ClockUnknown Clock = iota // no answer had a time yet
	ClockRight                // it agrees with the answers
	ClockWrong                // it contradicts an answer
)

// month is one file of the journal.
type month struct {
	name   string
	began  time.Time // beginning of the month in the name, UTC
	number int       // position in the order of writing, from 1; 0: a file of an older version has none
}

// headSize is larger, in bytes, than the line with the number of a file.
const headSize = 256

// farOff is how far in the future the month of a file must be to show that the clock was wrong when it was named. Two
// clocks that are nearly right may be in different months.
const farOff = 24 * time.Hour

var monthName = regexp.MustCompile(`^(\d{4}-\d{2})(_\d+)?\.jsonl$`)

// parseMonth parses a file name: 2026-11.jsonl, or 2026-11_2.jsonl for the second file of a month.
func parseMonth(name string) (time.Time, bool) {
	m := monthName.FindStringSubmatch(name)
	if m == nil {
		return time.Time{}, false
	}
	began, err := time.Parse(monthly, m[1])
	return began, err == nil
}

// months returns the journal files of a folder in the order of writing. known has the numbers of files by name; months
// adds those that it reads.
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
	// Files of an older version have no number. Those of a future month are placed before the last one of the others, because
	// later runs have written to that one.
	last := max(len(old)-1, 0)
	return slices.Concat(old[:last], ahead, old[last:], found(numbered, lost)), nil
}

// found inserts files whose first line is damaged or incomplete at the positions that their names give.
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

// readNumber reads the number of a file. It is 0 if the first line has none; then older reports whether that line is
// complete, as an older version wrote it. Both are zero for a file that is empty or does not exist.
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

// target returns the name of the file for the next line, and the number of that file if it is new, or else 0. It is the
// last file in the order of writing, or a new one when a month begins. A clock that is known to be wrong begins no file,
// and only a clock that is known to be right goes back to an earlier month.
func target(files []month, now time.Time, clock Clock) (name string, number int) {
	began := time.Date(now.UTC().Year(), now.UTC().Month(), 1, 0, 0, 0, 0, time.UTC)
	if len(files) == 0 {
		return fileName(began, 1), 1
	}
	last := files[len(files)-1]
	behind := last.began.After(now.Add(farOff))
	switch {
	case last.number == 0: // new lines need a file with a number
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

// fileName returns the name of the n-th file of a month.
func fileName(began time.Time, n int) string {
	name := began.Format(monthly)
	if n > 1 {
		name += fmt.Sprintf("_%d", n)
	}
	return name + suffix
}

// expired returns the files whose lines are all older than keep. The name of a file does not say when its last line was
// written: if a clock is known to be wrong, no file begins, and lines go into the last file. But each file was written
// before those that follow it, and so the earliest month among those is the limit. The last two files always stay.
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
