// Package config makes one struct of flags, environment and callroll.yaml, checked for form, with the place of each
// value; what a value means is not its business: its owner parses it, and At adds the place to the owner's error.
package config

import (
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

// Config is the whole configuration. Durations are parsed; limits, modes, regions and patterns are as written.
type Config struct {
	Entra         Entra         `mapstructure:"entra"`
	Genesys       Genesys       `mapstructure:"genesys"`
	CAFile        string        `mapstructure:"ca_file"`
	Match         []string      `mapstructure:"match"`
	DisabledUsers string        `mapstructure:"disabled_users"` // keep or drop
	Limits        Limits        `mapstructure:"limits"`
	Concurrency   Concurrency   `mapstructure:"concurrency"`
	Retry         Retry         `mapstructure:"retry"`
	ReadBack      time.Duration `mapstructure:"read_back"`
	StateDir      string        `mapstructure:"state_dir"`
	JournalKeep   time.Duration `mapstructure:"journal_keep"`
	Timeout       time.Duration `mapstructure:"timeout"`
	Groups        []Group       `mapstructure:"groups"`

	Path          string        `mapstructure:"-"` // of the file, absolute; empty if there is none
	EntraSecret   secret.String `mapstructure:"-"`
	GenesysSecret secret.String `mapstructure:"-"`
	Warnings      []string      `mapstructure:"-"`
	Readable      []string      `mapstructure:"-"` // files of secrets that everybody may read

	places places
}

// Entra says how to reach Microsoft Graph.
type Entra struct {
	TenantID         string `mapstructure:"tenant_id"`
	ClientID         string `mapstructure:"client_id"`
	ClientSecretFile string `mapstructure:"client_secret_file"`
	Cloud            string `mapstructure:"cloud"`
	LoginURL         string `mapstructure:"login_url"`
	GraphURL         string `mapstructure:"graph_url"`
}

// Genesys says how to reach Genesys Cloud. Subdomain is an older way to name the API host, from the environment only.
type Genesys struct {
	Region            string `mapstructure:"region"`
	Subdomain         string `mapstructure:"-"`
	ClientID          string `mapstructure:"client_id"`
	ClientSecretFile  string `mapstructure:"client_secret_file"`
	Scope             string `mapstructure:"scope"`
	LoginURL          string `mapstructure:"login_url"`
	APIURL            string `mapstructure:"api_url"`
	RequestsPerMinute int    `mapstructure:"requests_per_minute"`
}

// Limits are as plan.ParseLimit reads them, and counts.
type Limits struct {
	Remove           string `mapstructure:"remove"`
	RemoveFloor      int    `mapstructure:"remove_floor"`
	RemoveTotal      string `mapstructure:"remove_total"`
	RemoveTotalFloor int    `mapstructure:"remove_total_floor"`
	Add              string `mapstructure:"add"`
	AddFloor         int    `mapstructure:"add_floor"`
	AddEmpty         int    `mapstructure:"add_empty"`
}

// Concurrency is how many groups are read, or written, at once.
type Concurrency struct {
	Entra   int `mapstructure:"entra"`
	Genesys int `mapstructure:"genesys"`
}

// Retry bounds the attempts of one request.
type Retry struct {
	Attempts      int           `mapstructure:"attempts"`
	Base          time.Duration `mapstructure:"base"`
	Max           time.Duration `mapstructure:"max"`
	RetryAfterMax time.Duration `mapstructure:"retry_after_max"`
}

// Group is one mapping. Entra ids are lower case.
type Group struct {
	Name       string   `mapstructure:"name"`
	Entra      []string `mapstructure:"entra"`
	Exclude    []string `mapstructure:"exclude"`
	Genesys    string   `mapstructure:"genesys"`
	Nested     bool     `mapstructure:"nested"`
	Mode       string   `mapstructure:"mode"`
	AllowEmpty bool     `mapstructure:"allow_empty"`
	Unmatched  string   `mapstructure:"unmatched"` // refuse, or accept: most people may have no account
	Protect    []string `mapstructure:"protect"`
}

// Options say where the configuration comes from.
type Options struct {
	Path  string            // the file; empty for the first of SearchPath that exists
	Env   map[string]string // the environment; nothing else is read from the process
	Flags map[string]any    // values of flags that were set, by key
}
