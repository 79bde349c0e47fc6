package main

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/pairing"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/secret"
)

// typing returns the answers of somebody who typed both secrets, for a configuration in dir.
func typing(t *testing.T, dir string) *answers {
	t.Helper()
	a, err := newAnswers(t.Context(), filepath.Join(dir, "callroll.yaml"), map[string]string{
		"entra.tenant_id": "contoso.onmicrosoft.com", "entra.client_id": "d10823e6-32e0-4347-a638-f52386e3cd30",
		"entra.auth": "secret", "genesys.region": "mypurecloud.ie", "genesys.client_id": "b8bd7960-c0bb-4af1-b866-febe94793aef",
	}, config.Options{Path: "callroll.yaml", Draft: []byte("groups:\n")})
	do(t, err)
	for _, q := range allQuestions() {
		switch {
		case q.typed && strings.HasPrefix(q.key, "entra.client"):
			do(t, a.set(q, entraLike))
		case q.typed && strings.HasPrefix(q.key, "genesys"):
			do(t, a.set(q, genesysLike))
		case q.isWhere() && q.applies(a):
			do(t, a.set(q, inPrompt))
		}
	}
	return a
}

// leftovers returns what is in a folder besides the names that are known.
func leftovers(t *testing.T, dir string, known ...string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	do(t, err)
	var out []string
	for _, e := range entries {
		if !strings.Contains(" "+strings.Join(known, " ")+" ", " "+e.Name()+" ") {
			out = append(out, e.Name())
		}
	}
	return out
}

// A secret that was typed is in its file and nowhere else.
func TestTypedSecret(t *testing.T) {
	dir := t.TempDir()
	a := typing(t, dir)
	var said bytes.Buffer
	i := &initialization{app: &app{stderr: &said}, flags: &initFlags{}, answers: a}
	do(t, i.write(report.Proposal{}))
	encoded, err := json.Marshal(a.options(config.Options{}).Secrets)
	do(t, err)
	shown := said.String() + fmt.Sprintf("%v %+v %#v %s %s", a, *a, a.options(config.Options{}), secret.Panic(a), encoded) +
		file(t, dir, "callroll.yaml")
	for name, s := range map[string]string{"callroll-entra.secret": entraLike, "callroll-genesys.secret": genesysLike} {
		if got := file(t, dir, name); got != s+"\n" {
			t.Errorf("%s has %q", name, got)
		}
		if strings.Contains(shown, s) {
			t.Errorf("the secret of %s is in\n%s", name, shown)
		}
	}
	c, err := config.Load(t.Context(), config.Options{Path: a.path})
	do(t, err)
	if c.EntraSecret.Reveal() != entraLike || c.GenesysSecret.Reveal() != genesysLike {
		t.Error("the configuration does not lead to the secrets")
	}
}

// A file that is there all of a sudden is not replaced, and then no file with a secret stays behind.
func TestInitLate(t *testing.T) {
	dir := t.TempDir()
	a := typing(t, dir)
	i := &initialization{app: &app{stderr: &bytes.Buffer{}}, flags: &initFlags{}, answers: a}
	do(t, os.WriteFile(a.path, []byte("theirs"), 0o600))
	if err := i.write(report.Proposal{}); err == nil || file(t, dir, "callroll.yaml") != "theirs" {
		t.Errorf("write: %v, and the file has %q", err, file(t, dir, "callroll.yaml"))
	}
	if left := leftovers(t, dir, "callroll.yaml"); len(left) > 0 {
		t.Errorf("there is %v besides", left)
	}
	do(t, os.Remove(a.path))
	do(t, os.WriteFile(filepath.Join(dir, "callroll-entra.secret"), []byte("theirs"), 0o600))
	if err := i.write(report.Proposal{}); err == nil || file(t, dir, "callroll-entra.secret") != "theirs" {
		t.Errorf("write: %v, and the secret file has %q", err, file(t, dir, "callroll-entra.secret"))
	}
	if again := typing(t, dir).draft.Get("entra.client_secret_file"); again != "callroll-entra-2.secret" {
		t.Errorf("a new secret goes into %s", again)
	}
}

