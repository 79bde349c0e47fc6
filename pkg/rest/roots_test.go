package rest_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/callroll/callroll/pkg/rest"
)

// All certificates of a file count, however it was written and put together.
func TestReadRoots(t *testing.T) {
	want, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	first, second := root(t, want, 1), root(t, want, 2)
	joined := strings.TrimRight(first, "\n") + second
	for name, written := range map[string]string{
		"as openssl writes it":             first + second,
		"joined":                           joined,
		"with text before it":              "Issuer: T\xfcrktrust\n" + first + "\n\nserial 2\n" + second,
		"Windows lines":                    strings.ReplaceAll(first+second, "\n", "\r\n"),
		"old Mac lines":                    strings.ReplaceAll(first+second, "\n", "\r"),
		"on one line":                      strings.ReplaceAll(joined, "\n", " "),
		"UTF-8 with marks":                 "\ufeff" + first + "\ufeff" + second,
		"UTF-16":                           little(first + second),
		"joined in UTF-16, without an end": little(strings.TrimRight(joined, "\n")),
	} {
		path := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(path, []byte(written), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := rest.ReadRoots(t.Context(), path)
		if err != nil || !got.Equal(want) {
			t.Errorf("%s: %v; want both certificates", name, err)
		}
	}
}

// root makes a certificate, puts it into a pool and returns it as PEM.
func root(t *testing.T, pool *x509.CertPool, serial int64) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool.AddCert(certificate)
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

// little returns text in UTF-16 with a byte order mark, as Windows PowerShell writes it.
func little(text string) string {
	var out bytes.Buffer
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		out.Write([]byte{byte(unit), byte(unit >> 8)})
	}
	return out.String()
}
