package simulation

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/internal/oracle"
)

// arguments writes the configuration of a run, and returns its command line.
func (s *sim) arguments(run *run) ([]string, error) {
	path := s.configFile(run)
	data, err := json.Marshal(s.configuration(run)) // JSON is YAML
	if err == nil {
		err = os.WriteFile(path, data, 0o600)
	}
	args := map[verb][]string{
		verbSync: {"sync"}, verbUndo: {"undo", "latest"}, verbFetch: {"fetch"}, verbDiff: {"diff", "-"},
		verbPushPlan: {"push", "-"}, verbPushFile: {"push", "-"},
	}[run.verb]
	args = append(slices.Clone(args), "--sandbox", filepath.Join(s.dir, "stage"), "--config", path)
	if run.quiet {
		args = append(args, "--quiet", "--out", s.outFile(run))
	} else {
		args = append(args, "--output", "json")
	}
	if len(run.wireFaults) > 0 {
		args = append(args, "-v") // includes the messages of libraries
	}
	if run.expires > 0 && !run.writes() {
		args = append(args, "--expires", run.expires.String())
	}
	return append(args, s.flagArguments(run)...), err
}

// configFile returns the configuration file of a machine. callroll remembers what it has reported for each configuration
// file.
func (s *sim) configFile(run *run) string { return filepath.Join(s.dir, run.machine+".yaml") }

// flagArguments returns the flags of a run. fetch has only one of them.
func (s *sim) flagArguments(run *run) []string {
	var args []string
	for _, name := range run.flags.Only {
		args = append(args, "--group", name)
	}
	if run.verb == verbFetch {
		return args
	}
	if run.flags.NoRemovals {
		args = append(args, "--no-removals")
	}
	if len(run.typedFlags) > 0 {
		return append(args, run.typedFlags...)
	}
	for _, name := range slices.Sorted(maps.Keys(run.flags.AllowRemovals)) {
		args = append(args, "--allow-removals", fmt.Sprintf("%s=%d", name, run.flags.AllowRemovals[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(run.flags.AllowAdditions)) {
		args = append(args, "--allow-additions", fmt.Sprintf("%s=%d", name, run.flags.AllowAdditions[name]))
	}
	for _, name := range slices.Sorted(maps.Keys(run.flags.Release)) {
		group := name
		if strings.Contains(name, "=") { // the argument would be ambiguous
			group = s.spec.groupIDs[name]
		}
		for _, who := range run.flags.Release[name] {
			args = append(args, "--release", group+"="+who)
		}
	}
	return args
}

func (s *sim) configuration(run *run) map[string]any {
	c := s.spec.config
	var groups []any
	for _, m := range run.mappings {
		groups = append(groups, map[string]any{
			"name": m.Name, "entra": m.Sources, "genesys": m.Ref, "exclude": list(m.Exclude), "protect": list(m.Protect),
			"nested": m.Nested, "mode": string(m.Mode), "allow_empty": m.AllowEmpty,
			"unmatched": accept(m.Unmatched),
		})
	}
	atOnce := 1 // for an exact replay of the seed
	if s.spec.atOnce {
		atOnce = 4
	}
	config := map[string]any{
		"genesys": map[string]any{
			"region": region, "client_id": id(clientKind, 2), "client_secret_file": filepath.Join(s.dir, "genesys-secret"),
			"requests_per_minute": 100_000,
		},
		"match":       c.Keys,
		"state_dir":   run.home,
		"concurrency": map[string]any{"entra": atOnce, "genesys": atOnce},
		"retry":       map[string]any{"attempts": 3, "base": "1ms", "max": "1ms"},
		"limits": map[string]any{
			"remove": limit(c.Remove), "remove_floor": c.Remove.Floor, "remove_total": limit(c.Total), "remove_total_floor": c.Total.Floor,
			"add": limit(c.Add), "add_floor": c.Add.Floor, "add_empty": c.AddEmpty,
		},
		"groups": groups,
	}
	if c.DropDisabled {
		config["disabled_users"] = "drop"
	}
	if !run.noEntra {
		secret := filepath.Join(s.dir, "entra-secret")
		config["entra"] = map[string]any{"tenant_id": domain, "client_id": id(clientKind, 1), "client_secret_file": secret}
	}
	return config
}

func accept(yes bool) string {
	if yes {
		return "accept"
	}
	return "refuse"
}

// list returns a list that is never nil, because null is not a list.
func list(values []string) []string { return append([]string{}, values...) }

func limit(l oracle.Limit) string {
	if l.Share {
		return fmt.Sprintf("%d%%", l.N)
	}
	return fmt.Sprint(l.N)
}
