package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/internal/jsonfile"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/probe"
)

// ProbeResult is what the last probe has found. It is for people to read: no run depends on it.
type ProbeResult struct {
	Host     string          `json:"host"`
	Version  string          `json:"version"` // of callroll
	Ended    time.Time       `json:"ended"`
	Findings []probe.Finding `json:"findings"`
}

// The files of probes, and the largest size in bytes that is read of one. Each file is replaced as a whole.
const (
	probeFile      = "probe.json"
	unfinishedFile = "probe-unfinished.json"
	mostOfAProbe   = 16 << 20

	probeKind, unfinishedKind = "probe", "unfinished probe"
	probeFormat               = 1
)

type probeHead struct {
	Format int    `json:"format"`
	Kind   string `json:"kind"`
}

type probeResultFile struct {
	probeHead
	ProbeResult
}

type unfinishedProbeFile struct {
	probeHead
	probe.State
}

// KeepProbe keeps what a probe has found, in place of what an earlier one has found.
func (j *Journal) KeepProbe(r ProbeResult) error {
	return j.replaceSynced(probeFile, probeResultFile{probeHead{probeFormat, probeKind}, r})
}

// ProbePath returns the path of the file in which KeepProbe keeps what a probe has found.
func (j *Journal) ProbePath() string { return filepath.Join(j.dir, probeFile) }

// ReadProbe returns what the last probe has found; nil if there is none.
func ReadProbe(dir string) (*ProbeResult, error) {
	var file probeResultFile
	if ok, err := readProbeFile(dir, probeFile, probeKind, &file); !ok {
		return nil, err
	}
	return &file.ProbeResult, nil
}

// ReadUnfinishedProbe returns the state of a probe that has not put its group back; nil if there is none. path is that of its
// file, whether or not there is one.
func ReadUnfinishedProbe(dir string) (state *probe.State, path string, err error) {
	var file unfinishedProbeFile
	path = filepath.Join(dir, unfinishedFile)
	if ok, err := readProbeFile(dir, unfinishedFile, unfinishedKind, &file); !ok {
		return nil, path, err
	}
	if err := checkUnfinished(file.State); err != nil {
		return nil, path, fmt.Errorf("%s: %w: %w", path, jsonfile.ErrFormat, err)
	}
	return &file.State, path, nil
}

// latestSent is how far in the future the time of a write may be, because of a clock that was set.
const latestSent = 24 * time.Hour

// checkUnfinished returns an error for a state that no probe keeps. A group is written by it: what is missing must not count as
// nobody.
func checkUnfinished(s probe.State) error {
	for _, field := range []struct{ name, value string }{{"host", s.Host}, {"clientId", s.ClientID}, {"version", s.Version}} {
		if field.value == "" {
			return fmt.Errorf("it has no %s", field.name)
		}
	}
	sets := append([][]string{{s.Group}, s.Members, s.Previous, s.Large}, s.Written...)
	for _, id := range slices.Concat(sets...) {
		if !membership.IsID(id) {
			return fmt.Errorf("%q is not an id of a group or of a member", id)
		}
	}
	switch {
	case s.Members == nil:
		return errors.New("it has no members; a group that had nobody has an empty list")
	case s.Sent.IsZero():
		return errors.New("it does not say when the last write was sent")
	case time.Until(s.Sent) > latestSent:
		return fmt.Errorf("its last write was sent in the future, at %s", s.Sent.UTC().Format(time.RFC3339))
	}
	return nil
}

// readProbeFile reads a file of a probe, and reports whether there is one that can be read.
func readProbeFile(dir, name, kind string, into any) (bool, error) {
	path := filepath.Join(dir, name)
	data, err := readPart(path, 0, mostOfAProbe)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err == nil:
		err = jsonfile.Decode(data, kind, probeFormat, into)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", path, err)
	}
	return true, nil
}

// ProbeKeeper keeps the state of a probe until its group is as it was before. It implements [probe.Keeper]. The caller holds the
// lock.
type ProbeKeeper struct{ j *Journal }

// ProbeKeeper returns the keeper of this folder.
func (j *Journal) ProbeKeeper() ProbeKeeper { return ProbeKeeper{j} }

// Keep writes the state to the disk.
func (k ProbeKeeper) Keep(s probe.State) error {
	return k.j.replaceSynced(unfinishedFile, unfinishedProbeFile{probeHead{probeFormat, unfinishedKind}, s})
}

// Drop removes the state.
func (k ProbeKeeper) Drop() error {
	err := os.Remove(filepath.Join(k.j.dir, unfinishedFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err == nil {
		err = syncDir(k.j.dir)
	}
	if err != nil {
		return failed(err)
	}
	return nil
}

// replaceSynced replaces a file of the folder. The new content is on the disk when it returns nil.
func (j *Journal) replaceSynced(name string, value any) error {
	err := j.replaceBy(name, func(f *os.File) error {
		if err := jsonfile.Write(f, value); err != nil {
			return err
		}
		return f.Sync()
	})
	if err == nil {
		err = syncDir(j.dir)
	}
	if err != nil {
		return failed(err)
	}
	return nil
}
