package certificate_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"sync"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

const password = "correct-Horse-7-staple"

var now = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)

// The keys are made once, because this takes long.
var (
	rsaKey   = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	otherKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(2048) })
	shortKey = sync.OnceValue(func() *rsa.PrivateKey { return newRSA(1024) })
	ecKey    = sync.OnceValue(newEC)
)

func newRSA(bits int) *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		panic(err)
	}
	return key
}

func newEC() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return key
}

// issuer is an authority that issues certificates.
type issuer struct {
	cert *x509.Certificate
	key  crypto.Signer
}

// certify returns a certificate for a key. Without an issuer it is signed with the key itself.
func certify(t testing.TB, name string, key crypto.Signer, by *issuer, change ...func(*x509.Certificate)) *x509.Certificate {
	t.Helper()
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: name},
		NotBefore: now.AddDate(0, -1, 0), NotAfter: now.AddDate(0, 1, 0),
	}
	for _, c := range change {
		c(template)
	}
	if by == nil {
		by = &issuer{template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, key.Public(), by.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert
}

// authority returns an issuer with a key of its own.
func authority(t testing.TB, name string, by *issuer) *issuer {
	t.Helper()
	key := newEC()
	return &issuer{certify(t, name, key, by, func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true }), key}
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func certBlock(c *x509.Certificate) string { return block("CERTIFICATE", c.Raw) }

func pkcs8(t testing.TB, key any) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return der
}

func keyBlock(t testing.TB, key any) string {
	t.Helper()
	return block("PRIVATE KEY", pkcs8(t, key))
}

func pfx(t testing.TB, enc *pkcs12.Encoder, key any, secret string, cert *x509.Certificate, issuers ...*x509.Certificate) string {
	t.Helper()
	data, err := enc.Encode(key, cert, issuers, secret)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// sequence returns a sequence in DER.
func sequence(t testing.TB, parts ...any) []byte {
	t.Helper()
	var all []byte
	for _, part := range parts {
		der, err := asn1.Marshal(part)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, der...)
	}
	der, err := asn1.Marshal(asn1.RawValue{Tag: asn1.TagSequence, IsCompound: true, Bytes: all})
	if err != nil {
		t.Fatal(err)
	}
	return der
}

// bareKeys returns a PFX file with keys and nothing else, without encryption (RFC 7292 §4).
func bareKeys(t testing.TB, keys ...any) string {
	t.Helper()
	explicit := func(der []byte) asn1.RawValue {
		return asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: der}
	}
	data := func(der []byte) asn1.RawValue { // ContentInfo
		octets, err := asn1.Marshal(der)
		if err != nil {
			t.Fatal(err)
		}
		return asn1.RawValue{FullBytes: sequence(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}, explicit(octets))}
	}
	var bags []any
	for _, key := range keys {
		bag := sequence(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}, explicit(pkcs8(t, key)))
		bags = append(bags, asn1.RawValue{FullBytes: bag})
	}
	return string(sequence(t, 3, data(sequence(t, data(sequence(t, bags...))))))
}

// withoutMAC returns a PFX file without its MAC, as openssl pkcs12 -nomac writes it.
func withoutMAC(t testing.TB, data string) string {
	t.Helper()
	var pfx struct {
		Version  int
		AuthSafe asn1.RawValue
		MacData  asn1.RawValue
	}
	if _, err := asn1.Unmarshal([]byte(data), &pfx); err != nil {
		t.Fatal(err)
	}
	return string(sequence(t, pfx.Version, pfx.AuthSafe))
}
