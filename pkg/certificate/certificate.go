// Package certificate reads the certificate with which an application signs in to Entra, and its RSA private key, from the
// content of a PEM or PFX (PKCS #12) file.
//
// It refuses whatever Entra would refuse, or whatever leaves a doubt about which certificate is meant: a certificate that is
// not valid at the present time, a key that is short or not RSA, more than one key, and certificates that are no issuers of
// the certificate of the key. It does not decrypt PEM keys. It does not decide whether an issuer is trusted or valid, because
// Entra does that. It knows no network, clock, disk or logger. Its errors show the subjects and dates of certificates, and
// nothing else of the file or of the password.
package certificate

import (
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"fmt"
	"time"

	"github.com/callroll/callroll/pkg/secret"
)

// Certificate is a certificate of an application with its RSA private key. The one that [Parse] returns has at least one
// certificate in its chain, and a key.
type Certificate struct {
	Chain []*x509.Certificate // the certificate of the key first, then its issuers in order
	Key   *rsa.PrivateKey     `json:"-"` // so that no report or log in JSON can contain it
}

// Leaf returns the certificate of the key.
func (c Certificate) Leaf() *x509.Certificate { return c.Chain[0] }

// Thumbprint returns the SHA-1 thumbprint of the certificate of the key in upper-case hex, as the Entra portal shows it.
func (c Certificate) Thumbprint() string { return fmt.Sprintf("%X", sha1.Sum(c.Leaf().Raw)) }

// Parse reads a certificate, its key and its issuers from the content of a PEM or PFX file, which it tells apart by the
// content. The certificates may be in any order, and issuers may be missing from the end of the chain. The password is for
// PFX; if the file is not encrypted, a password is an error. The certificate of the key must be valid at the time now. Its
// errors are of type [*Error].
func Parse(data []byte, password secret.String, now time.Time) (Certificate, error) {
	found, err := read(data, password)
	if err != nil {
		return Certificate{}, err
	}
	key, err := found.key()
	if err != nil {
		return Certificate{}, err
	}
	chain, err := order(found.certificates, key)
	if err != nil {
		return Certificate{}, err
	}
	if err := valid(chain[0], now); err != nil {
		return Certificate{}, err
	}
	return Certificate{chain, key}, nil
}

// contents is what a file contains.
type contents struct {
	certificates []*x509.Certificate
	keys         []any // as x509.ParsePKCS8PrivateKey returns them
}

// Error says why a file cannot be used, and what to do about it. Apart from the subjects and dates of certificates it shows
// nothing of the file, and nothing of the password.
type Error struct {
	text string
	hint string
}

func (e *Error) Error() string { return e.text }

// Hint says what to do about the error.
func (e *Error) Hint() string { return e.hint }

// What to do about several of the errors.
const (
	together  = "put the certificate and its private key into one PEM or PFX file"
	onlyThese = "leave only the certificate, its private key and its issuers in the file"
	again     = "copy or export the file again"
	makePFX   = "openssl pkcs12 -export -in FILE -out FILE.pfx"
	makeRSA   = "make an RSA key of at least 2048 bits, and register its certificate in Entra"
	passwords = "entra.certificate_password_file or entra.certificate_password_command"
)

// Errors of both formats.
var (
	errNoKey         = &Error{"the file has no private key", together}
	errNoCertificate = &Error{"the file has a private key, but no certificate", together}
	errTwoKeys       = &Error{"the file has more than one private key",
		"leave only the key of the certificate that is registered in Entra"}
	errEC           = &Error{"the private key is an EC key, but Entra accepts only RSA", makeRSA}
	errNotRSA       = &Error{"the private key is not an RSA key, but Entra accepts only RSA", makeRSA}
	errNotEncrypted = &Error{"a password is set, but the file is not encrypted",
		"remove the password, or encrypt the file: " + makePFX}
)
