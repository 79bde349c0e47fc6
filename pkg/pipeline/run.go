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

// RunOptions say where the lock and the journal of a run are, and what the journal notes about it. StateDir is required.
type RunOptions struct {
	StateDir string        // absolute path of the state folder; journal.None: no lock, no record, and no undo
	LockWait time.Duration // how long to wait for another run to end; zero: do not wait
	Journal  journal.Options
	Info     journal.RunInfo // Version, Command, Config, Taken and Live; Begin fills in the rest
}

// Run is a run that writes. It holds the lock of its org, and the journal keeps each intended change and its result.
// [Begin] returns a Run; [Sync], [Push] and [Undo] take its Settings; [Run.End] ends it.
type Run struct {
	Settings Settings        // those of Begin, with Journal and Past
	Notes    []string        // messages about the journal, and about writes that an earlier run left open
	Info     journal.RunInfo // what the journal records about the run; without an ID if there is no record
	Record   *journal.Run    // the run in the journal; nil without a state folder
	Locked   bool            // the run took the lock; stays true after End

	conn    *genesys.Conn
	journal *journal.Journal // nil without a state folder
	release func()           // unlocks; nil if the lock is not held
}

// Begin takes the lock, reads the journal, and finds out the result of the writes that an earlier run left open. It
// sends only the requests that read these groups. The error is a [SettingsError], a [journal.LockedError] if another run
// holds the lock, or another error of package journal, such as [journal.ErrUnusable] or [journal.ErrBroken].
//
// After an error the lock is not held and nothing may be written. Begin returns a Run even then, so that End can write
// into the journal that the run failed, as far as the journal can be written.
func Begin(ctx context.Context, conn *genesys.Conn, s Settings, o RunOptions) (*Run, error) {
	r := &Run{Settings: s, conn: conn, Info: o.Info}
	r.Settings.Journal, r.Settings.Past = nil, nil
	r.Info.Digest, r.Info.Tenant = digest(s.Mappings), s.Tenant
	r.Info.Host, r.Info.ClientID = conn.Host(), conn.ClientID()
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
	release, err := j.Lock(ctx, r.Info.Host, r.Info.ClientID, o.LockWait)
	switch {
	case errors.As(err, new(*journal.LockedError)):
		return r, errors.Join(err, r.openAndNote(j)) // so that End can record it
	case err != nil:
		return r, err
	}
	r.release, r.Locked = release, true
	if err = r.openAndNote(j); err == nil {
		err = r.closeIntents(ctx)
	}
	if err != nil {
		r.unlock()
		return r, err
	}
	r.Settings.Journal = r.Record
	return r, nil
}

// BeginUnlocked begins a run that failed before its org was known. The journal records it for later runs. It takes no
// lock, and its Settings do not allow writing.
func BeginUnlocked(o RunOptions) (*Run, error) {
	r := &Run{Info: o.Info}
	j, err := journal.Open(o.StateDir, o.Journal)
	if err != nil {
		return nil, err
	}
	if err := r.open(j); err != nil {
		return nil, err
	}
	return r, nil
}

// openAndNote opens the journal, and adds the notes about it to those of the run.
func (r *Run) openAndNote(j *journal.Journal) error {
	err := r.open(j)
	if past := r.Settings.Past; past != nil {
		for _, note := range past.History.Notes {
			r.note("journal: %s", note)
		}
	}
	return err
}

// open reads the journal, and begins the record of this run.
func (r *Run) open(j *journal.Journal) error {
	history, err := j.Read()
	if err != nil {
		return err
	}
	record := j.Begin(r.Info)
	r.journal, r.Record, r.Info.ID = j, record, record.ID()
	if ahead := history.Ahead(); !ahead.IsZero() {
		r.note("journal: it has times up to %s, which is in the future; they count as now", ahead.UTC().Format(time.RFC3339))
		err = record.Noted(ahead)
	}
	r.Settings.Past = &Past{History: history, Host: r.Info.Host, ClientID: r.Info.ClientID, Digest: r.Info.Digest}
	return err
}

func (r *Run) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// End writes the exit status and the number of outcomes of each kind into the journal, and releases the lock. The caller
// defines the statuses; 0 means success. Without End, the lock is held until the process ends. The error says that the
// journal or the hints for the next run could not be written; the lock is released even then.
func (r *Run) End(status int, outcomes []push.Outcome) error {
	defer r.unlock()
	if r.Record == nil {
		return nil
	}
	counts := map[string]int{}
	for _, o := range outcomes {
		counts[string(o.Status)]++
	}
	var errs []error
	if err := r.Record.End(status, counts); err != nil {
		errs = append(errs, fmt.Errorf("the journal: %w", err))
	}
	if r.release != nil {
		if err := r.journal.KeepPageSizes(r.Info.Host, r.conn.PageSizes()); err != nil {
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

// digest returns a short hash of the mappings, by which a later run sees that they have changed.
func digest(mappings []Mapping) string {
	data, err := json.Marshal(mappings)
	if err != nil {
		return ""
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:8])
}
