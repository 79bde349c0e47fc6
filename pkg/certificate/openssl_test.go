package certificate_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/callroll/callroll/pkg/certificate"
	"github.com/callroll/callroll/pkg/secret"
)

// What openssl itself writes is read, and the conversions that hints propose lead to a file that is read.
func TestOpenSSL(t *testing.T) {
	if version, err := exec.Command("openssl", "version").Output(); err != nil || !strings.HasPrefix(string(version), "OpenSSL 3") {
		t.Skipf("OpenSSL 3 is not installed: %s %v", version, err)
	}
	dir := t.TempDir()
	run := func(args string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "openssl", strings.Fields(args)...)
		cmd.Dir, cmd.Env = dir, append(os.Environ(), "PASSWORD="+password)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("openssl %s: %v\n%s", args, err, out)
		}
		return string(out)
	}
	read := func(name string) []byte {
		t.Helper()
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("key.pem", []byte(keyBlock(t, rsaKey())))
	run("req -x509 -key key.pem -subj /CN=callroll -days 2 -out cert.pem")
	write("good.pem", append(read("cert.pem"), read("key.pem")...))
	run("pkcs12 -export -in good.pem -out good.pfx -passout env:PASSWORD -name callroll")
	run("pkcs12 -export -in good.pem -out empty.pfx -passout pass:")
	run("pkcs12 -export -in good.pem -out plain.pfx -keypbe NONE -certpbe NONE -nomac -passout pass:")
	run("pkcs12 -export -in good.pem -out nomac.pfx -nomac -passout env:PASSWORD")
	run("pkcs12 -export -in good.pem -out nokey.pfx -nokeys -passout env:PASSWORD")
	run("pkcs12 -export -in good.pem -out nocert.pfx -nocerts -passout env:PASSWORD")
	run("pkcs12 -nodes -in good.pfx -out nodes.pem -passin env:PASSWORD")
	run("pkcs12 -in good.pfx -out encrypted.pem -passin env:PASSWORD -passout env:PASSWORD")
	run("pkcs12 -export -in encrypted.pem -out converted.pfx -passin env:PASSWORD -passout env:PASSWORD")
	run("pkcs8 -topk8 -nocrypt -in encrypted.pem -out decrypted.pem -passin env:PASSWORD")
	write("decrypted.pem", append(read("decrypted.pem"), read("cert.pem")...))
	run("rsa -traditional -aes256 -in key.pem -out traditional.pem -passout env:PASSWORD")
	run("crl2pkcs7 -nocrl -certfile cert.pem -out certs.p7b")
	run("pkcs7 -print_certs -in certs.p7b -out printed.pem")
	write("printed.pem", append(read("printed.pem"), read("key.pem")...))
	thumbprint := run("x509 -in cert.pem -noout -fingerprint -sha1")
	thumbprint = strings.ReplaceAll(strings.TrimSpace(thumbprint[strings.Index(thumbprint, "=")+1:]), ":", "")

	for name, want := range map[string]string{
		"good.pem": "", "good.pfx": "", "empty.pfx": "", "plain.pfx": "", "nodes.pem": "", "converted.pfx": "",
		"decrypted.pem": "", "printed.pem": "", "nomac.pfx": "the PFX file has no MAC", "nokey.pfx": noKey, "nocert.pfx": noCert,
		"encrypted.pem": encryptedPEM, "traditional.pem": encryptedPEM, "certs.p7b": "PEM block 1 of the file is PKCS #7",
	} {
		var given secret.String
		if strings.HasSuffix(name, ".pfx") && name != "empty.pfx" && name != "plain.pfx" {
			given = secret.New(password)
		}
		got, err := certificate.Parse(read(name), given, time.Now())
		switch {
		case want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)):
			t.Errorf("%s: %v; want %s", name, err, want)
		case want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case want == "" && got.Thumbprint() != thumbprint:
			t.Errorf("%s: thumbprint %s; openssl says %s", name, got.Thumbprint(), thumbprint)
		}
	}
}
