package main

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/sandbox"
)

// results returns the results and texts of checks, one line for each.
func results(c *checkup) string {
	var lines []string
	for _, check := range c.checks {
		lines = append(lines, string(check.Result)+" "+check.Text)
	}
	return strings.Join(lines, "\n")
}

func TestDoctorOnTheDisk(t *testing.T) {
	for _, c := range []struct {
		free   uint64
		shared string
		want   string
	}{
		{enoughSpace, "", ""},
		{enoughSpace - 1, "", "warn 99 MiB are free on the disk of /state"},
		{1 << 40, "NFS", "warn /state is on NFS, where the lock against a second run may not hold"},
	} {
		found := &checkup{}
		found.space("/state", c.free, c.shared)
		if got := results(found); got != c.want {
			t.Errorf("%d bytes and %q: %s, want %s", c.free, c.shared, got, c.want)
		}
	}
}

func TestDoctorOnAFolderOfAnotherUser(t *testing.T) {
	for user, want := range map[int]string{998: "", 0: "warn /state belongs to user 998, and this is user 0"} {
		found := &checkup{}
		if found.owner("/state", 998, user); results(found) != want {
			t.Errorf("user %d: %s, want %q", user, results(found), want)
		}
	}
}

func TestDoctorOnAHostThatIsNotReached(t *testing.T) {
	issuer := &x509.Certificate{Issuer: pkix.Name{CommonName: "Corp Root"}}
	for _, c := range []struct {
		err        error
		want, hint string
	}{
		{&net.DNSError{Name: "h.example", IsNotFound: true}, "the DNS has no host h.example", "the region and the addresses"},
		{&net.DNSError{Name: "h.example", IsTimeout: true}, "the DNS did not answer about h.example", "the DNS of this machine"},
		{
			&tls.CertificateVerificationError{UnverifiedCertificates: []*x509.Certificate{issuer}, Err: errors.New("x")},
			"the certificate is not trusted: it is by Corp Root", "ca_file",
		},
		{errors.New("connection refused"), "connection refused", ""},
	} {
		found := &checkup{app: &app{redact: rest.NewRedactor()}}
		found.unreached("h.example", "directly", c.err)
		one := found.checks[0]
		if one.Text != "h.example, directly: "+c.want || !strings.Contains(one.Hint, c.hint) || found.status() != report.Unavailable {
			t.Errorf("%v: %+v", c.err, one)
		}
	}
}

// A change that somebody else undoes after each run shows that there is a second master.
func TestDoctorFindsASecondMaster(t *testing.T) {
	t.Parallel()
	dir := play(t, "[]")
	doctor := func() string { return timed(t.Context(), t, dir, "doctor").stdout }
	const says = "warn  Night Shift: somebody else keeps undoing what callroll does about 1 person: lucia.herrera@contoso.com"
	for range 3 {
		if strings.Contains(doctor(), "keeps undoing") {
			t.Error("doctor finds a second master too early")
		}
		timed(t.Context(), t, dir, "sync", "--group", "Night Shift")
		world, err := sandbox.Open(dir)
		do(t, err)
		do(t, world.Edit(func(_ *sandbox.Entra, org *sandbox.Genesys) {
			lucia := org.Users[slices.IndexFunc(org.Users, func(u sandbox.GenesysUser) bool { return u.UserName == "lucia.herrera@contoso.com" })]
			g := genesysGroup(org, "Night Shift")
			g.Members = slices.DeleteFunc(g.Members, func(m sandbox.GenesysMember) bool { return m.Value == lucia.ID })
			g.Version++
		}))
		do(t, world.Close())
	}
	if got := doctor(); !strings.Contains(got, says) {
		t.Errorf("doctor says %s", got)
	}
}
