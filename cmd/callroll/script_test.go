package main

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/callroll/callroll/pkg/sandbox"
)

func TestMain(m *testing.M) {
	if os.Getenv(stubborn) != "" {
		os.Exit(process(runOn))
	}
	if path := os.Getenv(floorVariable); path != "" {
		if err := runFloor(path); err != nil {
			fmt.Fprintln(os.Stderr, "floor:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	testscript.Main(m, map[string]func(){"callroll": func() {
		switch {
		case os.Getenv(overSockets) != "":
			os.Exit(process(runOverSockets))
		case os.Getenv(aloud) != "":
			os.Exit(process(runAloud))
		}
		main()
	}, "expect": expectMain})
}

// overSockets is the variable that puts TLS sockets between the program and its sandbox.
const overSockets = "TEST_OVER_SOCKETS"

// runOverSockets is run with a TLS server and a TCP connection between the clients and the sandbox. The hosts keep their
// names; only the way to them is another.
func runOverSockets(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{env: environment(environ), stdin: stdin, stdout: stdout, stderr: stderr}
	delete(a.env, overSockets)
	a.wire = func(world http.RoundTripper) http.RoundTripper { return socketTo(world.(http.Handler)) }
	return a.execute(ctx, args)
}

// socketTo returns a transport that reaches the handler, whatever host is asked for, through a TLS socket.
func socketTo(handler http.Handler) http.RoundTripper {
	server := httptest.NewUnstartedServer(handler)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, ServerName: "example.com"},
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", server.Listener.Addr().String())
		},
	}
}

// Every story of testdata/script runs the real program. Beside the commands of testscript there are:
//
//	status N COMMAND…          the command ends with exit status N
//	requests DIR MATCH N       the sandbox in DIR has seen N requests that match, like 'PUT /api/*'
//	members DIR GROUP N        the Genesys group has N members in the sandbox in DIR
//	sameorg DIR DIR            the groups of both sandboxes are the same
//	edit DIR WHAT WHOM [NAME]  an admin changes the sandbox in DIR; see editEntra and editGenesys
//	append FILE TEXT           a line more in a file
//	forge PLAN GROUP WHAT …    somebody edits a plan and makes its fingerprint again; see forgeCommand
//	waitfor FILE TEXT          until the file has the text
//	serve DIR                  the sandbox in DIR on TLS sockets, with tls.yaml and ca.pem to reach it
//	misbehave DIR PLACE HOW    as serve, with answers of one place that are wrong on the wire; see places and wires
//	proxy STATUS               HTTPS_PROXY names a proxy that answers with STATUS, and logs in proxy.log
//	exec expect COLUMNS FILE COMMAND…  a person at a terminal; see expectMain
//	silent DIR                 services that take connections and never say a word, with silent.yaml to reach them
//
// serve and misbehave set the variable SERVED to the address.
//
// The condition [sockets] holds where TLS sockets stand between the program and its sandbox.
func TestScripts(t *testing.T) {
	t.Parallel()
	runScripts(t, stories, "", nil)
}

// The same stories once more, over TLS sockets.
func TestScriptsOverSockets(t *testing.T) {
	t.Parallel()
	runScripts(t, stories, "yes", nil)
}

// stories is where the scripts are.
const stories = "../../testdata/script"

func runScripts(t *testing.T, dir, sockets string, more func(*testscript.Env) error) {
	testscript.Run(t, testscript.Params{
		Dir: dir,
		Condition: func(name string) (bool, error) {
			if name != "sockets" {
				return false, fmt.Errorf("there is no condition %q", name)
			}
			return sockets != "", nil
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv(overSockets, sockets)
			env.Setenv("MSAL_FORCE_REGION", "") // would lead MSAL to another host
			env.Setenv("NO_COLOR", "1")
			env.Setenv("GORACE", "atexit_sleep_ms=0") // or each run under -race would end a second late
			if more != nil {
				return more(env)
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": statusCommand, "requests": requestsCommand, "members": membersCommand, "sameorg": sameorgCommand, "edit": editCommand,
			"append": appendCommand, "forge": forgeCommand, "waitfor": waitforCommand, "serve": serveCommand,
			"misbehave": misbehaveCommand, "proxy": proxyCommand, "silent": silentCommand,
		},
	})
}

func statusCommand(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("%s ended with %d, want %d", strings.Join(args[1:], " "), got, want)
	}
}

func requestsCommand(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Open(ts.MkAbs(args[0] + "/requests.jsonl"))
	ts.Check(err)
	defer f.Close()
	method, glob, _ := strings.Cut(args[1], " ")
	count := 0
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r struct{ Method, Path string }
		ts.Check(json.Unmarshal(lines.Bytes(), &r))
		fits, err := path.Match(strings.ReplaceAll(glob, "/", "|"), strings.ReplaceAll(r.Path, "/", "|"))
		ts.Check(err)
		if fits && (method == "*" || method == r.Method) {
			count++
		}
	}
	if strconv.Itoa(count) != args[2] {
		ts.Fatalf("%d requests match %q, want %s", count, args[1], args[2])
	}
}