// Names of groups are foreign text. Whatever they are, the entries have the groups that were chosen, in mode add-only, and the
// other values stay as they are.
func TestInitHostileNames(t *testing.T) {
	a := typing(t, t.TempDir())
	rapid.Check(t, func(t *rapid.T) {
		runes := []rune("ab #:-'\"[]{}&*!|>%\\\n\r\t\x00\x1b\u0085\u2028\u2029\u202e\u2066\ufeff🙂")
		name := rapid.StringOfN(rapid.RuneFrom(runes), 0, 25, -1)
		hostile := rapid.OneOf(name, rapid.Just("x\n    mode: mirror\n    # "), rapid.Just("x\u2028    mode: mirror"), rapid.String())
		kinds := rapid.SliceOfN(rapid.SampledFrom([]string{"security", "dynamic"}), 0, 2).Draw(t, "kinds")
		var p report.Proposal
		var want []string
		for n := range rapid.IntRange(1, 4).Draw(t, "pairs") {
			source, target := fmt.Sprintf("%08d-0000-4000-8000-000000000000", n), fmt.Sprintf("%08d-0000-4000-8000-000000000001", n)
			p.Pairs = append(p.Pairs, pairing.Pair{
				Entra:   pairing.Group{ID: source, Name: hostile.Draw(t, "Entra name"), Kinds: kinds},
				Genesys: pairing.Group{ID: target, Name: hostile.Draw(t, "Genesys name")},
			})
			want = append(want, source+" "+target+" add-only")
		}
		var entries strings.Builder
		if err := (report.Text{W: &entries}).Proposal(p); err != nil {
			t.Fatal(err)
		}
		text := a.text(entries.String())
		c, err := config.Load(t.Context(), config.Options{Path: a.path, Draft: text, WithoutSecrets: true})
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		var got []string
		for _, g := range c.Groups {
			got = append(got, strings.Join(g.Entra, ",")+" "+g.Genesys+" "+g.Mode)
			g.Name, g.Entra, g.Genesys, g.Mode = "", nil, "", ""
			if diff := cmp.Diff(config.Group{}, g); diff != "" {
				t.Fatalf("an entry says more: %s", diff)
			}
		}
		if !slices.Equal(got, want) || c.Genesys.Region != "mypurecloud.ie" {
			t.Fatalf("got %q, want %q from\n%s", got, want, text)
		}
	})
}

// Every way to sign in that the configuration knows can be chosen, asks only for what it needs, and gives a good configuration.
func TestInitWays(t *testing.T) {
	const ids = "entra.tenant_id=contoso.example entra.client_id=d10823e6-32e0-4347-a638-f52386e3cd30 "
	for way, test := range map[string]struct{ flags, want, missing string }{
		"certificate":      {ids + "entra.certificate_file=c.pem", "certificate", ""},
		"password":         {ids + "entra.certificate_file=c.pfx entra.certificate_password_file=p", "certificate", ""},
		"no certificate":   {ids + "entra.auth=certificate", "certificate", "--entra-certificate-file"},
		"GitHub":           {ids + "entra.federated=github", "federated", ""},
		"no source":        {ids + "entra.auth=federated", "federated", "--entra-federated"},
		"token file":       {ids + "entra.federated_token_file=t", "federated", ""},
		"managed identity": {"entra.auth=managed-identity", "managed-identity", ""},
		"no ids":           {"entra.auth=secret entra.client_secret_file=s", "secret", "--entra-tenant-id, --entra-client-id"},
		"command":          {ids + "entra.client_secret_command=op,read", "secret", ""},
		"no secret":        {ids + "entra.auth=secret", "secret", "--entra-client-secret-file or --entra-client-secret-command"},
	} {
		flags := map[string]string{
			"genesys.region": "eu-west-1", "genesys.client_id": "b8bd7960-c0bb-4af1-b866-febe94793aef",
			"genesys.client_secret_command": "op,read",
		}
		for _, pair := range strings.Fields(test.flags) {
			key, value, _ := strings.Cut(pair, "=")
			flags[key] = value
		}
		a, err := newAnswers(t.Context(), filepath.Join(t.TempDir(), "callroll.yaml"), flags,
			config.Options{Path: "callroll.yaml", Draft: []byte("groups:\n")})
		do(t, err)
		if got := strings.Join(a.missing(), ", "); got != test.missing {
			t.Errorf("%s lacks %q, want %q", way, got, test.missing)
		}
		c, err := config.Load(t.Context(), config.Options{Path: a.path, Draft: a.text(""), WithoutSecrets: true})
		if err != nil || string(c.Entra.Auth) != test.want {
			t.Errorf("%s gives %s, %v in\n%s", way, c.Entra.Auth, err, a.text(""))
		}
	}
}

