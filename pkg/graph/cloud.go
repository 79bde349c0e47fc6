package graph

import (
	"cmp"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/rest"
)

// Cloud has the addresses of sign-in and Graph in one of Microsoft's clouds. The zero value is the global cloud.
type Cloud struct {
	Name     string
	LoginURL string
	GraphURL string
	// TokenAudience is the audience that a federated credential has in this cloud (page "Workload identity federation").
	TokenAudience string
}

// clouds returns the clouds of Microsoft's page "National cloud deployments".
func clouds() []Cloud {
	return []Cloud{
		{"global", "https://login.microsoftonline.com", "https://graph.microsoft.com", "api://AzureADTokenExchange"},
		{"usgov", "https://login.microsoftonline.us", "https://graph.microsoft.us", "api://AzureADTokenExchangeUSGov"},
		{"dod", "https://login.microsoftonline.us", "https://dod-graph.microsoft.us", "api://AzureADTokenExchangeUSGov"},
		{"china", "https://login.chinacloudapi.cn", "https://microsoftgraph.chinacloudapi.cn", "api://AzureADTokenExchangeChina"},
	}
}

// ParseCloud returns the cloud with a name. An empty name is the global cloud.
func ParseCloud(name string) (Cloud, error) {
	var names []string
	for _, c := range clouds() {
		if strings.EqualFold(strings.TrimSpace(name), c.Name) {
			return c, nil
		}
		names = append(names, c.Name)
	}
	if strings.TrimSpace(name) == "" {
		return clouds()[0], nil
	}
	return Cloud{}, fmt.Errorf("there is no cloud %q; there are %s, and login_url with graph_url for any other",
		name, strings.Join(names, ", "))
}

// CloudOfLogin returns the first cloud with a sign-in host. A host may belong to two clouds; the second one must be configured.
func CloudOfLogin(host string) (Cloud, bool) {
	host = strings.TrimSuffix(host, ":443")
	if slices.Contains([]string{"login.windows.net", "login.microsoft.com", "sts.windows.net"}, strings.ToLower(host)) {
		return clouds()[0], true // older names of the same sign-in
	}
	all := clouds()
	i := slices.IndexFunc(all, func(c Cloud) bool { return strings.EqualFold(c.LoginURL, "https://"+host) })
	if i < 0 {
		return Cloud{}, false
	}
	return all[i], true
}

// addresses returns the addresses of sign-in and Graph: those of the cloud, unless the options replace them.
func (o Options) addresses() (login, graph *url.URL, err error) {
	cloud := cmp.Or(o.Cloud, clouds()[0])
	if login, err = ParseLoginURL(cmp.Or(o.LoginURL, cloud.LoginURL)); err != nil {
		return nil, nil, fmt.Errorf("login_url: %w", err)
	}
	if graph, err = ParseGraphURL(cmp.Or(o.GraphURL, cloud.GraphURL)); err != nil {
		return nil, nil, fmt.Errorf("graph_url: %w", err)
	}
	return login, graph, nil
}

// ParseLoginURL parses an address that replaces the sign-in of a cloud. It has no path.
func ParseLoginURL(address string) (*url.URL, error) {
	login, err := rest.ParseBase(address)
	if err == nil && login.Path != "" {
		return nil, fmt.Errorf("leave out %s; callroll adds the tenant", login.Path)
	}
	return login, err
}

// ParseGraphURL parses an address that replaces the Graph of a cloud. It may have a path, without the version at its end.
func ParseGraphURL(address string) (*url.URL, error) {
	graph, err := rest.ParseBase(address)
	if err == nil && (strings.HasSuffix(graph.Path, "/v1.0") || strings.HasSuffix(graph.Path, "/beta")) {
		return nil, fmt.Errorf("leave out %s; the version is callroll's own", graph.Path)
	}
	return graph, err
}

// isMicrosoftLogin says whether a host belongs to Microsoft's sign-in. It is MSAL's list of trusted hosts: one of them may
// redirect a sign-in to another.
func isMicrosoftLogin(host string) bool {
	return slices.Contains([]string{
		"login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net",
		"login.microsoftonline.us", "login.usgovcloudapi.net", "login-us.microsoftonline.com",
		"login.chinacloudapi.cn", "login.partner.microsoftonline.cn", "login.microsoftonline.de",
		"login.sovcloud-identity.fr", "login.sovcloud-identity.de", "login.sovcloud-identity.sg",
	}, strings.ToLower(host))
}
