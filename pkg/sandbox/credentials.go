package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// CredentialOptions say which credential [World.AddCredential] creates. Exactly one of the first three is set.
type CredentialOptions struct {
	Certificate     bool
	Federated       string // kubernetes, github, azure-devops or file
	ManagedIdentity bool

	Days    int  // how long a certificate is valid, up to 3650; 180 if zero
	Expired bool // the certificate, or the token in a file, ended a day ago
}

// Credential is how callroll uses a credential.
type Credential struct {
	Config []byte // the section entra of callroll.yaml, in YAML
	Shell  string // a command for a POSIX shell that sets the environment; empty if none is needed
}

// entraSection is the section entra of callroll.yaml.
type entraSection struct {
	TenantID           string `yaml:"tenant_id,omitempty"`
	ClientID           string `yaml:"client_id,omitempty"`
	CertificateFile    string `yaml:"certificate_file,omitempty"`
	Federated          string `yaml:"federated,omitempty"`
	FederatedTokenFile string `yaml:"federated_token_file,omitempty"`
	ManagedIdentity    string `yaml:"managed_identity,omitempty"`
}

const maxDays = 3650

// Check returns an error if the options do not select one credential.
func (o CredentialOptions) Check() error {
	chosen := 0
	for _, one := range []bool{o.Certificate, o.Federated != "", o.ManagedIdentity} {
		if one {
			chosen++
		}
	}
	kinds := []string{"kubernetes", "github", "azure-devops", "file"}
	switch {
	case chosen != 1:
		return errors.New("choose one of --certificate, --federated and --managed-identity")
	case o.Federated != "" && !slices.Contains(kinds, o.Federated):
		return fmt.Errorf("--federated: %q is none of %s", o.Federated, strings.Join(kinds, ", "))
	case o.Days < 0 || o.Days > maxDays:
		return fmt.Errorf("--days: %d is not between 0 and %d", o.Days, maxDays)
	case o.Days != 0 && (!o.Certificate || o.Expired):
		return errors.New("--days is for a certificate that has not expired")
	case o.Expired && !o.Certificate && o.Federated != "kubernetes" && o.Federated != "file":
		return errors.New("--expired is for a certificate, and for --federated kubernetes or file")
	}
	return nil
}

// AddCredential gives the application one more credential. What callroll needs for it is written to the folder secrets. No
// credential of entra.json is removed, and a second one of the same kind replaces the first one's files.
func (w *World) AddCredential(o CredentialOptions) (Credential, error) {
	if w.folder == nil {
		return Credential{}, errors.New("sandbox: a credential needs a World with a folder")
	}
	if err := o.Check(); err != nil {
		return Credential{}, fmt.Errorf("sandbox: %w", err)
	}
	unlock, err := w.lock(context.Background())
	if err != nil {
		return Credential{}, err
	}
	defer unlock()
	m := &credentialMaker{options: o, dir: w.folder.dir, entra: w.entra.clone(), files: map[string][]byte{}}
	if err := m.make(); err != nil {
		return Credential{}, fmt.Errorf("sandbox: %w", err)
	}
	if err := w.writeSecrets(m.files); err != nil {
		return Credential{}, err
	}
	w.entra, w.entraChanged = m.entra, true
	config, err := encodeYAML(map[string]entraSection{"entra": m.section})
	return Credential{Config: config, Shell: m.shell}, errors.Join(err, w.save())
}

// secretsDir is the folder for what callroll reads, within the folder of the World.
const secretsDir = "secrets"

// writeSecrets writes files that only their owner may read.
func (w *World) writeSecrets(files map[string][]byte) error {
	if err := os.MkdirAll(filepath.Join(w.folder.dir, secretsDir), 0o700); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	for name, data := range files {
		if err := w.folder.replace(filepath.Join(secretsDir, name), data); err != nil {
			return err
		}
	}
	return nil
}
