package config

import (
	"slices"
	"strings"
)

// setting is one key and the variable for its value.
type setting struct {
	name    string
	target  any      // *string, *Auth, *[]string, *int, *time.Duration or *bool
	aliases []string // environment variables that the file overrides
}

// settings returns the keys outside of groups. The aliases are the variables of other tools for the same services, so that
// users who have set them need not set them again.
func (c *Config) settings() []setting {
	return []setting{
		{"entra.tenant_id", &c.Entra.TenantID, []string{"GRAPH_TENANT_ID", "AZURE_TENANT_ID"}},
		{"entra.client_id", &c.Entra.ClientID, []string{"GRAPH_CLIENT_ID", "AZURE_CLIENT_ID"}},
		{"entra.auth", &c.Entra.Auth, nil},
		{"entra.client_secret_file", &c.Entra.ClientSecretFile, nil},
		{"entra.client_secret_command", &c.Entra.ClientSecretCommand, nil},
		{"entra.secret_expires", &c.Entra.SecretExpires, nil},
		{"entra.certificate_file", &c.Entra.CertificateFile, []string{"AZURE_CLIENT_CERTIFICATE_PATH"}},
		{"entra.certificate_password_file", &c.Entra.CertificatePasswordFile, nil},
		{"entra.certificate_password_command", &c.Entra.CertificatePasswordCommand, nil},
		{"entra.send_x5c", &c.Entra.SendX5C, nil},
		{"entra.federated", &c.Entra.Federated, nil},
		{"entra.federated_token_file", &c.Entra.FederatedTokenFile, []string{TokenFileVariable}},
		{"entra.service_connection", &c.Entra.ServiceConnection, nil},
		{"entra.managed_identity", &c.Entra.ManagedIdentity, nil},
		{"entra.cloud", &c.Entra.Cloud, nil},
		{"entra.login_url", &c.Entra.LoginURL, nil},
		{"entra.graph_url", &c.Entra.GraphURL, nil},
		{"genesys.region", &c.Genesys.Region, []string{"GENESYSCLOUD_REGION"}},
		{"genesys.client_id", &c.Genesys.ClientID, []string{"GENESYS_CLIENT_ID", "GENESYSCLOUD_OAUTHCLIENT_ID"}},
		{"genesys.client_secret_file", &c.Genesys.ClientSecretFile, nil},
		{"genesys.client_secret_command", &c.Genesys.ClientSecretCommand, nil},
		{"genesys.scope", &c.Genesys.Scope, nil},
		{"genesys.login_url", &c.Genesys.LoginURL, nil},
		{"genesys.api_url", &c.Genesys.APIURL, nil},
		{"genesys.requests_per_minute", &c.Genesys.RequestsPerMinute, nil},
		{"ca_file", &c.CAFile, nil},
		{"match", &c.Match, nil},
		{"disabled_users", &c.DisabledUsers, nil},
		{"limits.remove", &c.Limits.Remove, nil},
		{"limits.remove_floor", &c.Limits.RemoveFloor, nil},
		{"limits.remove_total", &c.Limits.RemoveTotal, nil},
		{"limits.remove_total_floor", &c.Limits.RemoveTotalFloor, nil},
		{"limits.add", &c.Limits.Add, nil},
		{"limits.add_floor", &c.Limits.AddFloor, nil},
		{"limits.add_empty", &c.Limits.AddEmpty, nil},
		{"concurrency.entra", &c.Concurrency.Entra, nil},
		{"concurrency.genesys", &c.Concurrency.Genesys, nil},
		{"retry.attempts", &c.Retry.Attempts, nil},
		{"retry.base", &c.Retry.Base, nil},
		{"retry.max", &c.Retry.Max, nil},
		{"retry.retry_after_max", &c.Retry.RetryAfterMax, nil},
		{"read_back", &c.ReadBack, nil},
		{"state_dir", &c.StateDir, nil},
		{"journal_keep", &c.JournalKeep, nil},
		{"timeout", &c.Timeout, nil},
	}
}

// settings returns the keys of one entry of groups.
func (g *Group) settings() []setting {
	return []setting{
		{"name", &g.Name, nil}, {"entra", &g.Entra, nil}, {"exclude", &g.Exclude, nil}, {"genesys", &g.Genesys, nil},
		{"nested", &g.Nested, nil}, {"mode", &g.Mode, nil}, {"allow_empty", &g.AllowEmpty, nil}, {"protect", &g.Protect, nil},
		{"unmatched", &g.Unmatched, nil}, {"rules", &g.Rules, nil},
	}
}

// sections returns the names that have keys below them, such as entra and limits.
func sections() []string {
	var all []string
	for _, s := range new(Config).settings() {
		section, _, nested := strings.Cut(s.name, ".")
		if nested && !slices.Contains(all, section) {
			all = append(all, section)
		}
	}
	return all
}

func names(settings []setting, more ...string) []string {
	for _, s := range settings {
		more = append(more, s.name)
	}
	return more
}

func find(settings []setting, name string) (setting, bool) {
	for _, s := range settings {
		if s.name == name {
			return s, true
		}
	}
	return setting{}, false
}

// Environment variables that are not in the list of settings. The secrets override the secret files.
const (
	entraSecretVariable   = "CALLROLL_ENTRA_CLIENT_SECRET"
	genesysSecretVariable = "CALLROLL_GENESYS_CLIENT_SECRET"
	passwordVariable      = "CALLROLL_ENTRA_CERTIFICATE_PASSWORD"
	configVariable        = "CALLROLL_CONFIG"
	authorityVariable     = "AZURE_AUTHORITY_HOST"
	subdomainVariable     = "GENESYS_SUBDOMAIN"
)

func entraSecretAliases() []string { return []string{"GRAPH_CLIENT_SECRET", "AZURE_CLIENT_SECRET"} }
func genesysSecretAliases() []string {
	return []string{"GENESYS_CLIENT_SECRET", "GENESYSCLOUD_OAUTHCLIENT_SECRET"}
}
func passwordAliases() []string { return []string{"AZURE_CLIENT_CERTIFICATE_PASSWORD"} }

// SecretVariables returns the names of the variables whose values are secrets for callroll alone.
func SecretVariables() []string {
	return []string{entraSecretVariable, genesysSecretVariable, passwordVariable}
}

// variable returns the name of the environment variable that sets a key.
func (s setting) variable() string {
	return "CALLROLL_" + strings.ToUpper(strings.ReplaceAll(s.name, ".", "_"))
}

// SetVariables returns the sorted names of the variables in env that set something. It checks only whether a variable is
// empty.
func SetVariables(env map[string]string) []string {
	names := slices.Concat(
		[]string{configVariable, subdomainVariable, authorityVariable}, SecretVariables(),
		entraSecretAliases(), genesysSecretAliases(), passwordAliases())
	for _, s := range new(Config).settings() {
		names = append(append(names, s.variable()), s.aliases...)
	}
	names = slices.DeleteFunc(names, func(name string) bool { return env[name] == "" })
	slices.Sort(names)
	return names
}
