package sandbox

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Entra is an Entra tenant: the content of entra.json.
type Entra struct {
	TenantID     string `json:"tenant_id"`
	Domain       string `json:"domain"` // the tenant's first domain, which a sign-in may use instead of the id
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`

	// ClientSecretExpires is when the secret ends. Zero means that it does not.
	ClientSecretExpires time.Time `json:"client_secret_expires,omitzero"`

	Certificates         []string              `json:"certificates,omitempty"` // in PEM format
	FederatedCredentials []FederatedCredential `json:"federated_credentials,omitempty"`
	Issuers              []Issuer              `json:"issuers,omitempty"` // of the tokens for federated credentials
	ManagedIdentities    ManagedIdentities     `json:"managed_identities,omitzero"`

	Roles        []string     `json:"roles"`                   // the application permissions of new tokens
	TokenSeconds int          `json:"token_seconds,omitempty"` // lifetime of a token; 3600 if zero
	PageSize     int          `json:"page_size,omitempty"`     // the maximum page size of Graph; no maximum if zero
	Seed         uint64       `json:"seed"`                    // determines the order of members, and which page is empty
	Users        []EntraUser  `json:"users"`
	Groups       []EntraGroup `json:"groups"`
	Devices      []string     `json:"devices,omitempty"` // ids of devices, which may be members of groups

	Applications []EntraApplication `json:"applications,omitempty"` // enterprise applications beside callroll

	// DeletedUsers are in the recycle bin, and can be restored. They disappear thirty days after the deletion.
	DeletedUsers []EntraDeletedUser `json:"deleted_users,omitempty"`
	Switches     EntraSwitches      `json:"switches,omitzero"`
}

// EntraUser is a user. An empty mail or employeeId is null in answers.
type EntraUser struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	Mail              string `json:"mail,omitempty"`
	DisplayName       string `json:"displayName"`
	EmployeeID        string `json:"employeeId,omitempty"`
	AccountEnabled    bool   `json:"accountEnabled"`
	UserType          string `json:"userType,omitempty"` // Member if empty

	// ProxyAddresses are the user's addresses, such as "SMTP:now@x" for the primary one and "smtp:old@x" for an alias.
	ProxyAddresses []string `json:"proxyAddresses,omitempty"`
}

// EntraDeletedUser is a user in the recycle bin, with the userPrincipalName before the deletion. Without a time, the user
// was deleted just now.
type EntraDeletedUser struct {
	EntraUser
	DeletedDateTime time.Time `json:"deletedDateTime,omitzero"`
}

// EntraGroup is a group. Its members are ids of users, groups and devices. Any other id, such as that of a deleted user, is
// never shown.
type EntraGroup struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Visibility  string   `json:"visibility,omitempty"` // HiddenMembership hides the members from tokens without Member.Read.Hidden
	Members     []string `json:"members"`

	// What makes the kind of the group (resource type group of Microsoft Graph). Without them it is a security group.
	GroupTypes         []string `json:"groupTypes,omitempty"`      // Unified and DynamicMembership
	SecurityEnabled    *bool    `json:"securityEnabled,omitempty"` // true if nil
	MailEnabled        bool     `json:"mailEnabled,omitempty"`
	IsAssignableToRole bool     `json:"isAssignableToRole,omitempty"` // null in answers if false
	MembershipRule     string   `json:"membershipRule,omitempty"`     // null in answers if empty
	RulePaused         bool     `json:"membershipRulePaused,omitempty"`
}

// Genesys is a Genesys Cloud organisation: the content of genesys.json.
type Genesys struct {
	Region       string   `json:"region"` // a domain: the hosts are login.{region} and api.{region}
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Permissions  []string `json:"permissions"`
	TokenSeconds int      `json:"token_seconds,omitempty"` // lifetime of a token; 3600 if zero
	MaxPage      int      `json:"max_page,omitempty"`      // the maximum page size of a list; 25 if zero
	Seed         uint64   `json:"seed"`                    // determines the order of lists and members

	// RequestsPerMinute is the rate limit. Further requests are answered 429. There is no limit if it is zero.
	RequestsPerMinute int `json:"requests_per_minute,omitempty"`

	Users  []GenesysUser  `json:"users"`
	Groups []GenesysGroup `json:"groups"`

	// Divisions are the divisions that the client's role covers. Users of other divisions are in no list. Empty means all.
	Divisions []string `json:"divisions,omitempty"`

	Switches Switches         `json:"switches,omitzero"`
	Pending  []GenesysPending `json:"pending,omitempty"` // written by late_application
	Past     []GenesysPast    `json:"past,omitempty"`    // written by list_lag, the oldest first
}

// GenesysUser is an account. An empty externalId or employeeNumber is absent in answers.
type GenesysUser struct {
	ID             string `json:"id"`
	UserName       string `json:"userName"`
	DisplayName    string `json:"displayName"`
	Active         bool   `json:"active"`
	ExternalID     string `json:"externalId,omitempty"`
	EmployeeNumber string `json:"employeeNumber,omitempty"`
	Division       string `json:"division,omitempty"` // users without one are visible to every client
}

// GenesysGroup is a group. An empty externalId is absent in answers. Each write increases the version by one.
type GenesysGroup struct {
	ID          string          `json:"id"`
	DisplayName string          `json:"displayName"`
	ExternalID  string          `json:"externalId,omitempty"`
	Version     int             `json:"version"`
	Members     []GenesysMember `json:"members"`

	// HidesMembers removes the attribute members from every SCIM answer about the group.
	HidesMembers bool `json:"hidesMembers,omitempty"`

	// What the group is outside SCIM. The members that owners and rules add are those of Switches.RuleMembers.
	Type          string   `json:"type,omitempty"`       // official if empty, or social
	Visibility    string   `json:"visibility,omitempty"` // public if empty, owners or members
	IncludeOwners bool     `json:"includeOwners,omitempty"`
	Owners        []string `json:"owners,omitempty"` // ids of users
	Skills        bool     `json:"skills,omitempty"` // members come and go by their skills
}

// GenesysMember is one member of a Genesys group.
type GenesysMember struct {
	Value string `json:"value"`
	Type  string `json:"type,omitempty"` // User if empty, or Group
}

func (e Entra) clone() Entra {
	e.Certificates = slices.Clone(e.Certificates)
	e.FederatedCredentials, e.Issuers = slices.Clone(e.FederatedCredentials), slices.Clone(e.Issuers)
	e.ManagedIdentities.UserAssigned = slices.Clone(e.ManagedIdentities.UserAssigned)
	if system := e.ManagedIdentities.System; system != nil {
		e.ManagedIdentities.System = new(*system)
	}
	e.Roles = slices.Clone(e.Roles)
	e.Devices = slices.Clone(e.Devices)
	e.Applications = cloneAll(e.Applications, func(a *EntraApplication) {
		a.Jobs = cloneAll(a.Jobs, func(job *EntraProvisioningJob) { job.Links = maps.Clone(job.Links) })
	})
	e.Users = cloneAll(e.Users, func(u *EntraUser) { u.ProxyAddresses = slices.Clone(u.ProxyAddresses) })
	e.DeletedUsers = cloneAll(e.DeletedUsers, func(u *EntraDeletedUser) { u.ProxyAddresses = slices.Clone(u.ProxyAddresses) })
	e.Groups = cloneAll(e.Groups, func(g *EntraGroup) {
		g.Members, g.GroupTypes = slices.Clone(g.Members), slices.Clone(g.GroupTypes)
		if g.SecurityEnabled != nil {
			own := *g.SecurityEnabled
			g.SecurityEnabled = &own
		}
	})
	return e
}

func (g Genesys) clone() Genesys {
	g.Permissions = slices.Clone(g.Permissions)
	g.Divisions = slices.Clone(g.Divisions)
	g.Users = slices.Clone(g.Users)
	g.Groups = cloneAll(g.Groups, func(group *GenesysGroup) {
		group.Members, group.Owners = slices.Clone(group.Members), slices.Clone(group.Owners)
	})
	g.Switches.RuleMembers = maps.Clone(g.Switches.RuleMembers)
	for id, members := range g.Switches.RuleMembers {
		g.Switches.RuleMembers[id] = slices.Clone(members)
	}
	g.Pending, g.Past = slices.Clone(g.Pending), slices.Clone(g.Past)
	return g
}

// cloneAll returns a copy of items. inner copies what an item points to.
func cloneAll[T any](items []T, inner func(*T)) []T {
	items = slices.Clone(items)
	for i := range items {
		inner(&items[i])
	}
	return items
}

// defaultPage is the page size of a Genesys list without count.
const defaultPage = 25

func (g Genesys) maxPage() int { return cmp.Or(max(g.MaxPage, 0), defaultPage) }

// tokenSeconds returns the lifetime of a token, with the default for zero.
func tokenSeconds(n int) int { return cmp.Or(max(n, 0), 3600) }
