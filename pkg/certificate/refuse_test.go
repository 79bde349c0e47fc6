package certificate_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/callroll/callroll/pkg/certificate"
	"github.com/callroll/callroll/pkg/secret"
)

// The errors of more than one mistake.
const (
	noKey         = "the file has no private key"
	noCert        = "the file has a private key, but no certificate"
	twoKeys       = "the file has more than one private key"
	isEC          = "the private key is an EC key, but Entra accepts only RSA"
	notRSA        = "the private key is not an RSA key, but Entra accepts only RSA"
	tooShort      = "the RSA key has only 1024 bits, which is too short"
	noFit         = "the private key does not fit any certificate of the file"
	noIssuer      = ` is no issuer of the certificate of "CN=callroll"`
	expiredOn     = " expired on 2026-06-30 12:00 UTC"
	notEncrypted  = "a password is set, but the file is not encrypted"
	encryptedPEM  = "the private key is encrypted, which is supported only in PFX files"
	badKey        = "is a private key that is damaged, or of a kind other than RSA"
	badBlock      = "is damaged or cut"
	wrongPassword = "the password does not fit the PFX file"
	needsPassword = "the PFX file needs a password"
	notPFX        = "the file is in DER, but it is not PFX"
	neither       = "the file is neither PEM nor PFX"
)

// mistakes are files, each with a password and the error.
type mistakes map[string]struct{ data, password, want string }

// check checks that each mistake has its error and a hint, and that neither contains the password or part of a key.
func (m mistakes) check(t *testing.T) {
	t.Helper()
	for name, test := range m {
		got, err := certificate.Parse([]byte(test.data), secret.New(test.password), now)
		refusal, ok := errors.AsType[*certificate.Error](err)
		if !ok || err.Error() != test.want {
			t.Errorf("%s: %v; want %s", name, err, test.want)
			continue
		}
		if refusal.Hint() == "" || got.Key != nil || got.Chain != nil {
			t.Errorf("%s: hint %q, %v; want a hint and nothing else", name, refusal.Hint(), got)
		}
		said := err.Error() + refusal.Hint()
		if strings.Contains(said, password) || leaks(said, pkcs8(t, rsaKey())) || leaks(said, pkcs8(t, otherKey())) {
			t.Errorf("%s: %q shows a secret", name, said)
		}
	}
}

// leaks reports whether text has eight characters in a row of the base64 of a key.
func leaks(text string, der []byte) bool {
	encoded := base64.StdEncoding.EncodeToString(der)
	const row = 8
	for i := 0; i+row <= len(text); i++ {
		if strings.Contains(encoded, text[i:i+row]) {
			return true
		}
	}
	return false
}

func TestRefusedCertificates(t *testing.T) {
	key := rsaKey()
	ends := func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }
	root := authority(t, "Root", nil)
	middle, sameName := authority(t, "Middle", root), authority(t, "Middle", root)
	leaf, issued := certify(t, "callroll", key, nil), certify(t, "callroll", key, middle)
	future := certify(t, "callroll", key, nil, func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 0, 1) })
	expired, long := certify(t, "callroll", key, nil, ends), certify(t, strings.Repeat("long", 99), key, nil, ends)
	good, pem := certBlock(leaf)+keyBlock(t, key), keyBlock(t, key)
	renewed := certify(t, "callroll", key, nil)
	gap := pfx(t, pkcs12.Modern, key, password, issued, root.cert)
	mistakes{
		"expired":        {certBlock(expired) + pem, "", `the certificate of "CN=callroll"` + expiredOn},
		"expired in PFX": {pfx(t, pkcs12.Modern, key, password, expired), password, `the certificate of "CN=callroll"` + expiredOn},
		"long subject":   {certBlock(long) + pem, "", `the certificate of "CN=` + strings.Repeat("long", 14) + `l…"` + expiredOn},
		"not yet valid": {certBlock(future) + pem, "",
			`the certificate of "CN=callroll" is not valid before 2026-07-02 12:00 UTC`},
		"no certificate":       {pem, "", noCert},
		"renewed with one key": {good + certBlock(renewed), "", "the file has more than one certificate for its private key"},
		"two leaves":           {good + certBlock(certify(t, "x", otherKey(), nil)), "", `the certificate of "CN=x"` + noIssuer},
		"gap":                  {certBlock(issued) + certBlock(root.cert) + pem, "", `the certificate of "CN=Root"` + noIssuer},
		"gap in PFX":           {gap, password, `the certificate of "CN=Root"` + noIssuer},
		"same name":            {certBlock(issued) + certBlock(sameName.cert) + pem, "", `the certificate of "CN=Middle"` + noIssuer},
	}.check(t)
}

