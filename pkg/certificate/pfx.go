package certificate

import (
	"bytes"
	"crypto/x509"
	"encoding/asn1"
	"encoding/base64"
	"errors"
	"strings"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/callroll/callroll/pkg/secret"
)

// read tells the formats apart by the content and reads the certificates and keys.
func read(data []byte, password secret.String) (contents, error) {
	switch {
	case isPEM(data):
		return readPEM(data, password)
	case isDER(data):
		return readDER(data, password)
	case isDER(decodeBase64(data)):
		return contents{}, &Error{"the file is base64 without the lines of PEM", "if it is PFX, decode it: base64 -d FILE > FILE.pfx"}
	}
	return contents{}, &Error{"the file is neither PEM nor PFX", together}
}

// isDER reports whether data begins like PFX and everything else in DER or BER that may be in its place: a sequence of more
// than 127 bytes. UTF-8 text never begins like this.
func isDER(data []byte) bool { return len(data) > 1 && data[0] == 0x30 && data[1] >= 0x80 }

// decodeBase64 returns the first bytes of base64 text, or nil. Key Vault and the secrets of pipelines keep PFX files in base64.
func decodeBase64(data []byte) []byte {
	const some = 4
	data = bytes.TrimSpace(data)
	first, err := base64.StdEncoding.DecodeString(string(data[:min(some, len(data))]))
	if err != nil {
		return nil
	}
	return first
}

func readDER(data []byte, password secret.String) (contents, error) {
	var pfx struct { // RFC 7292 §4
		Version  int
		AuthSafe asn1.RawValue
		MacData  asn1.RawValue `asn1:"optional"`
	}
	const version = 3
	rest, err := asn1.Unmarshal(data, &pfx)
	_, notCertificate := x509.ParseCertificate(data)
	switch {
	case data[1] == 0x80: // BER with indefinite length, as some programs write it
		return contents{}, &Error{"the file is in BER, not in DER", "convert it to PEM: openssl pkcs12 -nodes -in FILE -out FILE.pem"}
	case notCertificate == nil:
		return contents{}, &Error{"the file is only a certificate, without its private key", together}
	case err != nil && errors.As(err, new(asn1.SyntaxError)):
		return contents{}, &Error{"the file is damaged or cut", again}
	case err != nil || pfx.Version != version:
		return contents{}, &Error{"the file is in DER, but it is not PFX", together}
	case len(rest) > 0:
		return contents{}, &Error{"the file has more data after the end of the PFX", again}
	}
	return readPFX(data, password, len(pfx.MacData.FullBytes) > 0)
}

// readPFX reads a PFX file, which has a MAC or not. The library reads a file without one only if the password is empty.
func readPFX(data []byte, password secret.String, mac bool) (contents, error) {
	value := password.Reveal()
	if !mac {
		value = ""
	}
	key, leaf, issuers, err := pkcs12.DecodeChain(data, value)
	switch {
	case err == nil && !mac && !password.IsZero():
		return contents{}, errNotEncrypted
	case err == nil:
		return contents{append([]*x509.Certificate{leaf}, issuers...), []any{key}}, nil
	case errors.Is(err, pkcs12.ErrIncorrectPassword) && password.IsZero():
		return contents{}, &Error{"the PFX file needs a password", "set " + passwords}
	case errors.Is(err, pkcs12.ErrIncorrectPassword):
		return contents{}, &Error{"the password does not fit the PFX file", "check " + passwords}
	}
	// The library has no other error values.
	switch text := err.Error(); {
	case strings.HasSuffix(text, "certificate missing"):
		return contents{}, errNoCertificate
	case strings.HasSuffix(text, "private key missing"):
		return contents{}, errNoKey
	case strings.HasSuffix(text, "exactly one key bag"):
		return contents{}, errTwoKeys
	case strings.HasSuffix(text, "cannot be encoded in UCS-2"):
		return contents{}, &Error{"the password has a character that is not supported in PFX files",
			"export the file with another password"}
	case !mac:
		return contents{}, &Error{"the PFX file has no MAC, so that its password cannot be checked", "export it again with a MAC"}
	}
	return contents{}, &Error{"the PFX file is damaged, or has a kind of key or encryption that is not supported",
		"make it again: openssl pkcs12 -export -in FILE.pem -out FILE.pfx"}
}
