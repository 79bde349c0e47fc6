package pipeline

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/push"
)

// RunOptions say under which lock a run writes, and where its record is kept. StateDir is required.
type RunOptions struct {
	StateDir string        // absolute path of the state folder; journal.None: no lock, no record, and no undo
	LockWait time.Duration // how long to wait for another run to end; not at all if zero
	Journal  journal.Options
	Info     journal.RunInfo // Version, Command, Config, Taken and Live; Begin fills in the rest
}

// Run is a run that writes: it has the lock of its org, and the journal keeps what it means to do and what came of that. [Begin]
// returns one; [Sync], [Push], [PushMembership] and [Undo] take its Settings; End ends it.
type Run struct {
	Settings Settings // those of Begin, with Journal and Past
	Notes    []string // what somebody should know of the journal, and of what an earlier run left open

	conn    *genesys.Conn
	info    journal.RunInfo
	journal *journal.Journal // nil without a state folder
	record  *journal.Run     // nil without a state folder
	locked  bool             // the lock was taken
	release func()           // nil when the lock is not held
}

// Begin takes the lock, reads the journal, and finds out what became of the writes that an earlier run left open. It sends
// nothing but the readings for that. The error is a [SettingsError], a [journal.LockedError] when another run is at work, or an
// error of package journal, such as journal.ErrUnusable or journal.ErrBroken.
//
// With an error the lock is not held and nothing may be written. The Run is there all the same: End writes down that it came to
// nothing, as far as the journal can be written.
func Begin(ctx context.Context, conn *genesys.Conn, s Settings, o RunOptions) (*Run, error) {
	r := &Run{Settings: s, conn: conn, info: o.Info}
	r.Settings.Journal, r.Settings.Past = nil, nil
	r.info.Digest, r.info.Tenant = digest(s.Mappings), s.Tenant
	r.info.Host, r.info.ClientID = conn.Host(), conn.ClientID()
	if o.StateDir == "" {
		return r, &SettingsError{"RunOptions", "StateDir", "is empty: name a folder, or say journal.None"}
	}
	if err := s.check(); err != nil {
		return r, err
	}
	dir, err := journal.Dir(o.StateDir, nil)
	if err != nil {
		return r, err
	}
	if dir == "" {
		r.Settings.Journal = NoJournal()
		return r, nil
	}
	RecallPageSizes(conn, dir)
	j, err := journal.Open(dir, o.Journal)
	if err != nil {
		return r, err
	}
	release, err := j.Lock(ctx, r.info.Host, r.info.ClientID, o.LockWait)
	var locked *journal.LockedError
	switch {
	case errors.As(err, &locked):
		return r, errors.Join(err, r.openAndNote(j)) // the journal gets to know of it as well
	case err != nil:
		return r, err
	}
	r.release, r.locked = release, true
	if err = r.openAndNote(j); err == nil {
		err = r.closeIntents(ctx)
	}
	if err != nil {
		r.unlock()
		return r, err
	}
	r.Settings.Journal = r.record
	return r, nil
}

// BeginUnlocked is for a run that failed before it knew its org. It has a record, so that the runs after it know of it, and no
// lock; its Settings allow no writing.
func BeginUnlocked(o RunOptions) (*Run, error) {
	r := &Run{info: o.Info}
	j, err := journal.Open(o.StateDir, o.Journal)
	if err != nil {
		return nil, err
	}
	if err := r.open(j); err != nil {
		return nil, err
	}
	return r, nil
}

// openAndNote opens the journal, and notes what is odd in it.
func (r *Run) openAndNote(j *journal.Journal) error {
	err := r.open(j)
	if past := r.Settings.Past; past != nil {
		for _, note := range past.History.Notes {
			r.note("journal: %s", note)
		}
	}
	return err
}

// open reads the journal, and begins to write into it.
func (r *Run) open(j *journal.Journal) error {
	history, err := j.Read()
	if err != nil {
		return err
	}
	record, err := j.Begin(r.info)
	if err != nil {
		return err
	}
	r.journal, r.record, r.info.ID = j, record, record.ID()
	if ahead := history.Ahead(); !ahead.IsZero() {
		r.note("journal: it has times up to %s, which is in the future; they count as now", ahead.UTC().Format(time.RFC3339))
		err = record.Noted(ahead)
	}
	r.Settings.Past = &Past{History: history, Host: r.info.Host, ClientID: r.info.ClientID, Digest: r.info.Digest}
	return err
}

func (r *Run) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Info is what the journal knows of the run. Its ID is empty where there is no record.
func (r *Run) Info() journal.RunInfo { return r.info }

// Record is the run in the journal; nil where there is none.
func (r *Run) Record() *journal.Run { return r.record }

// Locked says whether the run has had the lock.
func (r *Run) Locked() bool { return r.locked }

// End writes down how the run ended, with a status that is the caller's own and 0 when all is well, and lets the next run in. A
// run that is not ended keeps the lock as long as the process lives.
func (r *Run) End(status int, outcomes []push.Outcome) error {
	defer r.unlock()
	if r.record == nil {
		return nil
	}
	counts := map[string]int{}
	for _, o := range outcomes {
		counts[string(o.Status)]++
	}
	var errs []error
	if err := r.record.End(status, counts); err != nil {
		errs = append(errs, fmt.Errorf("the journal: %w", err))
	}
	if r.release != nil {
		if err := r.keepPageSizes(); err != nil {
			errs = append(errs, fmt.Errorf("the sizes of pages could not be kept for the next run: %w", err))
		}
	}
	return errors.Join(errs...)
}

func (r *Run) unlock() {
	if r.release != nil {
		r.release()
		r.release = nil
	}
}

// digest names a set of mappings, so that the journal shows when they changed.
func digest(mappings []Mapping) string {
	data, err := json.Marshal(mappings)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