func TestRefusedKeys(t *testing.T) {
	key := rsaKey()
	leaf, ofEC, ofShort := certify(t, "x", key, nil), certify(t, "x", ecKey(), nil), certify(t, "x", shortKey(), nil)
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ecKey())
	if err != nil {
		t.Fatal(err)
	}
	pkcs1 := block("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(key))
	encrypted := strings.Replace(pkcs1, "\n", "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\n", 1)
	openSSH := block("OPENSSH PRIVATE KEY", nil)
	mistakes{
		"none":                 {certBlock(leaf), "", noKey},
		"two":                  {certBlock(leaf) + pkcs1 + keyBlock(t, otherKey()), "", twoKeys},
		"two, PFX":             {bareKeys(t, key, otherKey()), "", twoKeys},
		"EC":                   {certBlock(ofEC) + keyBlock(t, ecKey()), "", isEC},
		"EC, SEC 1":            {certBlock(ofEC) + block("EC PRIVATE KEY", sec1), "", isEC},
		"EC, PFX":              {pfx(t, pkcs12.Modern, ecKey(), password, ofEC), password, isEC},
		"Ed25519":              {certBlock(leaf) + keyBlock(t, ed), "", notRSA},
		"DSA":                  {certBlock(leaf) + block("DSA PRIVATE KEY", nil), "", notRSA},
		"short":                {certBlock(ofShort) + keyBlock(t, shortKey()), "", tooShort},
		"of another":           {certBlock(leaf) + keyBlock(t, otherKey()), "", noFit},
		"of another, EC":       {certBlock(ofEC) + pkcs1, "", noFit},
		"encrypted, PKCS #8":   {certBlock(leaf) + block("ENCRYPTED PRIVATE KEY", nil), password, encryptedPEM},
		"encrypted, PKCS #1":   {certBlock(leaf) + encrypted, password, encryptedPEM},
		"not encrypted":        {certBlock(leaf) + pkcs1, password, notEncrypted},
		"damaged, PKCS #8":     {block("PRIVATE KEY", pkcs8(t, key)[:99]), "", "PEM block 1 of the file " + badKey},
		"PKCS #8 as PKCS #1":   {block("RSA PRIVATE KEY", pkcs8(t, key)), "", "PEM block 1 of the file " + badKey},
		"the format of others": {certBlock(leaf) + openSSH, "", "PEM block 2 of the file is a private key in the format of OpenSSH"},
	}.check(t)
}

func TestRefusedPEM(t *testing.T) {
	leaf := certify(t, "callroll", rsaKey(), nil)
	good, request := certBlock(leaf)+keyBlock(t, rsaKey()), block("CERTIFICATE REQUEST", nil)
	noBegin := strings.Replace(good, "-----BEGIN", "BEGIN", 1)
	noEnd := strings.Replace(good, "-----END CERTIFICATE-----", "", 1)
	fewDashes := strings.Replace(good, "-----BEGIN", "--BEGIN", 1)
	mistakes{
		"public key":          {block("PUBLIC KEY", nil), "", "PEM block 1 of the file is a public key"},
		"request":             {good + request, "", "PEM block 3 of the file is a certificate signing request (CSR)"},
		"PKCS #7":             {block("PKCS7", nil), "", "PEM block 1 of the file is PKCS #7"},
		"unknown":             {block(password, nil), "", "PEM block 1 of the file is neither a certificate nor a private key"},
		"damaged certificate": {block("CERTIFICATE", leaf.Raw[:99]), "", "PEM block 1 of the file is a damaged certificate"},
		"no begin":            {noBegin, "", "PEM block 1 of the file " + badBlock},
		"few dashes":          {fewDashes, "", "PEM block 1 of the file " + badBlock},
		"no end":              {noEnd, "", "PEM block 1 of the file " + badBlock},
		"cut":                 {good[:len(good)-50], "", "PEM block 2 of the file " + badBlock},
		"end alone":           {good + "-----END CERTIFICATE-----\n", "", "PEM block 3 of the file " + badBlock},
		"all in one line":     {strings.ReplaceAll(good, "\n", " "), "", "PEM block 1 of the file " + badBlock},
		"trailing text":       {good + "and so on\n", "", "the file has text after its last PEM block"},
	}.check(t)
}

func TestRefusedPFX(t *testing.T) {
	key, leaf := rsaKey(), certify(t, "callroll", rsaKey(), nil)
	store, err := pkcs12.Modern.EncodeTrustStore([]*x509.Certificate{leaf}, password)
	if err != nil {
		t.Fatal(err)
	}
	modern, legacy := pfx(t, pkcs12.Modern, key, password, leaf), pfx(t, pkcs12.LegacyDES, key, password, leaf)
	bare := pfx(t, pkcs12.Passwordless, key, "", leaf)
	signed := strings.Replace(modern, "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01", "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02", 1)
	mistakes{
		"no key":                {string(store), password, noKey},
		"no certificate":        {bareKeys(t, key), "", noCert},
		"wrong password":        {modern, "wrong", wrongPassword},
		"wrong password, DES":   {legacy, "wrong", wrongPassword},
		"no password":           {modern, "", needsPassword},
		"no password, DES":      {legacy, "", needsPassword},
		"password beyond UCS-2": {modern, password + "😀", "the password has a character that is not supported in PFX files"},
		"not encrypted":         {bare, password, notEncrypted},
		"no MAC":                {withoutMAC(t, modern), password, "the PFX file has no MAC, so that its password cannot be checked"},
		"trailing data":         {modern + "\n", password, "the file has more data after the end of the PFX"},
		"cut":                   {modern[:len(modern)-1], password, "the file is damaged or cut"},
		"signed, not encrypted": {signed, password,
			"the PFX file is damaged, or has a kind of key or encryption that is not supported"},
		"BER": {"\x30\x80\x02\x01\x03\x30\x80", password, "the file is in BER, not in DER"},
		"base64": {base64.StdEncoding.EncodeToString([]byte(modern)) + "\n", password,
			"the file is base64 without the lines of PEM"},
	}.check(t)
}

func TestRefusedOtherFiles(t *testing.T) {
	request, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{}, rsaKey())
	if err != nil {
		t.Fatal(err)
	}
	leaf := certify(t, "callroll", rsaKey(), nil)
	mistakes{
		"certificate in DER":       {string(leaf.Raw), "", "the file is only a certificate, without its private key"},
		"key in DER":               {string(pkcs8(t, rsaKey())), "", notPFX},
		"request in DER":           {string(request), "", notPFX},
		"a secret":                 {password, "", neither},
		"text that begins like it": {"0123", "", neither},
		"one byte":                 {"0", "", neither},
		"empty":                    {"", "", neither},
	}.check(t)
}
