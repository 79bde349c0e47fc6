package certificate_test

import (
	"crypto/sha1"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/callroll/callroll/pkg/certificate"
	"github.com/callroll/callroll/pkg/secret"
)

// names returns the common names of a chain.
func names(c certificate.Certificate) string {
	var all []string
	for _, cert := range c.Chain {
		all = append(all, cert.Subject.CommonName)
	}
	return strings.Join(all, " ")
}

// What programs write is read, in any order.
func TestParse(t *testing.T) {
	key := rsaKey()
	root := authority(t, "Root", nil)
	middle := authority(t, "Middle", root)
	leaf := certify(t, "callroll", key, middle)
	alone := certify(t, "alone", key, nil)
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	good := certBlock(leaf) + certBlock(middle.cert) + certBlock(root.cert) + pkcs1
	isCA := func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }
	old := &issuer{certify(t, "Old", otherKey(), nil, isCA), otherKey()}
	ofOld := certify(t, "callroll", key, old, func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA })
	explained := strings.ReplaceAll(good, "-----BEGIN", "Bag Attributes\n    localKeyID: 01\n-----BEGIN")
	const whole = "callroll Middle Root"
	for name, test := range map[string]struct{ data, password, want string }{
		"PEM":                           {good, "", whole},
		"PKCS #8":                       {certBlock(leaf) + keyBlock(t, key), "", "callroll"},
		"self-signed":                   {certBlock(alone) + pkcs1, "", "alone"},
		"without the root":              {certBlock(leaf) + certBlock(middle.cert) + pkcs1, "", "callroll Middle"},
		"key first, chain reversed":     {pkcs1 + certBlock(root.cert) + certBlock(middle.cert) + certBlock(leaf), "", whole},
		"copies":                        {certBlock(middle.cert) + certBlock(leaf) + good, "", whole},
		"signed with SHA-1":             {certBlock(ofOld) + certBlock(old.cert) + pkcs1, "", "callroll Old"},
		"CR LF":                         {strings.ReplaceAll(good, "\n", "\r\n"), "", whole},
		"white space around":            {"\n" + good + "\n \r\n\t", "", whole},
		"no final new line":             {strings.TrimSpace(good), "", whole},
		"byte order marks of its parts": {"\ufeff" + strings.ReplaceAll(good, "-----BEGIN", "\ufeff-----BEGIN"), "", whole},
		"explanatory text":              {explained, "", whole},
		"PFX":                           {pfx(t, pkcs12.Modern, key, password, leaf, middle.cert, root.cert), password, whole},
		"PFX, PBMAC1":                   {pfx(t, pkcs12.Modern2026, key, password, leaf, middle.cert), password, "callroll Middle"},
		"PFX, DES":                      {pfx(t, pkcs12.LegacyDES, key, password, leaf, middle.cert), password, "callroll Middle"},
		"PFX, RC2":                      {pfx(t, pkcs12.LegacyRC2, key, password, leaf), password, "callroll"},
		"PFX, chain reversed":           {pfx(t, pkcs12.Modern, key, password, root.cert, middle.cert, leaf), password, whole},
		"PFX, empty password":           {pfx(t, pkcs12.Modern, key, "", leaf), "", "callroll"},
		"PFX, not encrypted":            {pfx(t, pkcs12.Passwordless, key, "", leaf), "", "callroll"},
	} {
		got, err := certificate.Parse([]byte(test.data), secret.New(test.password), now)
		if err != nil || names(got) != test.want || !got.Key.Equal(key) {
			t.Errorf("%s: %q, %v; want %q", name, names(got), err, test.want)
			continue
		}
		if !key.PublicKey.Equal(got.Leaf().PublicKey) {
			t.Errorf("%s: the leaf is not the certificate of the key", name)
		}
		if want := strings.ToUpper(fmt.Sprintf("%x", sha1.Sum(got.Leaf().Raw))); got.Thumbprint() != want {
			t.Errorf("%s: thumbprint %s; want %s", name, got.Thumbprint(), want)
		}
		if _, err := confidential.NewCredFromCert(got.Chain, got.Key); err != nil {
			t.Errorf("%s: MSAL: %v", name, err)
		}
	}
}

// A certificate is valid at both ends of its time.
func TestValidity(t *testing.T) {
	leaf := certify(t, "callroll", rsaKey(), nil)
	data := []byte(certBlock(leaf) + keyBlock(t, rsaKey()))
	for at, want := range map[time.Time]bool{
		leaf.NotBefore.Add(-1): false, leaf.NotBefore: true, leaf.NotAfter: true, leaf.NotAfter.Add(1): false,
	} {
		if _, err := certificate.Parse(data, secret.String{}, at); (err == nil) != want {
			t.Errorf("at %v: %v; want valid = %v", at, err, want)
		}
	}
}

// What prints a whole certificate does not print its key.
func TestCertificateDoesNotPrintItsKey(t *testing.T) {
	data := certBlock(certify(t, "callroll", rsaKey(), nil)) + keyBlock(t, rsaKey())
	got, err := certificate.Parse([]byte(data), secret.String{}, now)
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	hidden := []string{rsaKey().D.String(), rsaKey().Primes[0].String(), fmt.Sprintf("%x", rsaKey().D)}
	for _, text := range []string{string(encoded), fmt.Sprint(got), fmt.Sprintf("%+v", got), fmt.Sprintf("%#v", got)} {
		if slices.ContainsFunc(hidden, func(h string) bool { return strings.Contains(text, h) }) {
			t.Errorf("the key is in %q", text)
		}
	}
}

// FuzzParse checks that no input makes Parse panic, and that each result is usable. One iteration in PFX keeps it fast.
func FuzzParse(f *testing.F) {
	leaf := certify(f, "callroll", rsaKey(), nil)
	f.Add([]byte(certBlock(leaf) + keyBlock(f, rsaKey())))
	f.Add([]byte(certBlock(leaf)))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"))
	f.Add([]byte(pfx(f, pkcs12.Passwordless, rsaKey(), "", leaf)))
	f.Add([]byte(pfx(f, pkcs12.Modern.WithIterations(1), rsaKey(), "", leaf)))
	f.Add([]byte(pfx(f, pkcs12.LegacyDES.WithIterations(1), rsaKey(), "", leaf)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range []string{"", password} {
			got, err := certificate.Parse(data, secret.New(p), now)
			if err != nil {
				if strings.Contains(err.Error(), password) || got.Key != nil {
					t.Errorf("%v, with the password or a key", err)
				}
				continue
			}
			if !got.Key.PublicKey.Equal(got.Leaf().PublicKey) || len(got.Thumbprint()) != 40 {
				t.Errorf("the key does not fit the certificate %s", got.Thumbprint())
			}
		}
	})
}