// Keys of a way that was not chosen do not stay.
func TestInitChangesItsWay(t *testing.T) {
	a := typing(t, t.TempDir())
	a.release(entraQuestions())
	for _, q := range entraQuestions() {
		if q.key == "entra.auth" {
			do(t, a.set(q, "managed-identity"))
		}
	}
	if text := string(a.text("")); strings.Contains(text, "tenant_id:") || strings.Contains(text, "entra.secret") {
		t.Errorf("a managed identity with\n%s", text)
	}
	for key := range a.options(config.Options{}).Secrets {
		if strings.HasPrefix(key, "entra.") {
			t.Errorf("%s would be written", key)
		}
	}
}

// What an error is about is asked again. A mistake without a place is about no key, and not about all of them.
func TestConcerned(t *testing.T) {
	secret := &config.Error{Place: "entra.client_secret_file", Err: errors.New("wrong")}
	nowhere := &config.Error{Err: errors.New("wrong")}
	for _, test := range []struct {
		err  error
		want []string
	}{
		{secret, []string{"entra.client_secret"}}, {nowhere, nil}, {config.Errors{nowhere, secret}, []string{"entra.client_secret"}},
		{errors.New("wrong"), nil}, {x509.UnknownAuthorityError{}, []string{"ca_file"}},
	} {
		if got := concerned(test.err); !slices.Equal(got, test.want) {
			t.Errorf("%v is about %q, want %q", test.err, got, test.want)
		}
	}
}

func TestNumbers(t *testing.T) {
	for answer, want := range map[string][]int{
		"all": {0, 1, 2, 3}, "none": nil, "1": {0}, "4,1": {0, 3}, "1-3 2,": {0, 1, 2}, "2-2": {1},
	} {
		if got, err := numbers(answer, 4); err != nil || !slices.Equal(got, want) {
			t.Errorf("%q is %v, %v; want %v", answer, got, err, want)
		}
	}
	for _, answer := range []string{"0", "5", "3-1", "1-5", "-1", "x", "1-", "99999999999999999999"} {
		if got, err := numbers(answer, 4); err == nil {
			t.Errorf("%q is %v", answer, got)
		}
	}
}

// A group that is offered has its ids where its name does not tell it from another one.
func TestInitGroupsThatLookAlike(t *testing.T) {
	pair := func(entra, genesys string, members int) pairing.Pair {
		return pairing.Pair{
			Entra:   pairing.Group{ID: "e-" + entra, Name: entra, Kinds: []string{"security"}},
			Genesys: pairing.Group{ID: "g-" + genesys, Name: genesys, Members: members},
			Alike:   entra != genesys,
		}
	}
	p := report.Proposal{Result: pairing.Result{Pairs: []pairing.Pair{
		pair("Desk", "Desk", 1), pair("sales", "Sales", 0), pair("Night", "Night", 3), pair("night", "night", 3), pair("D\u0435sk", "D\u0435sk", 0),
	}}}
	var offers []string
	for n := range p.Pairs {
		offers = append(offers, offer(p.Pairs, n))
	}
	want := []string{
		"Desk (security, 1 member in Genesys, Genesys g-Desk, Entra e-Desk)",
		`Sales (security, called "sales" in Entra, Genesys g-Sales, Entra e-sales)`,
		"Night (security, 3 members in Genesys, Genesys g-Night, Entra e-Night)",
		"night (security, 3 members in Genesys, Genesys g-night, Entra e-night)",
		"D\u0435sk (security, Genesys g-D\u0435sk, Entra e-D\u0435sk)",
	}
	if diff := cmp.Diff(want, offers); diff != "" {
		t.Error(diff)
	}
}

