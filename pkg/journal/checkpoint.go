package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A checkpoint is what a History adds up to after certain bytes of certain files. It is used only if these are the first
// bytes of the journal still, and otherwise all months are read: it saves time and decides nothing.

// checkpointFormat changes with each change of what is kept and of what lines mean: an older checkpoint is then made anew.
const checkpointFormat = 1

// checkpointAfter is how many bytes may follow a checkpoint before another one is made.
const checkpointAfter = 64 << 10

// covered is the beginning of a file.
type covered struct {
	Name  string `json:"name"`
	Size  int64  `json:"size"`
	Lines int    `json:"lines"`
	Sum   string `json:"sum,omitempty"`
}

type checkpointHead struct {
	Format int    `json:"format"`
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"` // of what follows
}

type checkpoint struct {
	Files  []covered          `json:"files"`
	Orgs   map[string]*ledger `json:"orgs"`
	Told   map[string]*memory `json:"told"`
	Recent map[string]recent  `json:"recent"`
	Runs   []keptRun          `json:"runs"`
	Noted  time.Time          `json:"noted,omitzero"`
}

// fromCheckpoint returns what a checkpoint says, and an empty history if it says nothing that can be relied on.
func fromCheckpoint(dir string, files []month, now time.Time) *History {
	h := newHistory(now)
	c, err := readCheckpoint(filepath.Join(dir, checkpointFile))
	if err != nil || !c.covers(dir, files) {
		return h
	}
	h.files, h.orgs, h.told, h.noted = c.Files, c.Orgs, c.Told, c.Noted
	for _, b := range h.orgs {
		b.ready()
	}
	for key, r := range c.Recent {
		h.recent[key] = r
		for _, f := range r.all() {
			f.index()
			h.finished[f.Run] = f
		}
	}
	for _, k := range c.Runs {
		run := k.run(dir)
		h.byID[k.ID] = run
		h.runs = append(h.runs, run)
	}
	return h
}

func readCheckpoint(path string) (checkpoint, error) {
	var c checkpoint
	f, err := openFile(path, os.O_RDONLY, 0)
	if err != nil {
		return c, err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return c, err
	}
	first, body, _ := bytes.Cut(data, []byte("\n"))
	var head checkpointHead
	if err := json.Unmarshal(first, &head); err != nil {
		return c, err
	}
	if head != checkpointHeadOf(body) {
		return c, errors.New("it is damaged, or another version has made it")
	}
	err = json.Unmarshal(body, &c)
	return c, err
}

func checkpointHeadOf(body []byte) checkpointHead {
	sum := sha256.Sum256(body)
	return checkpointHead{Format: checkpointFormat, Kind: "checkpoint", SHA256: hex.EncodeToString(sum[:])}
}

// covers says whether the files begin with what the checkpoint was made from: all of the first ones, and the beginning of the
// last one.
func (c checkpoint) covers(dir string, files []month) bool {
	if len(c.Files) == 0 || len(c.Files) > len(files) {
		return false
	}
	for i, f := range c.Files {
		path := filepath.Join(dir, f.Name)
		if files[i].name != f.Name {
			return false
		}
		if info, err := os.Stat(path); err != nil || i < len(c.Files)-1 && info.Size() != f.Size {
			return false
		}
		if sum, err := sumOf(path, f.Size); err != nil || sum != f.Sum {
			return false
		}
	}
	return true
}

// sumOf sums the beginning of a file up. A journal is read in each run, and these two are many times faster than a
// cryptographic sum: what they have to find is damage and editing. Who wants to deceive can write the journal itself.
func sumOf(path string, size int64) (string, error) {
	f, err := openFile(path, os.O_RDONLY, 0)
	if err != nil {
		return "", err
	}
	defer f.Close()
	one, other := crc32.New(crc32.MakeTable(crc32.Castagnoli)), crc32.NewIEEE()
	n, err := io.CopyBuffer(io.MultiWriter(one, other), io.LimitReader(f, size), make([]byte, 64<<10))
	if err == nil && n != size {
		err = io.ErrUnexpectedEOF
	}
	return fmt.Sprintf("%08x%08x", one.Sum32(), other.Sum32()), err
}

// clearUp makes a checkpoint if a month has ended or much was written since the last one, and removes old months after a run
// that ended well. A clock that is known to be wrong does neither. What cannot be done is left for the next run.
func (j *Journal) clearUp(status int) {
	if j.options.Clock() == ClockWrong {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if h := j.past; h != nil && h.whole && !h.pending && len(h.files) > 0 && (h.read > checkpointAfter || h.fresh) {
		_ = j.keep(h)
		h.read, h.fresh = 0, false
	}
	if status == 0 {
		j.expire(time.Now())
	}
}

// expire removes old months. One that cannot be removed, as an append-only file, stays: no run is refused because of it.
func (j *Journal) expire(now time.Time) {
	files, err := months(j.dir, now, j.numbers)
	if err != nil {
		return
	}
	for _, m := range expired(files, now, j.options.Keep) {
		os.Remove(filepath.Join(j.dir, m.name))
		os.Remove(filepath.Join(j.dir, m.name+damagedSuffix)) // there is hardly ever one
	}
}

// keep writes a checkpoint.
func (j *Journal) keep(h *History) error {
	c := checkpoint{Files: slices.Clone(h.files), Orgs: h.orgs, Told: h.told, Recent: h.recent, Runs: h.kept(), Noted: h.noted}
	for i, f := range c.Files {
		sum, err := sumOf(filepath.Join(j.dir, f.Name), f.Size)
		if err != nil {
			return err
		}
		c.Files[i].Sum = sum
	}
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	head, err := json.Marshal(checkpointHeadOf(body))
	if err != nil {
		return err
	}
	return j.replace(checkpointFile, slices.Concat(head, []byte("\n"), body)) // it shows when it is damaged
}
