package config

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Auth is a way to sign in to Entra.
type Auth string

// The ways to sign in. Auto finds the one that is configured.
const (
	AuthAuto            Auth = "auto"
	AuthSecret          Auth = "secret"
	AuthCertificate     Auth = "certificate"
	AuthFederated       Auth = "federated"
	AuthManagedIdentity Auth = "managed-identity"
)

// The sources of federated tokens that need no file.
const (
	Kubernetes  = "kubernetes"
	GitHub      = "github"
	AzureDevOps = "azure-devops"
)

// TokenFileVariable is the variable that names the token file of a pod.
const TokenFileVariable = "AZURE_FEDERATED_TOKEN_FILE"

func auths() []string {
	return []string{
		string(AuthAuto), string(AuthSecret), string(AuthCertificate), string(AuthFederated), string(AuthManagedIdentity),
	}
}

// name returns the name of a way to sign in, for messages.
func (a Auth) name() string {
	return map[Auth]string{
		AuthSecret: "a client secret", AuthCertificate: "a certificate", AuthFederated: "a federated token",
		AuthManagedIdentity: "a managed identity",
	}[a]
}

// way is a way to sign in, and the key that sets it.
type way struct {
	auth Auth
	key  string
	is   bool // it is configured
}

// ways returns the ways to sign in that are configured.
func (c *Config) ways() []way {
	return slices.DeleteFunc([]way{
		{AuthSecret, "entra.client_secret_file", !c.EntraSecret.IsZero() || c.Entra.ClientSecretFile != ""},
		{AuthSecret, "entra.client_secret_command", len(c.Entra.ClientSecretCommand) > 0},
		{AuthCertificate, "entra.certificate_file", c.Entra.CertificateFile != ""},
		{AuthFederated, "entra.federated", c.Entra.Federated != ""},
		{AuthFederated, "entra.federated_token_file", c.Entra.FederatedTokenFile != ""},
		{AuthManagedIdentity, "entra.managed_identity", c.Entra.ManagedIdentity != ""},
	}, func(w way) bool { return !w.is })
}

// isUnused says whether a key is for another way to sign in than the one that entra.auth names. The file of such a key is not
// read, so that one configuration can be used in places that do not have all of its files.
func (c *Config) isUnused(key string) bool {
	auth, ok := map[string]Auth{
		"entra.client_secret_file":        AuthSecret,
		"entra.certificate_file":          AuthCertificate,
		"entra.certificate_password_file": AuthCertificate,
		"entra.federated_token_file":      AuthFederated,
	}[key]
	named := c.Entra.Auth != AuthAuto && slices.Contains(auths(), string(c.Entra.Auth))
	return ok && named && c.Entra.Auth != auth
}

// chooseAuth sets Entra.Auth to the way to sign in, or to [AuthAuto] if none is configured. Two ways are a mistake unless
// entra.auth names one of them: callroll does not guess which one is meant.
func (c *Config) chooseAuth() error {
	auth := &c.Entra.Auth
	if !slices.Contains(auths(), string(*auth)) {
		wrong := fmt.Errorf("%q is none of %s", *auth, strings.Join(auths(), ", "))
		*auth = AuthAuto
		return c.At("entra.auth", wrong)
	}
	ways := c.ways()
	if *auth != AuthAuto {
		for _, w := range ways {
			if w.auth != *auth {
				c.Notes = append(c.Notes, fmt.Sprintf("%s is not used, because entra.auth is %s", c.Source(w.key), *auth))
			}
		}
		if *auth == AuthManagedIdentity && c.Entra.ManagedIdentity == "" {
			c.Entra.ManagedIdentity = SystemAssigned
		}
		return c.checkAuth()
	}
	for _, w := range ways {
		if w.auth != ways[0].auth {
			return c.At("entra.auth", fmt.Errorf("there are two ways to sign in: %s (%s) and %s (%s); remove one of them, or set "+
				"entra.auth to %s or %s", ways[0].auth.name(), c.Source(ways[0].key), w.auth.name(), c.Source(w.key),
				ways[0].auth, w.auth))
		}
	}
	if len(ways) > 0 {
		*auth = ways[0].auth
	}
	return c.checkAuth()
}

