package certificate

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"
)

// leastBits is the minimum length of an RSA key. NIST SP 800-131A disallows shorter ones.
const leastBits = 2048

// key returns the RSA key. MSAL signs with PS256 and names the certificate by x5t#S256, so no other kind of key is of use.
func (c contents) key() (*rsa.PrivateKey, error) {
	switch {
	case len(c.keys) == 0:
		return nil, errNoKey
	case len(c.keys) > 1:
		return nil, errTwoKeys
	}
	switch key := c.keys[0].(type) {
	case *ecdsa.PrivateKey:
		return nil, errEC
	case *rsa.PrivateKey:
		if bits := key.N.BitLen(); bits < leastBits {
			return nil, &Error{fmt.Sprintf("the RSA key has only %d bits, which is too short", bits), makeRSA}
		}
		return key, nil
	default:
		return nil, errNotRSA
	}
}

// valid returns an error if a certificate is not valid at the time now. Both ends are part of the validity (RFC 5280 §4.1.2.5).
func valid(c *x509.Certificate, now time.Time) error {
	const form = "2006-01-02 15:04 UTC"
	if now.After(c.NotAfter) {
		return &Error{fmt.Sprintf("the certificate of %s expired on %s", subject(c), c.NotAfter.UTC().Format(form)),
			"make a new certificate, and register it in Entra"}
	}
	if now.Before(c.NotBefore) {
		return &Error{fmt.Sprintf("the certificate of %s is not valid before %s", subject(c), c.NotBefore.UTC().Format(form)),
			"check the clock of this computer, or wait until then"}
	}
	return nil
}

// subject returns the subject of a certificate for an error, quoted.
func subject(c *x509.Certificate) string {
	const most = 60 // characters, so that an error is not too long
	name := []rune(c.Subject.String())
	if len(name) > most {
		name = append(name[:most], '…')
	}
	return fmt.Sprintf("%q", string(name))
}

// order returns the certificate of the key and its issuers in order. The order in the file does not matter, because each
// certificate names its issuer. Copies of a certificate are left out. A certificate that is neither the certificate of the key
// nor one of its issuers is an error, because a file with two certificates may be the wrong one, and because Entra may refuse
// a chain (x5c) with a gap.
func order(certificates []*x509.Certificate, key *rsa.PrivateKey) ([]*x509.Certificate, error) {
	var leaves, others []*x509.Certificate
	for i, c := range certificates {
		switch {
		case slices.ContainsFunc(certificates[:i], c.Equal): // a copy
		case key.PublicKey.Equal(c.PublicKey):
			leaves = append(leaves, c)
		default:
			others = append(others, c)
		}
	}
	switch {
	case len(certificates) == 0:
		return nil, errNoCertificate
	case len(leaves) == 0:
		return nil, &Error{"the private key does not fit any certificate of the file",
			"put the certificate that was made for this key into the file"}
	case len(leaves) > 1: // as after a renewal with the same key
		return nil, &Error{"the file has more than one certificate for its private key",
			"leave only the one that is registered in Entra"}
	}
	chain := leaves
	for {
		i := slices.IndexFunc(others, func(c *x509.Certificate) bool { return issued(c, chain[len(chain)-1]) })
		if i < 0 {
			break
		}
		chain = append(chain, others[i])
		others = slices.Delete(others, i, i+1)
	}
	if len(others) > 0 {
		return nil, &Error{fmt.Sprintf("the certificate of %s is no issuer of the certificate of %s",
			subject(others[0]), subject(chain[0])), "remove it, or add the certificates between the two"}
	}
	return chain, nil
}

// issued reports whether issuer has signed c. Names are not enough, because an issuer keeps its name when it gets a new key.
// Go does not check signatures with SHA-1; then the names decide.
func issued(issuer, c *x509.Certificate) bool {
	if !bytes.Equal(issuer.RawSubject, c.RawIssuer) {
		return false
	}
	err := c.CheckSignatureFrom(issuer)
	return err == nil || errors.As(err, new(x509.InsecureAlgorithmError))
}
