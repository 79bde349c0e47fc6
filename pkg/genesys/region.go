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

// Region has the addresses where an org signs in and where its API is.
type Region struct {
	LoginURL string
	APIURL   string
}

// regions returns the names and domains of the vendor's page "AWS regions for Genesys Cloud deployment". The vendor adds
// new ones.
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

// maxTypos is the edit distance up to which a domain counts as a misspelled known one.
const maxTypos = 3

// ParseRegion returns the region with an AWS name or a domain. An unknown domain is accepted, unless it looks like a
// misspelled known one, because the client secret is sent there.
func ParseRegion(name string) (Region, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if domain, ok := regions()[name]; ok {
		return regionOf(domain), nil
	}
	if !isDomain(name) {
		return Region{}, fmt.Errorf("%q is neither a domain nor the AWS name of a region that is known; the nearest is %s",
			name, nearest(name))
	}
	for _, domain := range regions() {
		if name == domain {
			return regionOf(domain), nil
		}
		if host, below := strings.CutSuffix(name, "."+domain); below {
			return Region{}, fmt.Errorf("%q is a host of the region %s; leave out %q", name, domain, host+".")
		}
	}
	if known := nearest(name); levenshtein.ComputeDistance(name, known) <= maxTypos && !mayBeNewRegion(name) {
		return Region{}, &MisspelledError{name, known}
	}
	return regionOf(name), nil
}

// MisspelledError says that the name of a region looks like that of a known one.
type MisspelledError struct{ Name, Known string }

func (e *MisspelledError) Error() string {
	return e.What() + "; if it is right, set login_url and api_url as well"
}

// What is the error without what to do about it, which depends on where the name was written.
func (e *MisspelledError) What() string {
	return fmt.Sprintf("%q looks like %s misspelled", e.Name, e.Known)
}

// Subdomain returns the region of an org whose API is at NAME.mypurecloud.com.
func Subdomain(name string) (Region, error) {
	name = strings.ToLower(strings.TrimSpace(name))
	if !isDomain(name + ".mypurecloud.com") {
		return Region{}, fmt.Errorf("%q cannot be a subdomain of mypurecloud.com", name)
	}
	return Region{LoginURL: "https://login.mypurecloud.com", APIURL: "https://" + name + ".mypurecloud.com"}, nil
}

// With returns the region with either address replaced, unless it is empty.
func (r Region) With(loginURL, apiURL string) (Region, error) {
	if loginURL != "" {
		base, err := rest.ParseBase(loginURL)
		if err != nil {
			return Region{}, err
		}
		if strings.Contains(base.Path, "/oauth") {
			return Region{}, fmt.Errorf("leave out %s; the path is callroll's own", base.Path)
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

func regionOf(domain string) Region {
	return Region{LoginURL: "https://login." + domain, APIURL: "https://api." + domain}
}

func isDomain(name string) bool {
	return len(name) <= 200 && regexp.MustCompile(`^([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z]([a-z0-9-]*[a-z0-9])?$`).MatchString(name)
}

// mayBeNewRegion says whether a domain may be one of a new region. The vendor uses short codes below its own domains, such
// as euw2.pure.cloud, so that a new code is always similar to a known one. A code with the letters of a known one in another
// order counts as misspelled.
func mayBeNewRegion(name string) bool {
	code, parent, _ := strings.Cut(name, ".")
	if !regexp.MustCompile(`^[a-z]{3,5}[0-9]$`).MatchString(code) {
		return false
	}
	ours := false
	for _, domain := range regions() {
		known, above, _ := strings.Cut(domain, ".")
		if sortedLetters(known) == sortedLetters(code) {
			return false
		}
		ours = ours || above == parent && strings.HasSuffix(above, "pure.cloud")
	}
	return ours
}

func sortedLetters(s string) string {
	b := []byte(s)
	slices.Sort(b)
	return string(b)
}

// nearest returns the known domain or name with the smallest edit distance to name. If there are several, it is the one
// with most letters in common: mypurecloud.ei has the same distance to .de and to .ie, and .ie with two letters swapped is
// more likely.
func nearest(name string) string {
	var known []string
	for region, domain := range regions() {
		known = append(known, region, domain)
	}
	spelled := func(s string) int { return levenshtein.ComputeDistance(name, s) }
	used := func(s string) int { return levenshtein.ComputeDistance(sortedLetters(name), sortedLetters(s)) }
	return slices.MinFunc(known, func(a, b string) int {
		return cmp.Or(cmp.Compare(spelled(a), spelled(b)), cmp.Compare(used(a), used(b)), cmp.Compare(a, b))
	})
}