func membersCommand(ts *testscript.TestScript, _ bool, args []string) {
	for _, g := range groupsOf(ts, args[0]) {
		if g.DisplayName == args[1] {
			if strconv.Itoa(len(g.Members)) != args[2] {
				ts.Fatalf("%s has %d members, want %s", args[1], len(g.Members), args[2])
			}
			return
		}
	}
	ts.Fatalf("there is no group %q", args[1])
}

func sameorgCommand(ts *testscript.TestScript, _ bool, args []string) {
	if diff := cmp.Diff(groupsOf(ts, args[0]), groupsOf(ts, args[1])); diff != "" {
		ts.Fatalf("-%s +%s\n%s", args[0], args[1], diff)
	}
}

func editCommand(ts *testscript.TestScript, _ bool, args []string) {
	world, err := sandbox.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(world.Edit(func(entra *sandbox.Entra, org *sandbox.Genesys) {
		if !editEntra(entra, args[1:]) && !editGenesys(org, args[1:]) {
			ts.Fatalf("edit does not know %q", args[1])
		}
	}))
	ts.Check(world.Close())
}

func editGenesys(org *sandbox.Genesys, args []string) bool {
	i := slices.IndexFunc(org.Groups, func(g sandbox.GenesysGroup) bool { return g.DisplayName == args[1] })
	switch args[0] {
	case "create": // a group with an externalId and members
		g := sandbox.GenesysGroup{DisplayName: args[1], ExternalID: args[2], Version: 1}
		g.ID = fmt.Sprintf("cccccccc-0000-4000-8000-%012d", len(org.Groups))
		for _, name := range args[3:] {
			j := slices.IndexFunc(org.Users, func(u sandbox.GenesysUser) bool { return u.UserName == name })
			g.Members = append(g.Members, sandbox.GenesysMember{Value: org.Users[j].ID, Type: "User"})
		}
		org.Groups = append(org.Groups, g)
	case "absent": // what a PUT without externalId and one without members do
		org.Switches.PutWithoutExternalID, org.Switches.PutWithoutMembers = sandbox.Choice(args[1]), sandbox.Choice(args[2])
	case "rename":
		org.Groups[i].DisplayName = args[2]
	case "delete":
		org.Groups = slices.Delete(org.Groups, i, i+1)
	case "rule": // a rule puts somebody back whatever is written
		j := slices.IndexFunc(org.Users, func(u sandbox.GenesysUser) bool { return u.UserName == args[2] })
		org.Switches.RuleMembers = map[string][]string{org.Groups[i].ID: {org.Users[j].ID}}
	case "division": // the client sees one division, and the user is of another
		j := slices.IndexFunc(org.Users, func(u sandbox.GenesysUser) bool { return u.UserName == args[1] })
		org.Divisions, org.Users[j].Division = []string{"Home"}, "Away"
	case "unlisted": // what is known of users of other divisions
		org.Switches.UnlistedUsers, org.Switches.UnseenMembers = sandbox.Choice(args[1]), "refused"
	case "username":
		j := slices.IndexFunc(org.Users, func(u sandbox.GenesysUser) bool { return u.UserName == args[1] })
		org.Users[j].UserName = args[2]
	case "outside": // its type and visibility
		org.Groups[i].Type, org.Groups[i].Visibility = args[2], args[3]
	case "hide-members":
		org.Groups[i].HidesMembers = true
	case "shrink": // by one member
		org.Groups[i].Members = org.Groups[i].Members[1:]
	case "shrink-by":
		j := slices.IndexFunc(org.Users, func(u sandbox.GenesysUser) bool { return u.UserName == args[2] })
		org.Groups[i].Members = slices.DeleteFunc(org.Groups[i].Members, func(m sandbox.GenesysMember) bool { return m.Value == org.Users[j].ID })
	default:
		return false
	}
	return true
}

