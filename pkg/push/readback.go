package push

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/internal/timer"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// write is a PUT that may have been carried out.
type write struct {
	before  membership.Group // as it was read just before
	members []string
	seen    bool // a reading has shown it already
	unshown bool // the answer does not show the group as it should be
	unread  bool // the last look at it has failed
	missed  bool // a look has not shown it
	moved   bool // the version has moved, so that it must not be sent again
}

// lookBack reads back, and keeps a bug there from taking away what is known of the groups.
func lookBack(ctx context.Context, outcomes []Outcome, opts Options) {
	defer func() {
		if r := recover(); r != nil {
			for _, i := range written(outcomes) {
				o := &outcomes[i]
				o.Status, o.Cause, o.Detail = Internal, membership.Internal, bug.Error("written, and reading it back", r).Error()
			}
		}
	}()
	readBack(ctx, outcomes, opts)
}

// readBack looks whether the writes show, because a service was seen to say 200 and do nothing. It is patient for as long
// as the options say, in few requests. A write that does not show while the version is still the one from before is sent
// once more, without the key: somebody between may answer a key that he knows from memory. If the version has moved,
// nothing is sent: where members are others than were written or found, somebody else wrote after us; where only our own
// change is undone, it did not take.
func readBack(ctx context.Context, outcomes []Outcome, opts Options) {
	if opts.Writer == nil {
		return
	}
	pending := written(outcomes)
	if opts.ReadBack <= 0 { // only what its own answer leaves open
		pending = slices.DeleteFunc(pending, func(i int) bool { return !outcomes[i].write.unshown })
	}
	defer endUnseen(ctx, outcomes)
	pending = lookAtList(ctx, outcomes, pending, opts)
	for _, wait := range pauses(opts.ReadBack) {
		if pending = lookAgain(ctx, outcomes, pending, opts); len(pending) == 0 || timer.Wait(ctx, wait) != nil {
			break
		}
	}
	if pending = lookAgain(ctx, outcomes, pending, opts); ctx.Err() != nil {
		return
	}
	for _, i := range pending {
		if w := outcomes[i].write; !w.unread && !w.moved {
			sendAgain(ctx, &outcomes[i], opts)
		}
	}
	again := pauses(opts.ReadBack / 3)
	if opts.ReadBack <= 0 {
		again = []time.Duration{0} // there is no patience, and still a look
	}
	for _, wait := range again {
		if len(pending) == 0 || timer.Wait(ctx, wait) != nil {
			break
		}
		pending = lookAgain(ctx, outcomes, pending, opts)
	}
	for _, i := range pending {
		switch o := &outcomes[i]; {
		case o.Status == Done && o.write.unread:
			o.Status, o.Cause = Unavailable, membership.Unclear
		case o.Status == Done:
			o.Status, o.Cause = NotApplied, membership.Unclear
			o.Detail = fmt.Sprintf("Genesys took the change and does not show it after %s, for %s", opts.ReadBack, o.Detail)
			o.Hint = "look whether the group includes its owners, has membership rules, or is kept by another tool"
			// Genesys has never shown the change, so that nobody can have undone it.
			o.Group.Notes = slices.DeleteFunc(slices.Clone(o.Group.Notes), plan.IsUndoneNote)
		}
	}
}

// endUnseen ends the writes that a stopped run has not seen and that their answers do not show: nobody knows whether they were
// carried out, and a later run finds out.
func endUnseen(ctx context.Context, outcomes []Outcome) {
	if ctx.Err() == nil {
		return
	}
	for i := range outcomes {
		if o := &outcomes[i]; o.Status == Done && o.write != nil && !o.write.seen && (o.write.unshown || o.write.missed) {
			o.Status, o.Cause = Unavailable, membership.Unclear
			o.Detail = fmt.Sprintf("written, and not seen in the group when the run was stopped: %v", context.Cause(ctx))
		}
	}
}

// written returns the places of the outcomes that have to be read back.
func written(outcomes []Outcome) []int {
	var out []int
	for i, o := range outcomes {
		if o.Status == Done && o.write != nil && !o.write.seen {
			out = append(out, i)
		}
	}
	return out
}

