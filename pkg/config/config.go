// Package config reads flags, the environment and callroll.yaml into one [Config]. It checks the form of the values and
// records the place of each of them. It does not interpret them: the packages that use a value parse it, and [Config.At] adds
// the place to their errors.
package config

import (
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

// Config is the whole configuration. Durations are parsed. Limits, modes, regions and patterns are as written.
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

	Path          string        // absolute path of the file; empty if there is none
	EntraSecret   secret.String // empty if a command returns it
	GenesysSecret secret.String // empty if a command returns it
	Password      secret.String // of the certificate; empty if a command returns it
	Warnings      []string
	Notes         []string // what -v says about the configuration
	Readable      []string // secret files that all users of the machine may read

	places places
}

// defaults returns a configuration with the default of each setting.
func defaults() *Config {
	return &Config{
		Entra:         Entra{Auth: AuthAuto, Cloud: "global"},
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

// Entra says how to connect to Microsoft Graph. After [Load], Auth is the way to sign in, or [AuthAuto] if none is configured.
type Entra struct {
	TenantID                   string
	ClientID                   string
	Auth                       Auth
	ClientSecretFile           string
	ClientSecretCommand        []string // program and arguments
	CertificateFile            string   // PEM with the key, or PFX
	CertificatePasswordFile    string
	CertificatePasswordCommand []string
	SendX5C                    bool   // send the certificate with each sign-in
	Federated                  string // kubernetes, github or azure-devops
	FederatedTokenFile         string
	ServiceConnection          string // id of the service connection of Azure DevOps
	ManagedIdentity            string // system, or the client id, object id or resource id of an identity
	AuthorityHost              string // AZURE_AUTHORITY_HOST, which other tools of Azure use
	SecretExpires              string // a date like 2027-03-01; empty if it is not known
	Cloud                      string
	LoginURL                   string
	GraphURL                   string
}

// Genesys says how to connect to Genesys Cloud. Subdomain is an older way to name the API host; it is read only from the
// environment.
type Genesys struct {
	Region              string
	Subdomain           string
	ClientID            string
	ClientSecretFile    string
	ClientSecretCommand []string // program and arguments
	Scope               string
	LoginURL            string
	APIURL              string
	RequestsPerMinute   int
}

// Limits are the limits of a plan: numbers of people, and texts such as "25%" that package plan parses.
type Limits struct {
	Remove           string
	RemoveFloor      int
	RemoveTotal      string
	RemoveTotalFloor int
	Add              string
	AddFloor         int
	AddEmpty         int
}

// Concurrency is the maximum number of groups that are read or written at the same time, for each service.
type Concurrency struct {
	Entra   int
	Genesys int
}

// Retry limits the attempts of one request, as rest.Retry does.
type Retry struct {
	Attempts      int
	Base          time.Duration
	Max           time.Duration
	RetryAfterMax time.Duration
}

// Group is one mapping. Object ids of Entra are in lower case.
type Group struct {
	Name       string
	Entra      []string
	Exclude    []string
	Genesys    string
	Nested     bool
	Mode       string
	AllowEmpty bool
	Unmatched  string // refuse, or accept: most people may have no Genesys account
	Rules      string // refuse, or accept: a write may make members by a rule individual members
	Protect    []string
}

// Options say where the configuration comes from.
type Options struct {
	Path    string            // the file; empty means the first of the usual ones that exists
	Env     map[string]string // the environment; the environment of the process is not used
	Timeout time.Duration     // value of the flag --timeout; 0 if it was not set

	WithoutSecrets bool // read no file with a secret, for a caller that sends nothing

	// Draft is the text of the file at Path, which does not exist yet. Mistakes in it are named by their keys alone. Nil means
	// that the file is read.
	Draft []byte
	// Secrets are the secrets whose files do not exist yet, by the keys that name the files.
	Secrets map[string]secret.String
}
