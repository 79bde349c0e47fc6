package certificate

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"

	"github.com/callroll/callroll/pkg/secret"
)

// Programs write explanatory text before a PEM block (RFC 7468 §5.2). It must not contain these, which begin and end a block.
const (
	begin = "--BEGIN "
	end   = "--END "
)

// isPEM reports whether data has at least the beginning of a PEM block.
func isPEM(data []byte) bool { return bytes.Contains(data, []byte(begin)) }

func readPEM(data []byte, password secret.String) (contents, error) {
	// When files are joined, each part may begin with a byte order mark.
	data = bytes.ReplaceAll(data, []byte("\ufeff"), nil)
	var found contents
	for n := 1; ; n++ {
		block, rest := pem.Decode(data)
		if block == nil {
			break
		}
		// pem.Decode leaves out blocks that it cannot read. Then there is more than one beginning or end.
		decoded := data[:len(data)-len(rest)]
		if bytes.Count(decoded, []byte(begin)) != 1 || bytes.Count(decoded, []byte(end)) != 1 {
			return contents{}, damaged(n)
		}
		if err := found.add(block, n); err != nil {
			return contents{}, err
		}
		data = rest
	}
	switch {
	case bytes.Contains(data, []byte(begin)) || bytes.Contains(data, []byte(end)):
		return contents{}, damaged(len(found.certificates) + len(found.keys) + 1)
	case len(bytes.TrimSpace(data)) > 0:
		return contents{}, &Error{"the file has text after its last PEM block", "remove the text, or copy the file again"}
	case !password.IsZero():
		return contents{}, errNotEncrypted
	}
	return found, nil
}

// inBlock returns the error of block n of a PEM file.
func inBlock(n int, what, hint string) error {
	return &Error{fmt.Sprintf("PEM block %d of the file %s", n, what), hint}
}

// damaged returns the error of block n.
func damaged(n int) error {
	return inBlock(n, "is damaged or cut", "copy the file again, with each of its lines on a line of its own")
}

// add adds what a PEM block contains. The block is number n of the file.
func (c *contents) add(block *pem.Block, n int) error {
	if block.Headers["DEK-Info"] != "" || block.Type == "ENCRYPTED PRIVATE KEY" {
		return &Error{"the private key is encrypted, which is supported only in PFX files",
			"convert the file: " + makePFX + "; or decrypt the key: openssl pkcs8 -topk8 -nocrypt -in FILE -out KEY.pem"}
	}
	switch block.Type {
	case "CERTIFICATE":
		parsed, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return inBlock(n, "is a damaged certificate", again)
		}
		c.certificates = append(c.certificates, parsed)
	case "PRIVATE KEY":
		key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
		return c.addKey(key, err, n)
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		return c.addKey(key, err, n)
	default:
		return refused(block.Type, n)
	}
	return nil
}

func (c *contents) addKey(key any, err error, n int) error {
	if err != nil {
		return inBlock(n, "is a private key that is damaged, or of a kind other than RSA", again+", or "+makeRSA)
	}
	c.keys = append(c.keys, key)
	return nil
}

// refused returns the error of a PEM block of another type. It shows no type that it does not know: it may be anything.
func refused(kind string, n int) error {
	switch kind {
	case "EC PRIVATE KEY", "EC PARAMETERS":
		return errEC
	case "DSA PRIVATE KEY":
		return errNotRSA
	case "OPENSSH PRIVATE KEY":
		return inBlock(n, "is a private key in the format of OpenSSH", "convert it to PEM: ssh-keygen -p -m PEM -f FILE")
	case "PUBLIC KEY", "RSA PUBLIC KEY":
		return inBlock(n, "is a public key", onlyThese)
	case "CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST":
		return inBlock(n, "is a certificate signing request (CSR)", "replace it by the certificate that was issued for it")
	case "PKCS7", "CMS":
		return inBlock(n, "is PKCS #7", "convert it to certificates: openssl pkcs7 -print_certs -in FILE -out CERTIFICATES.pem")
	default:
		return inBlock(n, "is neither a certificate nor a private key", onlyThese)
	}
}
