// Package config makes one struct of flags, environment and callroll.yaml, checked for form, with the place of each
// value; what a value means is not its business: its owner parses it, and At adds the place to the owner's error.
package config

import (
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

// Config is the whole configuration. Durations are parsed; limits, modes, regions and patterns are as written.
type Config struct {
	Entra         Entra
	Genesys       Genesys
	CAFile        string
	Match         []string
	DisabledUsers string // keep or drop
	Limits        Limits
	Concurrency   Concurrency
	Retry         Retry
	ReadBack      time.Duration
	StateDir      string
	JournalKeep   time.Duration
	Timeout       time.Duration
	Groups        []Group

	Path          string // of the file, absolute; empty if there is none
	EntraSecret   secret.String
	GenesysSecret secret.String
	Warnings      []string
	Readable      []string // files of secrets that everybody may read

	places places
}

// defaults is the configuration that sets nothing.
func defaults() *Config {
	return &Config{
		Entra:         Entra{Cloud: "global"},
		Genesys:       Genesys{RequestsPerMinute: 300},
		Match:         []string{"userPrincipalName", "mail"},
		DisabledUsers: "keep",
		Limits: Limits{
			Remove: "25%", RemoveFloor: 5, RemoveTotal: "10%", RemoveTotalFloor: 20,
			Add: "100%", AddFloor: 50, AddEmpty: 1000,
		},
		Concurrency: Concurrency{Entra: 8, Genesys: 4},
		Retry:       Retry{Attempts: 5, Base: time.Second, Max: 30 * time.Second, RetryAfterMax: 120 * time.Second},
		ReadBack:    30 * time.Second,
		JournalKeep: 400 * 24 * time.Hour,
		Timeout:     10 * time.Minute,
	}
}

// Entra says how to reach Microsoft Graph.
type Entra struct {
	TenantID         string
	ClientID         string
	ClientSecretFile string
	Cloud            string
	LoginURL         string
	GraphURL         string
}

// Genesys says how to reach Genesys Cloud. Subdomain is an older way to name the API host, from the environment only.
type Genesys struct {
	Region            string
	Subdomain         string
	ClientID          string
	ClientSecretFile  string
	Scope             string
	LoginURL          string
	APIURL            string
	RequestsPerMinute int
}

// Limits are as plan.ParseLimit reads them, and counts.
type Limits struct {
	Remove           string
	RemoveFloor      int
	RemoveTotal      string
	RemoveTotalFloor int
	Add              string
	AddFloor         int
	AddEmpty         int
}

// Concurrency is how many groups are read, or written, at once.
type Concurrency struct {
	Entra   int
	Genesys int
}

// Retry bounds the attempts of one request.
type Retry struct {
	Attempts      int
	Base          time.Duration
	Max           time.Duration
	RetryAfterMax time.Duration
}

// Group is one mapping. Entra ids are lower case.
type Group struct {
	Name       string
	Entra      []string
	Exclude    []string
	Genesys    string
	Nested     bool
	Mode       string
	AllowEmpty bool
	Unmatched  string // refuse, or accept: most people may have no account
	Protect    []string
}

// Options say where the configuration comes from.
type Options struct {
	Path  string            // the file; empty for the first of SearchPath that exists
	Env   map[string]string // the environment; nothing else is read from the process
	Flags map[string]any    // values of flags that were set, by key
}
