package journal

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"time"
)

// PageSizes has, by the name of a list, how many resources a service returns on one page, as far as runs have learned
// it. They are a hint: a run without them asks for the usual number, and no decision depends on them.
type PageSizes map[string]int

const (
	pageSizesFile = "page-sizes.json"
	// pageSizesLife is how long they are used, so that a service that begins to return larger pages is asked for them.
	pageSizesLife = 24 * time.Hour
	// mostPageSizes is the largest size of the file in bytes. It has one short entry for each host.
	mostPageSizes = 1 << 20
)

// learned has the page sizes of one host and when they were learned.
type learned struct {
	At    time.Time `json:"learned"`
	Sizes PageSizes `json:"pageSizes"`
}

// ReadPageSizes returns what was learned about a host within the last day; nil if there is nothing or it cannot be read.
// Entries with a time in the future are ignored.
func ReadPageSizes(dir, host string) PageSizes {
	l := readLearned(dir)[host]
	if age := time.Since(l.At); age < 0 || age >= pageSizesLife {
		return nil
	}
	return l.Sizes
}

func readLearned(dir string) map[string]learned {
	data, err := readPart(filepath.Join(dir, pageSizesFile), 0, mostPageSizes)
	var all map[string]learned
	if err != nil || json.Unmarshal(data, &all) != nil {
		return nil
	}
	return all
}

// KeepPageSizes keeps what a run has learned about a host for later runs. It does nothing if a run of the last day has
// learned the same, because the day begins when the sizes were learned and not when they were last used. The caller
// holds the lock.
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