// pauses are doubled, from a second on, up to a total. The first look needs none.
func pauses(total time.Duration) []time.Duration {
	var out []time.Duration
	for next := time.Second; total > 0; next *= 2 {
		next = min(next, total)
		out = append(out, next)
		total -= next
	}
	return out
}

// lookAtList finds the writes that the list of groups shows, and returns the others. A list may be older than its groups, so that
// nothing else is believed of it.
func lookAtList(ctx context.Context, outcomes []Outcome, pending []int, opts Options) []int {
	ids := make([]string, 0, len(pending))
	for _, i := range pending {
		ids = append(ids, outcomes[i].Group.ID)
	}
	listed := opts.Reader.Listed(ctx, ids)
	return slices.DeleteFunc(pending, func(i int) bool {
		g, ok := listed[outcomes[i].Group.ID]
		// What was answered with something else has to be seen in the group itself.
		return ok && !outcomes[i].write.unshown && !g.MembersAbsent && slices.Equal(g.Members, outcomes[i].write.members)
	})
}

// lookAgain reads the groups that are pending, and returns those that still are.
func lookAgain(ctx context.Context, outcomes []Outcome, pending []int, opts Options) []int {
	var still []int
	for _, i := range pending {
		o := &outcomes[i]
		now, err := opts.Reader.Group(ctx, o.Group.ID)
		switch {
		case ctx.Err() != nil:
			o.Detail = "written, and not read back, because the run was stopped"
		case err != nil && membership.CauseOf(err) == membership.Missing:
			o.Status, o.Cause, o.Detail = Missing, membership.Missing, err.Error()
		case err != nil:
			o.write.unread = true
			o.Detail = fmt.Sprintf("written, and could not be read back: %v", err)
			still = append(still, i)
		case slices.Equal(now.Members, o.write.members):
			o.Detail, o.write.seen = "", true
		case now.Version != o.write.before.Version && foreign(now.Members, o):
			o.Status, o.Cause = Conflict, membership.Unclear // what of ours is left in it, a later look has to tell
			o.Detail = fmt.Sprintf("somebody else changed the group after it was written: it has %d members, and %d were written", len(now.Members), len(o.write.members))
		default:
			o.write.missed, o.write.unread, o.write.moved = true, false, now.Version != o.write.before.Version
			o.Detail = strings.Join(inQuestion(now.Members, o), ", ")
			still = append(still, i)
		}
	}
	return still
}

// foreign says whether members differ from what was written of whom this write changed nothing.
func foreign(now []string, o *Outcome) bool {
	ours := func(id string) bool {
		is := func(e plan.Entry) bool { return e.ID == id }
		return slices.ContainsFunc(o.Group.Add, is) || slices.ContainsFunc(o.Group.Remove, is)
	}
	for _, id := range append(slices.Clone(now), o.write.members...) {
		if slices.Contains(now, id) != slices.Contains(o.write.members, id) && !ours(id) {
			return true
		}
	}
	return false
}

// inQuestion names those whose change does not show.
func inQuestion(now []string, o *Outcome) []string {
	var names []string
	for _, e := range o.Group.Add {
		if !slices.Contains(now, e.ID) {
			names = append(names, cmp.Or(e.UserName, e.ID))
		}
	}
	for _, e := range o.Group.Remove {
		if slices.Contains(now, e.ID) {
			names = append(names, cmp.Or(e.UserName, e.ID))
		}
	}
	return names
}

// sendAgain sends a write that does not show a second time, for the version that it was made for. A refusal or a doubt is
// left to the look that follows.
func sendAgain(ctx context.Context, o *Outcome, opts Options) {
	put, end := opts.Linger(ctx, graceOfPut)
	defer end()
	err := opts.Writer.Replace(put, o.write.before, o.write.members, o.write.before.Version, "")
	if cause := membership.CauseOf(err); err != nil && cause != membership.Rejected && cause != membership.Unclear {
		o.Status, o.Cause, o.Detail, o.Hint = failed(cause), cause, err.Error(), membership.HintOf(err)
	}
}