// SystemAssigned is the value of entra.managed_identity for the identity of the machine itself.
const SystemAssigned = "system"

// checkAuth checks the keys of the chosen way to sign in.
func (c *Config) checkAuth() error {
	e := c.Entra
	twice := func(a, b string) error {
		return c.At(b, fmt.Errorf("%s says where it is, too; remove one of them", c.Source(a)))
	}
	var wrong []error
	for key, path := range c.paths() {
		if *path != "" && len(c.commands()[commandKey(key)]) > 0 {
			wrong = append(wrong, twice(key, commandKey(key)))
		}
	}
	if _, err := c.SecretEnd(); err != nil {
		wrong = append(wrong, c.At("entra.secret_expires", err))
	}
	token := "entra.federated_token_file"
	switch e.Federated {
	case "":
	case Kubernetes, GitHub, AzureDevOps:
		ofPod := e.Federated == Kubernetes && c.places.env[token] == TokenFileVariable
		if e.FederatedTokenFile != "" && !ofPod && !c.isUnused(token) {
			wrong = append(wrong, c.At("entra.federated", fmt.Errorf("there are two federated tokens: the one of %s, and the file "+
				"of %s; remove one of them", e.Federated, c.Source(token))))
		}
	default:
		wrong = append(wrong, c.At("entra.federated", fmt.Errorf("%q is none of %s, %s and %s; federated_token_file is for "+
			"any other token", e.Federated, Kubernetes, GitHub, AzureDevOps)))
	}
	return Join(wrong...)
}

// SecretEnd returns the time at which the client secret of Entra expires, or the zero time if it is not known.
func (c *Config) SecretEnd() (time.Time, error) {
	if c.Entra.SecretExpires == "" {
		return time.Time{}, nil
	}
	end, err := time.Parse(time.DateOnly, c.Entra.SecretExpires)
	if err != nil {
		return time.Time{}, fmt.Errorf("%q is not a date like 2027-03-01", c.Entra.SecretExpires)
	}
	return end, nil
}

// EntraAuth says how callroll signs in to Entra and what configures it, for people.
func (c *Config) EntraAuth() string {
	for _, w := range c.ways() {
		if w.auth == c.Entra.Auth {
			return fmt.Sprintf("%s (%s)", w.auth.name(), c.Source(w.key))
		}
	}
	return ""
}

// noteUnused adds a note for each variable of other tools that is set and not used, because people expect that such a variable
// has an effect.
func (c *Config) noteUnused(env map[string]string) {
	secrets := map[string][]string{
		"entra.client_secret_file": entraSecretAliases(), "genesys.client_secret_file": genesysSecretAliases(),
		"entra.certificate_password_file": passwordAliases(),
	}
	for _, s := range c.settings() {
		for _, alias := range append(secrets[s.name], s.aliases...) {
			if env[alias] != "" && c.places.env[s.name] != alias {
				c.Notes = append(c.Notes, fmt.Sprintf("%s is not used, because of %s", alias, c.Source(s.name)))
			}
		}
	}
	if c.Entra.Auth == AuthManagedIdentity && c.Given("entra.client_id") {
		c.Notes = append(c.Notes, c.Source("entra.client_id")+" is not used: a managed identity has its own client id")
	}
	unless := func(used bool, names ...string) {
		for _, name := range names {
			if env[name] != "" && !used {
				c.Notes = append(c.Notes, name+" is not used")
			}
		}
	}
	unless(c.Entra.Auth == AuthManagedIdentity, "IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET")
	unless(c.Entra.Auth == AuthCertificate, passwordAliases()...)
	unless(!c.Given("entra.cloud") && !c.Given("entra.login_url"), authorityVariable)
	for _, name := range []string{
		"AZURE_CLOUD", "AZURE_USERNAME", "AZURE_PASSWORD", "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", "AZURE_REGIONAL_AUTHORITY_NAME",
		"AZURE_ADDITIONALLY_ALLOWED_TENANTS", "AZURE_TOKEN_CREDENTIALS",
	} {
		if env[name] != "" {
			c.Notes = append(c.Notes, name+" is not used by callroll")
		}
	}
}
