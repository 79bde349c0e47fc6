package plan

import (
	"fmt"
	"strconv"
	"strings"
)

// Limit is how many people a run may remove or add: a number, or a share of the members of a group. The zero Limit allows
// nobody. IsSet distinguishes it from a limit of 0.
type Limit struct {
	set   bool
	share bool
	value int64 // a count, or millionths
}

const million = 1_000_000

// Count is a limit of n people.
func Count(n int) Limit { return Limit{set: true, value: int64(n)} }

// Percent is a limit of a share of the members.
func Percent(n int) Limit { return Limit{set: true, share: true, value: int64(n) * million / 100} }

// ParseLimit reads "10" (people), "25%" or "1.5%" (a share, with at most four decimals). Zero in either form allows
// nobody. A negative number, a fraction without a percent sign and an empty string are errors; they never mean "no limit".
func ParseLimit(s string) (Limit, error) {
	digits, share := strings.CutSuffix(strings.TrimSpace(s), "%")
	whole, fraction, dotted := strings.Cut(digits, ".")
	n, err := strconv.ParseUint(whole, 10, 32)
	parts, partsErr := strconv.ParseUint((fraction + "0000")[:4], 10, 32)
	switch {
	case err != nil || partsErr != nil || len(whole) > 7, dotted && (!share || fraction == "" || len(fraction) > 4):
		return Limit{}, fmt.Errorf("%q is not a limit: write a number of people like 10, or a share like 25%% or 1.5%%", s)
	case !share:
		return Count(int(n)), nil
	}
	return Limit{set: true, share: true, value: int64(n)*million/100 + int64(parts)}, nil
}

// IsSet says whether the limit was set, even to 0.
func (l Limit) IsSet() bool { return l.set }

// ParseRemovals reads a limit of removals. A share of more than 100 % is an error, because no group can lose more than all
// of its members.
func ParseRemovals(s string) (Limit, error) {
	l, err := ParseLimit(s)
	if err == nil && l.share && l.value > million {
		return Limit{}, fmt.Errorf("%q is more than all members; the largest share is 100%%", s)
	}
	return l, err
}

// allows returns how many people the limit allows for a group with so many members. A share is rounded down, and is at
// least floor. A limit of zero allows nobody, whatever floor is.
func (l Limit) allows(members, floor int) int {
	switch {
	case l.value == 0:
		return 0
	case !l.share:
		return int(l.value)
	}
	return max(int(int64(members)*l.value/million), floor)
}

// bound returns what the limit allows, for a refusal.
func (l Limit) bound(members, floor int) Bound {
	if !l.share || l.value == 0 {
		return Bound{Limit: l.String(), Most: l.allows(members, floor)}
	}
	return Bound{Limit: l.String(), Of: members, Floor: floor, Most: l.allows(members, floor)}
}

// String writes the limit as ParseLimit reads it.
func (l Limit) String() string {
	if !l.share {
		return strconv.FormatInt(l.value, 10)
	}
	whole, parts := l.value/(million/100), l.value%(million/100)
	if parts == 0 {
		return fmt.Sprintf("%d%%", whole)
	}
	return strings.TrimRight(fmt.Sprintf("%d.%04d", whole, parts), "0") + "%"
}

// Limits are the limits of what one run may change. See [DefaultLimits] for the values that apply if nothing is
// configured.
type Limits struct {
	Remove           Limit // removals of one group
	RemoveFloor      int
	RemoveTotal      Limit // removals of the run; a share is of the members of all groups that are not refused
	RemoveTotalFloor int
	Add              Limit // additions to one group
	AddFloor         int
	AddEmpty         int // additions to a group that has no members
}

// DefaultLimits returns the limits that apply if nothing is configured. AddEmpty is the number of individual members that
// Genesys recommends for a group.
func DefaultLimits() Limits {
	return Limits{
		Remove: Percent(25), RemoveFloor: 5,
		RemoveTotal: Percent(10), RemoveTotalFloor: 20,
		Add: Percent(100), AddFloor: 50, AddEmpty: 1000,
	}
}

// Useless says which limits stop every change of their kind, or none, whatever group it is.
func (l Limits) Useless() []string {
	var out []string
	switch {
	case l.Remove.value == 0:
		out = append(out, "limits.remove is 0, so that every group is refused that somebody has to leave")
	case l.Remove.share && l.Remove.value >= million:
		out = append(out, fmt.Sprintf("limits.remove is %s, so that it stops no removal", l.Remove))
	}
	if l.Add.value == 0 {
		out = append(out, "limits.add is 0, so that every group is refused that somebody has to join")
	}
	return out
}

// StopsNoRemoval reports whether the limit of removals is a number that a group with so many members cannot exceed.
func (l Limits) StopsNoRemoval(members int) bool {
	return !l.Remove.share && l.Remove.value > 0 && members > 0 && l.Remove.allows(members, 0) >= members
}
