package sandbox

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
)

// FederatedCredential lets the application sign in with the tokens of an issuer, if they have this subject and audience.
type FederatedCredential struct {
	Name     string `json:"name"`
	Issuer   string `json:"issuer"`
	Subject  string `json:"subject"`
	Audience string `json:"audience"`
}

// Issuer is an OpenID provider, such as a Kubernetes cluster. Its key is here, because the sandbox is the provider too.
type Issuer struct {
	Issuer string `json:"issuer"` // an https URL
	Key    string `json:"key"`    // an RSA key in PEM format, which signs the tokens

	// A job of GitHub Actions or Azure DevOps gets tokens with this subject if it has the request token. An issuer with a
	// service connection is Azure DevOps.
	Subject             string `json:"subject,omitempty"`
	RequestToken        string `json:"request_token,omitempty"`
	ServiceConnectionID string `json:"service_connection_id,omitempty"`
}

// checkCredentials checks what the application may sign in with.
func (e *Entra) checkCredentials() error {
	for i, text := range e.Certificates {
		if _, err := parseCertificate(text); err != nil {
			return fmt.Errorf("certificates[%d]: %w", i, err)
		}
	}
	for i, issuer := range e.Issuers {
		if !isIssuer(issuer.Issuer) {
			return fmt.Errorf("issuers[%d]: the issuer must begin with https://", i)
		}
		if _, err := issuer.privateKey(); err != nil {
			return fmt.Errorf("issuers[%d]: %w", i, err)
		}
	}
	return nil
}

// issuer returns the issuer with a name, or nil.
func (e *Entra) issuer(name string) *Issuer {
	i := slices.IndexFunc(e.Issuers, func(one Issuer) bool { return one.Issuer == name })
	if i < 0 {
		return nil
	}
	return &e.Issuers[i]
}

// parseCertificate reads the first certificate of a PEM text.
func parseCertificate(text string) (*x509.Certificate, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("it is not a certificate in PEM format")
	}
	return x509.ParseCertificate(block.Bytes)
}

// privateKey returns the key. The text of its error has nothing of the key.
func (i *Issuer) privateKey() (*rsa.PrivateKey, error) {
	wrong := errors.New("the key is not an RSA key in PEM format (PKCS #8)")
	block, _ := pem.Decode([]byte(i.Key))
	if block == nil {
		return nil, wrong
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if private, ok := key.(*rsa.PrivateKey); ok && err == nil {
		return private, nil
	}
	return nil, wrong
}
