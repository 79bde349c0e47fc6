package genesys

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/callroll/callroll/pkg/rest"
)

// Region is where an org signs in and where its API answers.
type Region struct {
	LoginURL string
	APIURL   string
}

// regions are the names and domains of the vendor's page "AWS regions for Genesys Cloud deployment". New ones keep
// coming.
func regions() map[string]string {
	return map[string]string{
		"us-east-1":      "mypurecloud.com",
		"us-east-2":      "use2.us-gov-pure.cloud", // FedRAMP
		"us-west-2":      "usw2.pure.cloud",
		"ca-central-1":   "cac1.pure.cloud",
		"sa-east-1":      "sae1.pure.cloud",
		"mx-central-1":   "mxc1.pure.cloud",
		"eu-west-1":      "mypurecloud.ie",
		"eu-west-2":      "euw2.pure.cloud",
		"eu-central-1":   "mypurecloud.de",
		"eu-central-2":   "euc2.pure.cloud",
		"eusc-de-east-1": "edee1.eusc-pure.cloud",
		"ap-south-1":     "aps1.pure.cloud",
		"ap-southeast-1": "apse1.pure.cloud",
		"ap-southeast-2": "mypurecloud.com.au",
		"ap-northeast-1": "mypurecloud.jp",
		"ap-northeast-2": "apne2.pure.cloud",
		"ap-northeast-3": "apne3.pure.cloud",
		"me-central-1":   "mec1.pure.cloud",
	}
}

// slip is how many letters a domain is away from a known one that was meant.
const slip = 3

// ParseRegion finds a region by the name that AWS gives it or by its domain. A domain that is not known is taken as it
// is, unless it looks like a known one that is misspelled: a secret goes to what is named here.
func ParseRegion(name string) (Region, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if domain, ok := regions()[name]; ok {
		return byDomain(domain), nil
	}
	if !isDomain(name) {
		return Region{}, fmt.Errorf("%q is neither a domain nor the AWS name of a region that is known; the nearest is %s", name, nearest(name))
	}
	for _, domain := range regions() {
		if name == domain {
			return byDomain(domain), nil
		}
		if host, below := strings.CutSuffix(name, "."+domain); below {
			return Region{}, fmt.Errorf("%q is a host of the region %s; leave out %q", name, domain, host+".")
		}
	}
	if known := nearest(name); levenshtein.ComputeDistance(name, known) <= slip && !newRegion(name) {
		return Region{}, fmt.Errorf("%q looks like %s misspelled; if it is right, set login_url and api_url as well", name, known)
	}
	return byDomain(name), nil
}

// Subdomain is the region of an org that is named by the SUB of SUB.mypurecloud.com.
func Subdomain(name string) (Region, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if !isDomain(name + ".mypurecloud.com") {
		return Region{}, fmt.Errorf("%q cannot be a subdomain of mypurecloud.com", name)
	}
	return Region{LoginURL: "https://login.mypurecloud.com", APIURL: "https://" + name + ".mypurecloud.com"}, nil
}

// With replaces either address, where one is given.
func (r Region) With(loginURL, apiURL string) (Region, error) {
	if loginURL != "" {
		if _, err := rest.ParseBase(loginURL); err != nil {
			return Region{}, err
		}
		r.LoginURL = loginURL
	}
	if apiURL != "" {
		base, err := rest.ParseBase(apiURL)
		if err != nil {
			return Region{}, err
		}
		if strings.Contains(base.Path, "/api/v2") {
			return Region{}, fmt.Errorf("leave out %s; the path is callroll's own", base.Path)
		}
		r.APIURL = apiURL
	}
	return r, nil
}

func byDomain(domain string) Region {
	return Region{LoginURL: "https://login." + domain, APIURL: "https://api." + domain}
}

func isDomain(name string) bool {
	return len(name) <= 200 && regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`).MatchString(name)
}

// newRegion says whether a domain may be that of a region to come: the vendor names them by short codes below domains of
// its own, such as euw2.pure.cloud, and one code is always spelled much like another. The same letters in another order
// are a slip all the same.
func newRegion(name string) bool {
	code, parent, _ := strings.Cut(name, ".")
	if !regexp.MustCompile(`^[a-z]{3,5}[0-9]$`).MatchString(code) {
		return false
	}
	ours := false
	for _, domain := range regions() {
		known, above, _ := strings.Cut(domain, ".")
		if letters(known) == letters(code) {
			return false
		}
		ours = ours || above == parent && strings.HasSuffix(above, "pure.cloud")
	}
	return ours
}

func letters(s string) string {
	b := []byte(s)
	slices.Sort(b)
	return string(b)
}

// nearest returns the known domain or name that is spelled most like name. Of several it is the one with most of the
// same letters: mypurecloud.ei is as far from .de as from .ie, and more likely .ie with two letters swapped.
func nearest(name string) string {
	var known []string
	for region, domain := range regions() {
		known = append(known, region, domain)
	}
	spelled := func(s string) int { return levenshtein.ComputeDistance(name, s) }
	used := func(s string) int { return levenshtein.ComputeDistance(letters(name), letters(s)) }
	return slices.MinFunc(known, func(a, b string) int {
		return cmp.Or(cmp.Compare(spelled(a), spelled(b)), cmp.Compare(used(a), used(b)), cmp.Compare(a, b))
	})
}