// --group takes exactly the group that it names, and no other one that is similar, or whose name is the id of another one.
func TestInitNamedGroups(t *testing.T) {
	const billing, impostor, private = "8f30ea83-9899-4b93-8781-92cb2a75d6a8", "afa7949b-a174-45ef-874a-2522af77ee26", "b70deea8-c82c-44d5-b96a-974626117a12"
	pair := func(id, name string) pairing.Pair {
		return pairing.Pair{Entra: pairing.Group{ID: "e", Name: name}, Genesys: pairing.Group{ID: id, Name: name}}
	}
	left := func(side pairing.Side, id, name, reason string) pairing.LeftOut {
		return pairing.LeftOut{Side: side, ID: id, Name: name, Reason: reason}
	}
	p := report.Proposal{Result: pairing.Result{
		Pairs: []pairing.Pair{
			pair(billing, "BILLING"), pair(impostor, billing), pair("g1", "Night"), pair("g2", "night"), pair("g3", "Desk"), pair("g4", private),
			pair("g5", "Twin"), pair("g6", "Kings"),
		},
		LeftOut: []pairing.LeftOut{
			left(pairing.Genesys, "l1", "Billing", "no Entra group has this name"), left(pairing.Genesys, private, "Chat", "it is private"),
			left(pairing.Genesys, "l2", "TWIN", "it is social"), left(pairing.Entra, "l3", "desk", "not of this side"),
		},
	}}
	for ref, want := range map[string]string{
		"BILLING": billing, "Billing": "no Entra group has this name", "billing": "can mean any of", billing: billing, impostor: impostor,
		"8F30EA83-9899-4B93-8781-92CB2A75D6A8": billing, private: "it is private", "Chat": "it is private", "chat": "it is private",
		"Night": "g1", "night": "g2", "NIGHT": `name one by its id: "Night" (g1), "night" (g2)`, "desk": "g3", " Desk": "g3",
		"twin": `"Twin" (g5), "TWIN" (l2)`, "Twin": "g5", "TWIN": "it is social", "\u212aings": "no Genesys group has this name", "Sales": "no Genesys group",
		"1f655bde-673a-4998-b55a-d7650323749b": "no Genesys group",
	} {
		got, err := named(p, []string{ref, ref})
		if err != nil {
			if statusOf(err) != report.Usage || !strings.Contains(err.Error(), want) {
				t.Errorf("--group %q: %v, want %q", ref, err, want)
			}
		} else if len(got.Pairs) != 1 || got.Pairs[0].Genesys.ID != want {
			t.Errorf("--group %q takes %v, want %q", ref, got.Pairs, want)
		}
	}
}

// The page about the first hour has each question that a sandbox on a socket leads to, in its order, with an answer that is taken.
func TestInitOnAServedSandbox(t *testing.T) {
	dir := t.TempDir()
	do(t, os.MkdirAll(filepath.Join(dir, "play", "secrets"), 0o700))
	for _, name := range []string{"ca.pem", "secrets/entra", "secrets/genesys"} {
		do(t, os.WriteFile(filepath.Join(dir, "play", name), nil, 0o600))
	}
	_, table, found := strings.Cut(file(t, "../..", "docs/first-hour.md"), "\n| question | answer |\n|---|---|\n")
	if !found {
		t.Fatal("the page has no table of questions")
	}
	table, _, _ = strings.Cut(table, "\n\n")
	rows := strings.Split(table, "\n")
	a, err := newAnswers(t.Context(), filepath.Join(dir, "callroll.yaml"), nil, config.Options{Path: "callroll.yaml", Draft: []byte("groups:\n")})
	do(t, err)
	for _, q := range allQuestions() {
		if !a.asks(q) {
			continue
		}
		if len(rows) == 0 {
			t.Fatalf("the page lacks %q", q.text)
		}
		question, answer, _ := strings.Cut(strings.Trim(rows[0], "| "), " | ")
		if rows = rows[1:]; !strings.HasPrefix(q.text, question) {
			t.Fatalf("the question is %q, and the page has %q", q.text, question)
		}
		switch _, word, quoted := strings.Cut(answer, "`"); {
		case answer == "the URL":
			answer = "https://127.0.0.1:8443"
		case strings.HasPrefix(answer, "the `client_id`"):
			answer = "d10823e6-32e0-4347-a638-f52386e3cd30"
		case strings.HasPrefix(answer, "the `tenant_id`"):
			answer = "contoso.onmicrosoft.com"
		case answer == "Enter":
			answer = ""
		case quoted:
			if answer, _, _ = strings.Cut(word, "`"); strings.Contains(answer, "/") {
				answer = filepath.Join(dir, answer)
			}
		}
		if err := a.set(q, answer); err != nil {
			t.Errorf("%s: %q: %v", q.text, answer, err)
		}
	}
	if missing := a.missing(); len(missing)+len(rows) > 0 {
		t.Errorf("%q have no answer, and %q no question", missing, rows)
	}
}
