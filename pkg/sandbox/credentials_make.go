package sandbox

import (
	"cmp"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// credentialMaker creates one credential. It changes entra, and collects the files for callroll.
type credentialMaker struct {
	options CredentialOptions
	dir     string
	entra   Entra

	section entraSection
	files   map[string][]byte // by name in the folder secrets
	shell   string
}

const (
	day             = 24 * time.Hour
	certificateDays = 180
)

func (m *credentialMaker) make() error {
	m.section = entraSection{TenantID: m.entra.Domain, ClientID: m.entra.ClientID}
	switch {
	case m.options.Certificate:
		return m.makeCertificate()
	case m.options.ManagedIdentity:
		m.makeManagedIdentity()
		return nil
	}
	return m.makeFederated()
}

// makeCertificate creates a self-signed certificate. Its file has the key too.
func (m *credentialMaker) makeCertificate() error {
	template := certificateTemplate(1, "callroll")
	template.NotAfter = time.Now().Add(time.Duration(cmp.Or(m.options.Days, certificateDays)) * day)
	if m.options.Expired {
		template.NotBefore, template.NotAfter = time.Now().Add(-certificateDays*day), time.Now().Add(-day)
	}
	key, text, err := newKey()
	if err != nil {
		return err
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	certificate := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
	m.entra.Certificates = append(m.entra.Certificates, certificate)
	m.files["entra.pem"] = []byte(text + certificate)
	m.section.CertificateFile = secretsDir + "/entra.pem"
	return nil
}

// makeFederated creates an issuer, and a federated credential for its tokens. An issuer that is there is kept.
func (m *credentialMaker) makeFederated() error {
	federated := m.options.Federated
	fresh := newIssuers()[federated]
	issuer := m.entra.issuer(fresh.Issuer)
	if issuer == nil {
		var err error
		if _, fresh.Key, err = newKey(); err != nil {
			return err
		}
		m.entra.Issuers = append(m.entra.Issuers, fresh)
		issuer = &m.entra.Issuers[len(m.entra.Issuers)-1]
	}
	credential := FederatedCredential{
		Name: federated, Issuer: issuer.Issuer, Subject: issuer.Subject, Audience: "api://AzureADTokenExchange",
	}
	if !slices.Contains(m.entra.FederatedCredentials, credential) {
		m.entra.FederatedCredentials = append(m.entra.FederatedCredentials, credential)
	}
	switch federated {
	case "github":
		m.section.Federated = federated
		m.setEnvironment(federated, map[string]string{
			"ACTIONS_ID_TOKEN_REQUEST_URL":   "https://pipelines.actions.githubusercontent.com/1/idtoken?api-version=2.0",
			"ACTIONS_ID_TOKEN_REQUEST_TOKEN": issuer.RequestToken,
		})
		return nil
	case "azure-devops":
		m.section.Federated = federated
		m.setEnvironment(federated, map[string]string{
			"SYSTEM_OIDCREQUESTURI":                   "https://dev.azure.com/contoso/1/oidctoken",
			"SYSTEM_ACCESSTOKEN":                      issuer.RequestToken,
			"AZURESUBSCRIPTION_SERVICE_CONNECTION_ID": issuer.ServiceConnectionID,
		})
		return nil
	}
	return m.makeTokenFile(issuer, credential)
}

// makeTokenFile writes a token that is valid for a day. In a cluster, a new one is written in time.
func (m *credentialMaker) makeTokenFile(issuer *Issuer, credential FederatedCredential) error {
	life := day
	if m.options.Expired {
		life = -day
	}
	token, err := issuer.issue(credential.Subject, credential.Audience, life)
	if err != nil {
		return err
	}
	name := credential.Name + ".jwt"
	m.files[name] = []byte(token + "\n")
	if credential.Name == "file" {
		m.section.FederatedTokenFile = secretsDir + "/" + name
		return nil
	}
	path, err := filepath.Abs(filepath.Join(m.dir, secretsDir, name))
	m.section.Federated = credential.Name
	m.setEnvironment(credential.Name, map[string]string{"AZURE_FEDERATED_TOKEN_FILE": path})
	return err
}

// makeManagedIdentity gives the machine a system-assigned identity and a user-assigned one, unless it has one. On a virtual
// machine callroll needs no more. The environment is that of App Service.
func (m *credentialMaker) makeManagedIdentity() {
	has := &m.entra.ManagedIdentities
	if has.System == nil {
		has.System = &ManagedIdentity{ClientID: uuid.NewString(), ObjectID: uuid.NewString()}
	}
	if len(has.UserAssigned) == 0 {
		has.UserAssigned = []ManagedIdentity{{
			ClientID: uuid.NewString(), ObjectID: uuid.NewString(),
			ResourceID: "/subscriptions/" + uuid.NewString() + "/resourcegroups/callroll/providers/" +
				"Microsoft.ManagedIdentity/userAssignedIdentities/callroll",
		}}
	}
	if has.IdentityHeader == "" {
		has.IdentityHeader = rand.Text()
	}
	m.section = entraSection{ManagedIdentity: "system"}
	m.setEnvironment("app-service", map[string]string{
		"IDENTITY_ENDPOINT": "http://localhost:12356/msi/token",
		"IDENTITY_HEADER":   has.IdentityHeader,
	})
}

// setEnvironment writes a file for a POSIX shell that sets variables. Their values may be secrets, so that they are not printed.
func (m *credentialMaker) setEnvironment(name string, values map[string]string) {
	var script strings.Builder
	for _, variable := range slices.Sorted(maps.Keys(values)) {
		script.WriteString("export " + variable + "=" + quoteShell(values[variable]) + "\n")
	}
	m.files[name+".env"] = []byte(script.String())
	m.shell = ". " + quoteShell(filepath.Join(m.dir, secretsDir, name+".env"))
}

// quoteShell quotes a word for a POSIX shell.
func quoteShell(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

// newIssuers returns an issuer of each kind, without a key.
func newIssuers() map[string]Issuer {
	return map[string]Issuer{
		"kubernetes": {Issuer: "https://oidc.contoso.example/cluster/", Subject: "system:serviceaccount:callroll:callroll"},
		"file":       {Issuer: "https://gitlab.contoso.example", Subject: "project_path:contoso/callroll:ref_type:branch:ref:main"},
		"github": {
			Issuer:       "https://token.actions.githubusercontent.com",
			Subject:      "repo:contoso/callroll:ref:refs/heads/main",
			RequestToken: rand.Text(),
		},
		"azure-devops": {
			Issuer:              "https://vstoken.dev.azure.com/3f4c1c2e-8d6b-4f0e-9b7a-52d1a6c0e8f4",
			Subject:             "sc://contoso/callroll/entra",
			RequestToken:        rand.Text(),
			ServiceConnectionID: uuid.NewString(),
		},
	}
}

// newKey creates a key, and its text in PEM format.
func newKey() (*rsa.PrivateKey, string, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, "", err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), err
}