func editEntra(entra *sandbox.Entra, args []string) bool {
	i := slices.IndexFunc(entra.Users, func(u sandbox.EntraUser) bool { return u.UserPrincipalName == args[1] })
	switch args[0] {
	case "rename-person": // the old name stays as an alias
		u := &entra.Users[i]
		u.UserPrincipalName, u.Mail, u.ProxyAddresses = args[2], args[2], []string{"SMTP:" + args[2], "smtp:" + args[1]}
	case "mail":
		entra.Users[i].Mail = args[2]
	case "join":
		for j := range entra.Groups {
			if entra.Groups[j].DisplayName == args[2] {
				entra.Groups[j].Members = append(entra.Groups[j].Members, entra.Users[i].ID)
			}
		}
	case "forget-alias":
		entra.Users[i].ProxyAddresses = nil
	case "delete-person":
		entra.DeletedUsers = append(entra.DeletedUsers, sandbox.EntraDeletedUser{EntraUser: entra.Users[i]})
		entra.Users = slices.Delete(entra.Users, i, i+1)
	case "buried": // somebody who was deleted lately
		entra.DeletedUsers = append(entra.DeletedUsers, sandbox.EntraDeletedUser{
			EntraUser: sandbox.EntraUser{ID: "5f0ddf3c-4f11-4a3f-8d3a-0d6f6a2b7c11", UserPrincipalName: args[1], Mail: args[1]},
		})
	case "hide":
		for j := range entra.Groups {
			if entra.Groups[j].DisplayName == args[1] {
				entra.Groups[j].Visibility = "HiddenMembership"
			}
		}
	case "kind": // of a group: types with commas between them, or one of the kinds of Exchange
		for j := range entra.Groups {
			if g := &entra.Groups[j]; g.DisplayName == args[1] {
				no := false
				switch args[2] {
				case "distribution":
					g.MailEnabled, g.SecurityEnabled = true, &no
				case "mail-enabled security":
					g.MailEnabled = true
				case "role-assignable":
					g.IsAssignableToRole = true
				default:
					g.GroupTypes = strings.Split(args[2], ",")
				}
			}
		}
	case "grant":
		entra.Roles = append(entra.Roles, args[1])
	default:
		return false
	}
	return true
}

// groupsOf reads the groups of the Genesys org in a sandbox.
func groupsOf(ts *testscript.TestScript, dir string) []sandbox.GenesysGroup {
	data, err := os.ReadFile(ts.MkAbs(dir + "/genesys.json"))
	ts.Check(err)
	var org sandbox.Genesys
	ts.Check(json.Unmarshal(data, &org))
	return org.Groups
}

func appendCommand(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_WRONLY|os.O_CREATE, 0o600)
	ts.Check(err)
	_, err = fmt.Fprintln(f, args[1])
	ts.Check(errors.Join(err, f.Close()))
}

func waitforCommand(ts *testscript.TestScript, _ bool, args []string) {
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if data, err := os.ReadFile(ts.MkAbs(args[0])); err == nil && strings.Contains(string(data), args[1]) {
			return
		}
	}
	ts.Fatalf("%s never had %q", args[0], args[1])
}

func serveCommand(ts *testscript.TestScript, _ bool, args []string) {
	serveBehind(ts, args[0], func(world http.Handler) http.Handler { return world })
}

func misbehaveCommand(ts *testscript.TestScript, _ bool, args []string) {
	m := &misbehaviour{wire: wires()[args[2]]}
	tr := &trap{place: placeOf(args[1])}
	serveBehind(ts, args[0], func(world http.Handler) http.Handler { return m.behind(tr, world) })
}

// serveBehind serves the sandbox in dir behind what stands before it.
func serveBehind(ts *testscript.TestScript, name string, before func(http.Handler) http.Handler) {
	dir := ts.MkAbs(name)
	world, err := sandbox.Open(dir)
	ts.Check(err)
	server := httptest.NewUnstartedServer(before(world))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	ts.Defer(func() {
		server.Close()
		ts.Check(world.Close())
	})
	ts.Setenv("SERVED", server.URL)
	ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), []byte(certificate(server)), 0o600))
	ts.Check(os.WriteFile(ts.MkAbs("tls.yaml"), []byte(reaching(ts, name, server.URL, "\nca_file: ca.pem")), 0o600))
}

// reaching returns the configuration of the sandbox in dir, with all services at one address.
func reaching(ts *testscript.TestScript, dir, address, more string) string {
	config, err := os.ReadFile(ts.MkAbs(dir + "/" + sandbox.DemoConfig))
	ts.Check(err)
	return strings.NewReplacer(
		"\nentra:\n", fmt.Sprintf("%s\nentra:\n  login_url: %s\n  graph_url: %s\n", more, address, address),
		"\ngenesys:\n", fmt.Sprintf("\ngenesys:\n  login_url: %s\n  api_url: %s\n", address, address),
		"secrets/", dir+"/secrets/",
	).Replace("\n" + string(config))
}

func proxyCommand(ts *testscript.TestScript, _ bool, args []string) {
	status, err := strconv.Atoi(args[0])
	ts.Check(err)
	log := keeper(ts.MkAbs("proxy.log"))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintln(log, r.Method, r.Host)
		w.WriteHeader(status)
	}))
	ts.Defer(server.Close)
	ts.Setenv("HTTPS_PROXY", strings.Replace(server.URL, "http://", "http://user:topsecret@", 1))
}

func silentCommand(ts *testscript.TestScript, _ bool, args []string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			defer func() { _ = conn.Close() }() // when the story is over, and not before
		}
	}()
	ts.Check(os.WriteFile(ts.MkAbs("silent.yaml"), []byte(reaching(ts, args[0], "https://"+listener.Addr().String(), "")), 0o600))
}

// certificate returns the certificate of a test server, which is its own authority, as a ca_file has it.
func certificate(server *httptest.Server) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
}
