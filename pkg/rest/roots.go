package rest

import (
	"context"
	"crypto/x509"
	"fmt"
	"regexp"

	"github.com/callroll/callroll/pkg/textfile"
)

// maxCAFile is far above the size of every root there is.
const maxCAFile = 16 << 20

// ReadRoots returns the system's root certificates and those of a PEM file. Without a file it returns nil, which means the
// system's. A pipe is waited for as long as the context says.
func ReadRoots(ctx context.Context, path string) (*x509.CertPool, error) {
	if path == "" {
		return nil, nil
	}
	text, _, err := textfile.Read(ctx, path, maxCAFile)
	if err != nil {
		return nil, err
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = x509.NewCertPool()
	}
	if !roots.AppendCertsFromPEM(separated(text)) {
		return nil, fmt.Errorf("%s holds no PEM certificate", path)
	}
	return roots, nil
}

// separated gives each line that begins or ends a PEM block a line of its own. RFC 7468 §2 wants that, and files that were
// put together from several, or went through a variable, do not have it.
func separated(text []byte) []byte {
	return regexp.MustCompile(`-----(BEGIN|END) [A-Z0-9 ]+-----`).ReplaceAll(text, []byte("\n$0\n"))
}
