package genesys_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/secret"
)

func TestParseRegion(t *testing.T) {
	domains := map[string]string{
		"us-east-1": "mypurecloud.com", "us-east-2": "use2.us-gov-pure.cloud", "us-west-2": "usw2.pure.cloud", "ca-central-1": "cac1.pure.cloud",
		"sa-east-1": "sae1.pure.cloud", "mx-central-1": "mxc1.pure.cloud", "eu-west-1": "mypurecloud.ie", "eu-west-2": "euw2.pure.cloud",
		"eu-central-1": "mypurecloud.de", "eu-central-2": "euc2.pure.cloud", "eusc-de-east-1": "edee1.eusc-pure.cloud", "ap-south-1": "aps1.pure.cloud",
		"ap-southeast-1": "apse1.pure.cloud", "ap-southeast-2": "mypurecloud.com.au", "ap-northeast-1": "mypurecloud.jp", "ap-northeast-2": "apne2.pure.cloud",
		"ap-northeast-3": "apne3.pure.cloud", "me-central-1": "mec1.pure.cloud",
	}
	if len(domains) != 18 {
		t.Fatalf("%d regions, want 18", len(domains))
	}
	for name, domain := range domains {
		for _, spelled := range []string{name, strings.ToUpper(name), domain, strings.ToUpper(domain), " " + domain + "\n"} {
			got, err := genesys.ParseRegion(spelled)
			want := genesys.Region{LoginURL: "https://login." + domain, APIURL: "https://api." + domain}
			if err != nil || got != want {
				t.Errorf("ParseRegion(%q) = %v, %v; want %v", spelled, got, err, want)
			}
		}
	}
	for _, domain := range []string{"genesys.example", "afs1.pure.cloud", "euw3.pure.cloud", "usw1.us-gov-pure.cloud", "dca.example.org"} {
		if got, err := genesys.ParseRegion(domain); err != nil || got.APIURL != "https://api."+domain {
			t.Errorf("ParseRegion(%q) = %v, %v; want it taken as it is", domain, got, err)
		}
	}
	for wrong, nearest := range map[string]string{
		"mypurecloud.ei": "looks like mypurecloud.ie ", "mypurecloud.ed": "looks like mypurecloud.de ", "mypurecloud.pj": "looks like mypurecloud.jp ",
		"mypurcloud.ei": "mypurecloud.ie", "mypurecloud.con": "mypurecloud.com", "mypurecloud.org": "looks like mypurecloud.", "mypurecloud.co.uk": "mypurecloud.com",
		"mypurecloud.i": "mypurecloud.ie", "mypurecloud.co": "mypurecloud.com", "mypurcloud.ie": "mypurecloud.ie", "my-purecloud.de": "mypurecloud.de",
		"usw2.pure.clod": "usw2.pure.cloud", "uws2.pure.cloud": "pure.cloud", "usw22.pure.cloud": "usw2.pure.cloud", "eu-west-3": "eu-west-1", "eu-wset-1": "eu-west-1", "us-east-12": "us-east-1", "ireland": "",
		"": "", "https://api.mypurecloud.ie": "", "mypurecloud.ie/": "", "mypurecloud.ie@evil.example": "", "127.0.0.1": "", "mypurecloud..ie": "",
	} {
		if got, err := genesys.ParseRegion(wrong); err == nil || !strings.Contains(err.Error(), nearest) {
			t.Errorf("ParseRegion(%q) = %v, %v; want an error that names %q", wrong, got, err, nearest)
		}
	}
}

func TestSubdomain(t *testing.T) {
	got, err := genesys.Subdomain("Acme")
	if want := (genesys.Region{LoginURL: "https://login.mypurecloud.com", APIURL: "https://acme.mypurecloud.com"}); err != nil || got != want {
		t.Errorf("Subdomain = %v, %v; want %v", got, err, want)
	}
	for _, wrong := range []string{"", "a/b", "evil.example#", "a b", "-a"} {
		if got, err := genesys.Subdomain(wrong); err == nil {
			t.Errorf("Subdomain(%q) = %v, want an error", wrong, got)
		}
	}
}

func TestRegionWith(t *testing.T) {
	region, _ := genesys.ParseRegion("eu-west-1")
	got, err := region.With("https://localhost:1", "")
	if want := (genesys.Region{LoginURL: "https://localhost:1", APIURL: "https://api.mypurecloud.ie"}); err != nil || got != want {
		t.Errorf("With = %v, %v; want %v", got, err, want)
	}
	if got, err := region.With("", "https://localhost:2"); err != nil || got.APIURL != "https://localhost:2" {
		t.Errorf("With = %v, %v", got, err)
	}
	for key, urls := range map[string][2]string{
		`"http://localhost" is not`: {"http://localhost", ""}, `"localhost" is not`: {"", "localhost"}, "leave out": {"", "https://localhost/api/v2/scim/v2"},
	} {
		if _, err := region.With(urls[0], urls[1]); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("With(%v): %v, want %q named", urls, err, key)
		}
	}
}

func TestConnectRefuses(t *testing.T) {
	region, _ := genesys.ParseRegion("eu-west-1")
	good := genesys.Options{Region: region, ClientID: clientID, Secret: secret.New(password), HTTP: http.DefaultClient}
	for name, change := range map[string]func(*genesys.Options){
		"client id": func(o *genesys.Options) { o.ClientID = "" },
		"secret":    func(o *genesys.Options) { o.Secret = secret.String{} },
		"https":     func(o *genesys.Options) { o.Region = genesys.Region{} },
		"HTTP":      func(o *genesys.Options) { o.HTTP = nil },
	} {
		o := good
		change(&o)
		if _, err := genesys.Connect(o); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("Connect: %v, want %q named", err, name)
		}
	}
	if conn, err := genesys.Connect(good); err != nil || conn.Host() != "api.mypurecloud.ie" {
		t.Errorf("Connect: %v", err)
	}
}
