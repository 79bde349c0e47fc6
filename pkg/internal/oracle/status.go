package oracle

import "slices"

// Outcome is the result of a group in a report.
type Outcome struct {
	Word  string // in step, changed, refused …
	Cause string
	Held  int    // members of whom it is not known whether they have left
	Doubt string // why Entra did not answer: denied, unavailable …; empty if it did
}

// Exit returns the exit status of a run with these outcomes, by the table of the manual and its order.
func Exit(outcomes []Outcome) int {
	codes := []int{0}
	for _, o := range outcomes {
		codes = append(codes, o.code())
		switch {
		case o.Cause == "internal":
			codes = append(codes, 70)
		case o.Held > 0 && o.Doubt == "":
			codes = append(codes, 4)
		case o.Held > 0 && o.Doubt == "denied":
			codes = append(codes, 6)
		case o.Held > 0:
			codes = append(codes, 7)
		}
	}
	for _, code := range []int{78, 64, 5, 70, 130, 143, 6, 4, 1, 8, 7, 10} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return 0
}

func (o Outcome) code() int {
	switch o.Word {
	case "in step", "changed", "already", "paused", "to change":
		return 0
	case "refused", "missing":
		return 4
	case "stale", "conflict", "not applied":
		return 8
	case "internal":
		return 70
	case "rejected":
		return 1
	case "denied":
		return 6
	case "incomplete":
		switch o.Cause {
		case "denied":
			return 6
		case "missing":
			return 4
		case "rejected":
			return 1
		case "internal":
			return 70
		}
	}
	return 7
}
