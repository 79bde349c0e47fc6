package sandbox

import (
	"maps"
	"slices"
	"time"
)

// Entra is an Entra tenant: what entra.json holds.
type Entra struct {
	TenantID     string       `json:"tenant_id"`
	Domain       string       `json:"domain"` // the tenant's first domain; a sign-in may name the tenant by it
	ClientID     string       `json:"client_id"`
	ClientSecret string       `json:"client_secret"`
	Roles        []string     `json:"roles"`                   // the application permissions that new tokens carry
	TokenSeconds int          `json:"token_seconds,omitempty"` // how long a token lives; 3600 when zero
	PageSize     int          `json:"page_size,omitempty"`     // the most that a page of Graph holds; as many as asked for when zero
	Seed         uint64       `json:"seed"`                    // decides the order of members and where an empty page comes
	Users        []EntraUser  `json:"users"`
	Groups       []EntraGroup `json:"groups"`

	// DeletedUsers are those whom an administrator could still restore. Thirty days later they are gone for good.
	DeletedUsers []EntraDeletedUser `json:"deleted_users,omitempty"`
	Switches     EntraSwitches      `json:"switches,omitzero"`
}

// EntraUser is a person. An empty mail or employeeId is null on the wire.
type EntraUser struct {
	ID                string `json:"id"`
	UserPrincipalName string `json:"userPrincipalName"`
	Mail              string `json:"mail,omitempty"`
	DisplayName       string `json:"displayName"`
	EmployeeID        string `json:"employeeId,omitempty"`
	AccountEnabled    bool   `json:"accountEnabled"`
	UserType          string `json:"userType,omitempty"` // Member when empty

	// ProxyAddresses are his addresses, such as "SMTP:now@x" for the first of them and "smtp:old@x" for an alias.
	ProxyAddresses []string `json:"proxyAddresses,omitempty"`
}

// EntraDeletedUser is a user in the recycle bin, with the userPrincipalName that he had. Without a time he was deleted just
// now.
type EntraDeletedUser struct {
	EntraUser
	DeletedDateTime time.Time `json:"deletedDateTime,omitzero"`
}

// EntraGroup is a group. Its members are ids of users and of groups; an id that is neither (somebody deleted) is in no answer.
type EntraGroup struct {
	ID          string   `json:"id"`
	DisplayName string   `json:"displayName"`
	Visibility  string   `json:"visibility,omitempty"` // HiddenMembership hides the members from whoever lacks Member.Read.Hidden
	Members     []string `json:"members"`
}

// Genesys is a Genesys Cloud organisation: what genesys.json holds.
type Genesys struct {
	Region       string   `json:"region"` // a domain: it answers on login.{region} and api.{region}
	ClientID     string   `json:"client_id"`
	ClientSecret string   `json:"client_secret"`
	Permissions  []string `json:"permissions"`
	TokenSeconds int      `json:"token_seconds,omitempty"` // how long a token lives; 3600 when zero
	MaxPage      int      `json:"max_page,omitempty"`      // the most that a list answers at once; 25 when zero
	Seed         uint64   `json:"seed"`                    // decides the order of lists and members

	// RequestsPerMinute is what one minute allows; what goes beyond it is answered 429. Nobody is slowed down when it is zero.
	RequestsPerMinute int `json:"requests_per_minute,omitempty"`

	Users  []GenesysUser  `json:"users"`
	Groups []GenesysGroup `json:"groups"`

	// Divisions are those that the client's role covers: users of any other division are in no list. All of them when empty.
	Divisions []string `json:"divisions,omitempty"`

	Switches Switches         `json:"switches,omitzero"`
	Pending  []GenesysPending `json:"pending,omitempty"` // made by late_application
	Past     []GenesysPast    `json:"past,omitempty"`    // made by list_lag, the oldest first
}

// GenesysUser is an account. An empty externalId or employeeNumber is absent on the wire.
type GenesysUser struct {
	ID             string `json:"id"`
	UserName       string `json:"userName"`
	DisplayName    string `json:"displayName"`
	Active         bool   `json:"active"`
	ExternalID     string `json:"externalId,omitempty"`
	EmployeeNumber string `json:"employeeNumber,omitempty"`
	Division       string `json:"division,omitempty"` // every client sees users without one
}

// GenesysGroup is a group. An empty externalId is absent on the wire; every write raises the version by one.
type GenesysGroup struct {
	ID          string          `json:"id"`
	DisplayName string          `json:"displayName"`
	ExternalID  string          `json:"externalId,omitempty"`
	Version     int             `json:"version"`
	Members     []GenesysMember `json:"members"`

	// HidesMembers leaves the attribute members out of every SCIM answer about the group, whoever is in it.
	HidesMembers bool `json:"hidesMembers,omitempty"`
}

// GenesysMember is one member of a Genesys group.
type GenesysMember struct {
	Value string `json:"value"`
	Type  string `json:"type,omitempty"` // User when empty, or Group
}

func (e Entra) clone() Entra {
	e.Roles = slices.Clone(e.Roles)
	e.Users = slices.Clone(e.Users)
	for i := range e.Users {
		e.Users[i].ProxyAddresses = slices.Clone(e.Users[i].ProxyAddresses)
	}
	e.DeletedUsers = slices.Clone(e.DeletedUsers)
	for i := range e.DeletedUsers {
		e.DeletedUsers[i].ProxyAddresses = slices.Clone(e.DeletedUsers[i].ProxyAddresses)
	}
	e.Groups = slices.Clone(e.Groups)
	for i := range e.Groups {
		e.Groups[i].Members = slices.Clone(e.Groups[i].Members)
	}
	return e
}

func (g Genesys) clone() Genesys {
	g.Permissions = slices.Clone(g.Permissions)
	g.Divisions = slices.Clone(g.Divisions)
	g.Users = slices.Clone(g.Users)
	g.Groups = slices.Clone(g.Groups)
	for i := range g.Groups {
		g.Groups[i].Members = slices.Clone(g.Groups[i].Members)
	}
	g.Switches.RuleMembers = maps.Clone(g.Switches.RuleMembers)
	for id, members := range g.Switches.RuleMembers {
		g.Switches.RuleMembers[id] = slices.Clone(members)
	}
	g.Pending, g.Past = slices.Clone(g.Pending), slices.Clone(g.Past)
	return g
}

// defaultPage is what a list of Genesys answers to whoever does not say how much.
const defaultPage = 25

func (g Genesys) maxPage() int {
	if g.MaxPage <= 0 {
		return defaultPage
	}
	return g.MaxPage
}

// tokenSeconds is the life of a token for a side that says n in its file.
func tokenSeconds(n int) int {
	if n <= 0 {
		return 3600
	}
	return n
}
