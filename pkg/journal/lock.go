package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/callroll/callroll/pkg/internal/timer"
)

// Holder is the process that holds a lock, as it wrote it into the lock file. It is for messages only: the lock itself
// is in the kernel.
type Holder struct {
	PID      int       `json:"pid"`
	Hostname string    `json:"hostname"`
	Since    time.Time `json:"since"`
}

// LockedError says that another run on the same org holds the lock.
type LockedError struct {
	Holder Holder // zero if it has not been written yet
}

func (e *LockedError) Error() string {
	if e.Holder.PID == 0 {
		return "another run holds the lock"
	}
	return fmt.Sprintf("another run holds the lock: process %d on %q, since %s",
		e.Holder.PID, e.Holder.Hostname, e.Holder.Since.UTC().Format(time.RFC3339))
}

// lockPause is how long Lock waits before it tries again.
const lockPause = 100 * time.Millisecond

// Lock takes the lock of one org. It waits until wait has passed or ctx is done. If the lock is still taken after wait,
// the error is a *[LockedError]. The lock ends with the process, even after a crash. It does not hold for other
// machines, unless they share the folder and its file system passes locks to the server.
func (j *Journal) Lock(ctx context.Context, host, clientID string, wait time.Duration) (release func(), err error) {
	return j.lock(ctx, lockName(host, clientID), time.Now().Add(wait))
}

// LockAll takes the locks of all orgs that have ever used this folder, or none of them. wait is for all together.
func (j *Journal) LockAll(ctx context.Context, wait time.Duration) (release func(), err error) {
	until := time.Now().Add(wait)
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return nil, unusable(j.dir, err)
	}
	var held []func()
	release = func() {
		for _, free := range held {
			free()
		}
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), lockPrefix) {
			continue
		}
		free, err := j.lock(ctx, e.Name(), until)
		if err != nil {
			release()
			return nil, err
		}
		held = append(held, free)
	}
	return release, nil
}

// lock takes one lock.
func (j *Journal) lock(ctx context.Context, name string, until time.Time) (release func(), err error) {
	path := filepath.Join(j.dir, name)
	if err := j.firstByte(path); err != nil {
		return nil, unusable(j.dir, err)
	}
	lock := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDWR|noFollow), flock.SetPermissions(fileMode))
	for {
		taken, err := lock.TryLock()
		switch {
		case err != nil:
			return nil, unusable(j.dir, err)
		case taken:
			return j.holding(lock)
		case !time.Now().Before(until):
			return nil, &LockedError{Holder: readHolder(path)}
		}
		if err := timer.Wait(ctx, min(lockPause, time.Until(until))); err != nil {
			return nil, err
		}
	}
}

// holding writes the Holder into the lock file, and returns the function that releases the lock. The lock file is not
// removed: another process may have opened it already, and would then lock a file that nobody else sees.
func (j *Journal) holding(lock *flock.Flock) (func(), error) {
	hostname, _ := os.Hostname()
	text, err := json.Marshal(Holder{PID: os.Getpid(), Hostname: hostname, Since: time.Now().UTC()})
	if err == nil {
		err = j.writeHolder(lock.Path(), append(text, '\n'))
	}
	if err != nil {
		_ = lock.Unlock()
		return nil, unusable(j.dir, err)
	}
	var once sync.Once
	return func() {
		once.Do(func() {
			_ = j.writeHolder(lock.Path(), nil)
			_ = lock.Unlock()
		})
	}, nil
}

// firstByte makes sure that a lock file begins with a newline. On Windows the lock makes the first byte unreadable, and
// so the Holder is written after it.
func (j *Journal) firstByte(path string) error {
	f, err := j.file(path, os.O_WRONLY|os.O_CREATE, fileMode)
	if err != nil {
		return err
	}
	defer f.Close()
	if info, err := f.Stat(); err != nil || info.Size() > 0 {
		return err
	}
	_, err = f.Write([]byte("\n"))
	return err
}

func (j *Journal) writeHolder(path string, text []byte) error {
	f, err := j.file(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.WriteAt(text, 1); err != nil {
		return err
	}
	return f.Truncate(1 + int64(len(text)))
}

// readHolder returns the Holder in a lock file; zero if it cannot be read.
func readHolder(path string) Holder {
	text, err := readPart(path, 1, 4096)
	text, _, _ = bytes.Cut(text, []byte("\n"))
	var h Holder
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{}
	}
	return h
}

// lockName returns the name of the lock file of an org. It is different for each org and safe for any host and client
// id.
func lockName(host, clientID string) string {
	safe := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.' || r == '-' {
			return r
		}
		return '_'
	}, strings.ToLower(host))
	sum := sha256.Sum256([]byte(org(host, clientID)))
	return lockPrefix + safe[:min(len(safe), 100)] + "-" + hex.EncodeToString(sum[:8])
}
