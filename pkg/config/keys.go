package config

import (
	"slices"
	"strings"
	"time"
)

// kind is the form of a value.
type kind int

const (
	text     kind = iota // as it is written, quoted or not
	list                 // of text; one text alone is a list of one
	count                // a whole number from 0
	duration             // like 30s, from 0
	flag                 // true or false
)

// key is one setting.
type key struct {
	name    string
	kind    kind
	value   any      // where nothing sets it
	aliases []string // variables that count below the file
}

// keys lists the settings outside of groups. The aliases are those of other tools for the same services, so that what
// is there already need not be written again.
func keys() []key {
	return []key{
		{"entra.tenant_id", text, "", []string{"GRAPH_TENANT_ID", "AZURE_TENANT_ID"}},
		{"entra.client_id", text, "", []string{"GRAPH_CLIENT_ID", "AZURE_CLIENT_ID"}},
		{"entra.client_secret_file", text, "", nil},
		{"entra.cloud", text, "global", nil},
		{"entra.login_url", text, "", nil},
		{"entra.graph_url", text, "", nil},
		{"genesys.region", text, "", []string{"GENESYSCLOUD_REGION"}},
		{"genesys.client_id", text, "", []string{"GENESYS_CLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_ID"}},
		{"genesys.client_secret_file", text, "", nil},
		{"genesys.scope", text, "", nil},
		{"genesys.login_url", text, "", nil},
		{"genesys.api_url", text, "", nil},
		{"genesys.requests_per_minute", count, 300, nil},
		{"ca_file", text, "", nil},
		{"match", list, []string{"userPrincipalName", "mail"}, nil},
		{"disabled_users", text, "keep", nil},
		{"limits.remove", text, "25%", nil},
		{"limits.remove_floor", count, 5, nil},
		{"limits.remove_total", text, "10%", nil},
		{"limits.remove_total_floor", count, 20, nil},
		{"limits.add", text, "100%", nil},
		{"limits.add_floor", count, 50, nil},
		{"limits.add_empty", count, 1000, nil},
		{"concurrency.entra", count, 8, nil},
		{"concurrency.genesys", count, 4, nil},
		{"retry.attempts", count, 5, nil},
		{"retry.base", duration, time.Second, nil},
		{"retry.max", duration, 30 * time.Second, nil},
		{"retry.retry_after_max", duration, 120 * time.Second, nil},
		{"read_back", duration, 30 * time.Second, nil},
		{"state_dir", text, "", nil},
		{"journal_keep", duration, 400 * 24 * time.Hour, nil},
		{"timeout", duration, 10 * time.Minute, nil},
	}
}

// groupKeys lists the settings of one entry of groups.
func groupKeys() []key {
	return []key{
		{name: "name", kind: text}, {name: "entra", kind: list}, {name: "exclude", kind: list}, {name: "genesys", kind: text},
		{name: "nested", kind: flag}, {name: "mode", kind: text}, {name: "allow_empty", kind: flag}, {name: "protect", kind: list},
		{name: "unmatched", kind: text},
	}
}

// Variables that hold a secret, the first one that is set wins over the file, the others count below it.
const (
	entraSecretVariable   = "CALLROLL_ENTRA_CLIENT_SECRET"
	genesysSecretVariable = "CALLROLL_GENESYS_CLIENT_SECRET"
	configVariable        = "CALLROLL_CONFIG"
	subdomainVariable     = "GENESYS_SUBDOMAIN"
)

func entraSecretAliases() []string { return []string{"GRAPH_CLIENT_SECRET", "AZURE_CLIENT_SECRET"} }
func genesysSecretAliases() []string {
	return []string{"GENESYS_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET"}
}

// variable returns the name of the environment variable that sets a key.
func (k key) variable() string {
	return "CALLROLL_" + strings.ToUpper(strings.ReplaceAll(k.name, ".", "_"))
}

// SetVariables returns the names of the variables in env that set something, sorted. No value is looked at, but whether there
// is one.
func SetVariables(env map[string]string) []string {
	names := slices.Concat([]string{configVariable, subdomainVariable, entraSecretVariable, genesysSecretVariable},
		entraSecretAliases(), genesysSecretAliases())
	for _, k := range keys() {
		names = append(append(names, k.variable()), k.aliases...)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return env[name] == "" })
	slices.Sort(names)
	return names
}

// find returns the key of a name.
func find(keys []key, name string) (key, bool) {
	for _, k := range keys {
		if k.name == name {
			return k, true
		}
	}
	return key{}, false
}
