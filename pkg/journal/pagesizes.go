package journal

import (
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// PageSizes are how many resources of each list, by its name, a service gives on one page, as far as runs have learned it.
// They are a hint: a run without them asks for what is usual, and nothing is decided by them.
type PageSizes map[string]int

const (
	pageSizesFile = "page-sizes.json"
	// pageSizesLife is how long they are believed, so that a service that has come to give more is asked for more.
	pageSizesLife = 24 * time.Hour
	// mostPageSizes bounds the file, which has a line's worth for each org.
	mostPageSizes = 1 << 20
)

// learned is what was learned about one host.
type learned struct {
	At    time.Time `json:"learned"`
	Sizes PageSizes `json:"pageSizes"`
}

// ReadPageSizes returns what was learned about a host within the last day; none if there is nothing, or if it cannot be read. A
// time in the future is not believed.
func ReadPageSizes(dir, host string) PageSizes {
	l := readLearned(dir)[host]
	if age := time.Since(l.At); age < 0 || age >= pageSizesLife {
		return nil
	}
	return l.Sizes
}

func readLearned(dir string) map[string]learned {
	f, err := openFile(filepath.Join(dir, pageSizesFile), os.O_RDONLY, 0)
	if err != nil {
		return nil
	}
	defer f.Close()
	var all map[string]learned
	if json.NewDecoder(io.LimitReader(f, mostPageSizes)).Decode(&all) != nil {
		return nil
	}
	return all
}

// KeepPageSizes keeps what a run has learned about a host for later runs, unless a run of the last day has learned the same: the
// day counts from when it was learned, and not from when it was used last. The caller holds the lock.
func (j *Journal) KeepPageSizes(host string, sizes PageSizes) error {
	if len(sizes) == 0 || maps.Equal(sizes, ReadPageSizes(j.dir, host)) {
		return nil
	}
	all := readLearned(j.dir)
	if all == nil {
		all = map[string]learned{}
	}
	all[host] = learned{At: time.Now().UTC(), Sizes: sizes}
	data, err := json.Marshal(all)
	if err != nil {
		return err
	}
	return j.replace(pageSizesFile, data)
}
