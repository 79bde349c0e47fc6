package push

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/internal/bug"
	"github.com/callroll/callroll/pkg/internal/list"
	"github.com/callroll/callroll/pkg/internal/timer"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/plan"
)

// write is a PUT that may have been carried out.
type write struct {
	before  membership.Group // as it was read just before the PUT
	members []string
	seen    bool // a reading has shown the change
	unshown bool // the answer to the PUT does not show the change
	unread  bool // the last reading has failed
	missed  bool // a reading has not shown the change
	moved   bool // the version has changed, so that the PUT must not be sent again
}

// lookBack calls readBack, and turns a panic there into outcomes, so that the other outcomes are not lost.
func lookBack(ctx context.Context, outcomes []Outcome, opts Options) {
	defer func() {
		if r := recover(); r != nil {
			for _, o := range written(outcomes) {
				o.fail(membership.Internal, bug.Error("written, and reading it back", r).Error())
			}
		}
	}()
	readBack(ctx, outcomes, opts)
}

// readBack checks whether the writes show in Genesys, because a service was seen to answer 200 and change nothing. It
// reads for as long as opts.ReadBack says, with few requests.
//
// A write that does not show while the group still has the version from before is sent once more, without the
// idempotency key: a proxy on the way may answer a key that it knows from a cache. If the version has changed, nothing
// is sent. Then, if members differ that this write did not change, somebody else wrote after us. If only our own change
// is missing, the write was not applied.
func readBack(ctx context.Context, outcomes []Outcome, opts Options) {
	if opts.Writer == nil {
		return
	}
	pending := written(outcomes)
	if opts.ReadBack <= 0 { // only writes that their own answers do not show
		pending = slices.DeleteFunc(pending, func(o *Outcome) bool { return !o.write.unshown })
	}
	defer endUnseen(ctx, outcomes)
	counter := opts.Progress.Begin(ReadingBack, len(pending))
	defer counter.End()
	seen := func(still []*Outcome) []*Outcome {
		counter.Add(len(pending) - len(still))
		return still
	}
	pending = seen(lookAtList(ctx, pending, opts))
	for _, wait := range timer.Pauses(opts.ReadBack) {
		if pending = seen(lookAgain(ctx, pending, opts)); len(pending) == 0 || timer.Wait(ctx, wait) != nil {
			break
		}
	}
	if pending = seen(lookAgain(ctx, pending, opts)); ctx.Err() != nil {
		return
	}
	for _, o := range pending {
		if !o.write.unread && !o.write.moved {
			sendAgain(ctx, o, opts)
		}
	}
	again := timer.Pauses(opts.ReadBack / 3)
	if opts.ReadBack <= 0 {
		again = []time.Duration{0} // one reading without waiting
	}
	for _, wait := range again {
		if len(pending) == 0 || timer.Wait(ctx, wait) != nil {
			break
		}
		pending = seen(lookAgain(ctx, pending, opts))
	}
	for _, o := range pending {
		switch {
		case o.Status == Done && o.write.unread:
			o.fail(membership.Unclear, o.Detail)
		case o.Status == Done:
			o.Status, o.Cause = NotApplied, membership.Unclear
			o.Detail = fmt.Sprintf("Genesys took the change and does not show it after %s, for %s", opts.ReadBack, o.Detail)
			o.Hint = "look whether the group includes its owners, has membership rules, or is kept by another tool"
			// Genesys has never shown the change, so that nobody can have undone it.
			o.Group.Notes = slices.DeleteFunc(slices.Clone(o.Group.Notes), plan.IsUndoneNote)
		}
	}
}

// endUnseen ends the writes of a stopped run that neither their answers nor a reading have shown. It is not known
// whether they were carried out; a later run finds out.
func endUnseen(ctx context.Context, outcomes []Outcome) {
	if ctx.Err() == nil {
		return
	}
	for _, o := range written(outcomes) {
		if o.write.unshown || o.write.missed {
			o.fail(membership.Unclear,
				fmt.Sprintf("written, and not seen in the group when the run was stopped: %v", context.Cause(ctx)))
		}
	}
}

// written returns the outcomes that have to be read back.
func written(outcomes []Outcome) []*Outcome {
	var out []*Outcome
	for i := range outcomes {
		if o := &outcomes[i]; o.Status == Done && o.write != nil && !o.write.seen {
			out = append(out, o)
		}
	}
	return out
}

// lookAtList removes from pending the writes that the list of groups shows. The list may be older than the groups, and
// so it proves nothing about the others.
func lookAtList(ctx context.Context, pending []*Outcome, opts Options) []*Outcome {
	listed := opts.Reader.Listed(ctx, list.Map(pending, func(o *Outcome) string { return o.Group.ID }))
	return slices.DeleteFunc(pending, func(o *Outcome) bool {
		g, ok := listed[o.Group.ID]
		// If the answer to the PUT has shown something else, only a reading of the group itself counts.
		return ok && !o.write.unshown && !g.MembersAbsent && slices.Equal(g.Members, o.write.members)
	})
}

// lookAgain reads the groups that are pending, and returns those whose write still does not show.
func lookAgain(ctx context.Context, pending []*Outcome, opts Options) []*Outcome {
	var still []*Outcome
	for _, o := range pending {
		now, err := opts.Reader.Group(ctx, o.Group.ID)
		switch {
		case ctx.Err() != nil:
			o.Detail = "written, and not read back, because the run was stopped"
		case err != nil && membership.CauseOf(err) == membership.Missing:
			o.fail(membership.Missing, err.Error())
		case err != nil:
			o.write.unread = true
			o.Detail = fmt.Sprintf("written, and could not be read back: %v", err)
			still = append(still, o)
		case slices.Equal(now.Members, o.write.members):
			o.Detail, o.write.seen = "", true
		case now.Version != o.write.before.Version && foreign(now.Members, o):
			o.Status, o.Cause = Conflict, membership.Unclear // a later run has to find out which of our changes are still there
			o.Detail = fmt.Sprintf("somebody else changed the group after it was written: it has %d members, and %d were written",
				len(now.Members), len(o.write.members))
		default:
			o.write.missed, o.write.unread, o.write.moved = true, false, now.Version != o.write.before.Version
			o.Detail = strings.Join(inQuestion(now.Members, o), ", ")
			still = append(still, o)
		}
	}
	return still
}

// foreign reports whether now differs from the members that were written in somebody whom this write neither added nor
// removed.
func foreign(now []string, o *Outcome) bool {
	ours := func(id string) bool {
		is := func(e plan.Entry) bool { return e.ID == id }
		return slices.ContainsFunc(o.Group.Add, is) || slices.ContainsFunc(o.Group.Remove, is)
	}
	return slices.ContainsFunc(slices.Concat(now, o.write.members), func(id string) bool {
		return slices.Contains(now, id) != slices.Contains(o.write.members, id) && !ours(id)
	})
}

// inQuestion names the people whose addition or removal does not show.
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

// sendAgain sends a write that does not show once more, with the version from before the first PUT. After a refusal or
// an unclear answer the next reading decides.
func sendAgain(ctx context.Context, o *Outcome, opts Options) {
	put, end := opts.Linger(ctx, graceOfPut)
	defer end()
	err := opts.Writer.Replace(put, o.write.before, o.write.members, o.write.before.Version, "")
	if cause := membership.CauseOf(err); err != nil && cause != membership.Rejected && cause != membership.Unclear {
		o.fail(cause, err.Error())
		o.Hint = membership.HintOf(err)
	}
}
