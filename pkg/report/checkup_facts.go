package report

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// newCheck makes a check of one group.
type newCheck func(result CheckResult, text, hint string) Check

// checks returns the checks of an Entra group that is the source of a group.
func (f SourceFacts) checks(name string, check newCheck) []Check {
	var checks []Check
	add := func(result CheckResult, text, hint string) { checks = append(checks, check(result, text, hint)) }
	switch {
	case f.Paused:
		add(CheckWarn, name+" is dynamic, and the processing of its rule is paused, so that its members are those of some time ago",
			"turn the processing on in Entra")
	case f.Dynamic:
		add(CheckOK, name+" is dynamic: Entra computes its members, which may take hours after a change of a person", "")
	}
	if f.Exchange {
		add(CheckWarn, "Exchange manages the members of "+name, "a security group or a Microsoft 365 group is the better source")
	}
	if f.Nested > 0 && !f.Taken {
		text := "1 group is"
		if f.Nested > 1 {
			text = fmt.Sprintf("%d groups are", f.Nested)
		}
		add(CheckWarn, text+" nested in "+name+", and the entry does not take its members", "nested: true in the entry takes them")
	}
	var others []string
	for _, kind := range slices.Sorted(maps.Keys(f.Others)) {
		others = append(others, fmt.Sprintf("%d of the type %s", f.Others[kind], kind))
	}
	if len(others) > 0 {
		add(CheckWarn, "members of "+name+" that are neither users nor groups are left out: "+strings.Join(others, ", "), "")
	}
	return checks
}

// checks returns the checks of a Genesys group.
func (f TargetFacts) checks(check newCheck) []Check {
	var checks []Check
	add := func(text, hint string) { checks = append(checks, check(CheckWarn, text, hint)) }
	if f.Owners > 0 {
		add(fmt.Sprintf("Genesys makes its owners members (%d), whatever is written", f.Owners),
			"turn off Include Owners in Genesys, or put the owners into the Entra group")
	}
	if f.Skills {
		add("Genesys computes members of the group by their skills", "remove the conditions, or choose another group")
	}
	if f.Private {
		add("it is not visible to everybody, so that the client may need the permission Directory > PrivateGroup > View", "")
	}
	if f.Social {
		add("it is a social group, which anybody may join, so that the next run removes them again", "choose an official group")
	}
	if f.Bytes > f.MaxBytes/10*9 {
		add(fmt.Sprintf("a PUT of its members has %d bytes, and Genesys takes %d at most", f.Bytes, f.MaxBytes),
			"split the group before it grows further")
	}
	return checks
}
