package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/callroll/callroll/pkg/textfile"
)

// The files of a folder. DemoConfig is the configuration of callroll for it.
const (
	DemoConfig = "callroll.yaml"

	entraFile    = "entra.json"
	genesysFile  = "genesys.json"
	faultsFile   = "faults.json"
	requestsFile = "requests.jsonl"
	historyFile  = "history.jsonl"
	lockFile     = ".lock"
)

// folder is the files of a World. They are checked for changes before each request.
type folder struct {
	dir   string
	flock *flock.Flock
	files map[string]fileState // each file as it was last read
}

// fileState is a file as it was read.
type fileState struct {
	data []byte
	info fs.FileInfo // nil if it was written shortly before it was read: the next edit may have the same time stamp
}

// unchanged says that a file need not be read, because it has the same content as before.
func (s fileState) unchanged(info fs.FileInfo) bool {
	return s.info != nil && os.SameFile(s.info, info) && s.info.Size() == info.Size() && s.info.ModTime().Equal(info.ModTime())
}

// timestampMargin is far above the resolution of the time stamps of any file system.
const timestampMargin = 5 * time.Second

func (f *folder) lock(ctx context.Context) error {
	if _, err := f.flock.TryLockContext(ctx, 2*time.Millisecond); err != nil {
		return fmt.Errorf("sandbox: lock %s: %w", f.flock.Path(), err)
	}
	return nil
}

// read reads a file into a value, and says whether the file has changed since the last time.
func (f *folder) read(name string, into any) (changed bool, err error) {
	path := filepath.Join(f.dir, name)
	info, err := os.Stat(path)
	if err != nil {
		return false, fmt.Errorf("sandbox: %w", err)
	}
	old, known := f.files[name]
	if old.unchanged(info) {
		return false, nil
	}
	if time.Since(info.ModTime()) < timestampMargin {
		info = nil
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return false, fmt.Errorf("sandbox: %w", err)
	}
	if known && bytes.Equal(old.data, data) {
		f.files[name] = fileState{old.data, info}
		return false, nil
	}
	text, err := textfile.Decode(data) // people edit these files with any editor or shell
	if err == nil {
		err = decodeStrict(text, into)
	}
	if checked, ok := into.(interface{ check() error }); ok && err == nil {
		err = checkFile(text, checked)
	}
	if err != nil {
		return false, fmt.Errorf("sandbox: %s: %w", path, err)
	}
	f.files[name] = fileState{data, info}
	return true, nil
}

// write writes a value to a file, as JSON.
func (f *folder) write(name string, from any) error {
	data, err := json.MarshalIndent(from, "", "  ")
	if err != nil {
		return fmt.Errorf("sandbox: %s: %w", name, err)
	}
	data = append(data, '\n')
	if err := f.replace(name, data); err != nil {
		return err
	}
	f.files[name] = fileState{data: data}
	return nil
}

// replace replaces the content of a file atomically, so that a process that is killed leaves the old content or the new
// one.
func (f *folder) replace(name string, data []byte) error {
	path := filepath.Join(f.dir, name)
	temporary := path + ".tmp" // one name is enough, because a process that writes has the lock
	err := os.WriteFile(temporary, data, 0o600)
	if err == nil {
		err = os.Rename(temporary, path)
	}
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// appendLine adds a value to a file, as a line of JSON. It is a single write, so that a killed process leaves no partial line.
func (f *folder) appendLine(name string, value any) error {
	line, err := encodeJSON(value)
	if err != nil {
		return fmt.Errorf("sandbox: %s: %w", name, err)
	}
	file, err := os.OpenFile(filepath.Join(f.dir, name), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	_, err = file.Write(append(line, '\n'))
	if err := errors.Join(err, file.Close()); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// reload reads the files that have changed.
func (w *World) reload() error {
	if err := reloadSide(w, entraFile, &w.entra); err != nil {
		return err
	}
	if err := reloadSide(w, genesysFile, &w.genesys); err != nil {
		return err
	}
	return w.reloadFaults()
}

func reloadSide[T Entra | Genesys](w *World, name string, side *T) error {
	var read T
	changed, err := w.folder.read(name, &read)
	if changed {
		*side = read
		w.reindex()
	}
	return err
}

// reloadFaults reads the faults. A folder without the file has none.
func (w *World) reloadFaults() error {
	var faults []Fault
	changed, err := w.folder.read(faultsFile, &faults)
	if errors.Is(err, fs.ErrNotExist) {
		delete(w.folder.files, faultsFile)
		return w.faults.replace(nil)
	}
	if err == nil && changed {
		if err = w.faults.replace(faults); err != nil {
			delete(w.folder.files, faultsFile) // report the error again at the next request
		}
	}
	return err
}

// save writes the changes.
func (w *World) save() error {
	if w.folder == nil {
		return nil
	}
	var errs []error
	if w.entraChanged {
		errs = append(errs, w.folder.write(entraFile, w.entra))
	}
	if w.changed {
		errs = append(errs, w.folder.write(genesysFile, w.genesys))
	}
	err := errors.Join(append(errs, w.writeHistory())...)
	if err == nil {
		w.changed, w.entraChanged = false, false
	}
	return err
}

// decodeStrict reads one JSON value into v. It refuses fields that v does not have, and errors have the line.
func decodeStrict(data []byte, v any) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(v)
	offset := decoder.InputOffset()
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	switch {
	case err == nil:
		if _, err = decoder.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		offset, err = decoder.InputOffset(), errors.New("there is more after the first JSON value")
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &mismatch):
		offset = mismatch.Offset
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		// The error has the field but not its position. The first occurrence is nearly always the right one.
		_, field, _ := strings.Cut(err.Error(), "field ")
		offset = int64(bytes.Index(data, []byte(field)) + 1)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		offset, err = int64(len(data)), errors.New("the file ends too early")
	}
	offset = max(0, min(offset, int64(len(data))))
	line := 1 + bytes.Count(data[:offset], []byte("\n"))
	return fmt.Errorf("line %d (byte %d): %w", line, offset, err)
}
