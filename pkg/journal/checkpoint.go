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
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A checkpoint has the content of a History after the first bytes of the journal, up to a certain place. It is used only if
// the journal still begins with the same bytes. Otherwise all months are read. A checkpoint only saves time; the result is
// the same without it.

// checkpointFormat changes with each change of the fields of a checkpoint and of the meaning of lines. A checkpoint with
// another format is not used, and is created again.
const checkpointFormat = 2

// checkpointAfter is how many bytes may follow a checkpoint until a new one is created.
const checkpointAfter = 64 << 10

// covered is the part of a file, from its beginning, that a checkpoint or a reading has.
type covered struct {
	Name  string `json:"name"`
	Size  int64  `json:"size"`
	Lines int    `json:"lines"`
	Sum   string `json:"sum,omitempty"`
}

type checkpointHead struct {
	Format int    `json:"format"`
	Kind   string `json:"kind"`
	SHA256 string `json:"sha256"` // of the bytes after this line
}

type checkpoint struct {
	Files  []covered          `json:"files"`
	Orgs   map[string]*ledger `json:"orgs"`
	Told   map[string]*memory `json:"told"`
	Recent map[string]recent  `json:"recent"`
	Runs   []keptRun          `json:"runs"`
	Noted  time.Time          `json:"noted,omitzero"`
}

// fromCheckpoint returns the History of a checkpoint, or an empty one if the checkpoint cannot be used.
func fromCheckpoint(dir string, files []month, now time.Time) *History {
	h := newHistory(now)
	c, err := readCheckpoint(filepath.Join(dir, checkpointFile))
	if err != nil || !c.covers(dir, files) {
		return h
	}
	h.files, h.orgs, h.told, h.noted = c.Files, c.Orgs, c.Told, c.Noted
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
	data, err := readPart(path, 0, math.MaxInt64)
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

// covers reports whether the files still begin with the bytes that the checkpoint was created from: all of the first
// files, and the beginning of the last one.
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

// sumOf returns a checksum of the first size bytes of a file. Each run reads the whole journal for this, and two CRC-32
// sums are many times faster than a cryptographic hash. They have to find damage and editing. They need not stop an
// attacker, because somebody who can write here can write the journal itself.
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

// clearUp writes a checkpoint if a month has begun or more than checkpointAfter bytes were read since the last one.
// After a run with status 0 it also removes old months. It does nothing if the clock is known to be wrong. Errors are
// ignored, and the next run tries again.
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

// expire removes old months. A file that cannot be removed, for example an append-only one, stays, and the run does not
// fail.
func (j *Journal) expire(now time.Time) {
	files, err := months(j.dir, now, j.numbers)
	if err != nil {
		return
	}
	for _, m := range expired(files, now, j.options.Keep) {
		os.Remove(filepath.Join(j.dir, m.name))
		os.Remove(filepath.Join(j.dir, m.name+damagedSuffix)) // most months have none
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
	return j.replace(checkpointFile, slices.Concat(head, []byte("\n"), body)) // not synced: the sum in the head shows damage
}
