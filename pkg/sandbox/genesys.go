package sandbox

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The schemas of RFC 7643, and the media type of RFC 7644.
const (
	groupSchema      = "urn:ietf:params:scim:schemas:core:2.0:Group"
	userSchema       = "urn:ietf:params:scim:schemas:core:2.0:User"
	enterpriseSchema = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
	// genesysUserSchema has the attributes of a user that only Genesys has: skills, languages.
	genesysUserSchema = "urn:ietf:params:scim:schemas:extension:genesys:purecloud:2.0:User"

	listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse"

	scimMedia = "application/scim+json"
)

// genesysAPI answers SCIM requests on both trees of paths that Genesys has: /api/v2/scim and /api/v2/scim/v2. Only the
// lower-case form of the segments is supported, which all SDKs of Genesys use.
func (w *World) genesysAPI(c *request) *reply {
	if !w.rate.count(w.genesys.RequestsPerMinute) {
		r := defaultError(c, http.StatusTooManyRequests, w.rate.reset())
		r.header.Set("Retry-After", w.rate.reset())
		return r
	}
	if _, r := w.bearer(c); r != nil {
		return r
	}
	if !c.accepts() {
		return genesysError(c, http.StatusNotAcceptable, "not.acceptable",
			"Accept allows neither application/scim+json nor application/json.")
	}
	at := c.segments() // some paths are not of SCIM
	if slices.Equal(at, []string{"api", "v2", "groups"}) {
		return w.groupsOutsideSCIM(c)
	}
	if len(at) >= 4 && slices.Equal(at[:3], []string{"api", "v2", "groups"}) {
		return w.groupOutsideSCIM(c, at[3], strings.Join(at[4:], "/"))
	}
	if c.path() == "/api/v2/scim/v2/serviceproviderconfig" && c.method == http.MethodGet {
		return w.serviceProviderConfig(c)
	}
	rest, v2 := strings.CutPrefix(strings.TrimPrefix(c.path(), "/api/v2/scim/"), "v2/")
	resource, id, single := strings.Cut(rest, "/")
	switch {
	case resource == "groups" && !slices.Contains(w.genesys.Permissions, "directory:group:edit"):
		return genesysError(c, http.StatusForbidden, "missing.permissions",
			"Unable to perform the requested action. You are missing the following permission(s): directory:group:edit")
	case resource == "groups" && single:
		return w.groupResource(c, id)
	case resource != "groups" && resource != "users":
		return genesysError(c, http.StatusNotFound, "not.found", "There is nothing at "+c.path()+".")
	case c.method != http.MethodGet:
		return notAllowed(c, "GET")
	case resource == "groups":
		return w.listGenesysGroups(c, v2)
	case single:
		return w.getUser(c, id)
	}
	return w.listGenesysUsers(c)
}

// serviceProviderConfig answers with what the SCIM service supports (RFC 7643 §5), which needs no permission.
func (w *World) serviceProviderConfig(c *request) *reply {
	supported := func(is bool) map[string]any { return map[string]any{"supported": is} }
	return jsonReply(http.StatusOK, c.scimType(), map[string]any{
		"schemas":        []string{"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"},
		"patch":          supported(true),
		"bulk":           map[string]any{"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
		"filter":         map[string]any{"supported": true, "maxResults": w.genesys.maxPage()},
		"changePassword": supported(false),
		"sort":           supported(false),
		"etag":           supported(true),
	})
}

func notAllowed(c *request, allowed string) *reply {
	r := genesysError(c, http.StatusMethodNotAllowed, "method.not.allowed", c.method+" is not supported here.")
	r.header.Set("Allow", allowed)
	return r
}

// missing answers a request for a user or a group that does not exist.
func missing(c *request, kind, id string) *reply {
	return genesysError(c, http.StatusNotFound, "not.found", "The requested "+kind+" "+id+" was not found.")
}

func (w *World) groupResource(c *request, id string) *reply {
	at, ok := w.index.groups[id]
	switch {
	case c.method == http.MethodPut && ok:
		return w.putGroup(c, &w.genesys.Groups[at])
	case c.method != http.MethodGet && c.method != http.MethodPut:
		return notAllowed(c, "GET, PUT")
	case !ok:
		return missing(c, "group", id)
	}
	group := w.genesys.Groups[at]
	group.Members = w.visibleMembers(group)
	if n := w.genesys.Switches.MembersShown; n > 0 {
		group.Members = group.Members[:min(n, len(group.Members))]
	}
	return w.getResource(c, groupAttributes(), w.groupJSON(c, group), group.Version)
}

func (w *World) getUser(c *request, id string) *reply {
	at, ok := w.account(id)
	if !ok {
		return missing(c, "user", id)
	}
	return w.getResource(c, userAttributes(), w.userJSON(c, w.genesys.Users[at]), 1)
}

// getResource answers with one resource, or with 304 if the client has this version (RFC 7644 §3.14).
func (w *World) getResource(c *request, known attributes, resource map[string]any, version int) *reply {
	q, r := parseGenesys(c, known, "attributes", "excludedAttributes")
	if r != nil {
		return r
	}
	if c.header.Get("If-None-Match") == etag(version) {
		r = &reply{status: http.StatusNotModified, header: http.Header{}}
	} else {
		r = jsonReply(http.StatusOK, c.scimType(), q.prune(known, resource))
	}
	r.header.Set("ETag", etag(version))
	return r
}

func etag(version int) string { return strconv.Quote(strconv.Itoa(version)) }

func (w *World) groupJSON(c *request, g GenesysGroup) map[string]any {
	members := make([]any, 0, len(g.Members))
	for _, m := range g.Members {
		kind, place := m.Type, "groups"
		if kind == "" || kind == "User" {
			kind, place = "User", "users"
		}
		members = append(members, map[string]any{
			"type": kind, "value": m.Value, "$ref": c.origin + "/api/v2/scim/v2/" + place + "/" + m.Value,
		})
	}
	shuffle(members, w.genesys.Seed, g.ID+etag(g.Version))
	resource := map[string]any{
		"schemas":     []string{groupSchema},
		"id":          g.ID,
		"displayName": g.DisplayName,
		"members":     members,
		"meta":        meta(c, "Group", "groups", g.ID, g.Version),
	}
	if g.HidesMembers || len(members) == 0 && w.genesys.Switches.MembersAbsentWhenEmpty {
		delete(resource, "members")
	}
	if g.ExternalID != "" {
		resource["externalId"] = g.ExternalID
	}
	return resource
}

func (w *World) userJSON(c *request, u GenesysUser) map[string]any {
	resource := map[string]any{
		"schemas":     []string{userSchema},
		"id":          u.ID,
		"userName":    u.UserName,
		"displayName": u.DisplayName,
		"active":      u.Active,
		"emails":      []any{map[string]any{"value": u.UserName, "type": "work", "primary": true}},
		"meta":        meta(c, "User", "users", u.ID, 1),
	}
	if u.ExternalID != "" {
		resource["externalId"] = u.ExternalID
	}
	if u.EmployeeNumber != "" {
		resource["schemas"] = []string{userSchema, enterpriseSchema}
		resource[enterpriseSchema] = map[string]any{"employeeNumber": u.EmployeeNumber}
	}
	return resource
}

// meta returns the attribute meta of a resource (RFC 7643 §3.1). The time of the last change is computed from the version,
// because the files have no times and the same world must give the same bytes.
func meta(c *request, kind, place, id string, version int) map[string]any {
	changed := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC).Add(time.Duration(version) * time.Minute)
	return map[string]any{
		"resourceType": kind,
		"lastModified": changed.Format("2006-01-02T15:04:05.000Z"),
		"location":     c.origin + "/api/v2/scim/v2/" + place + "/" + id,
		"version":      strconv.Itoa(version),
	}
}

// accepts reports whether the client accepts one of the two media types that Genesys sends.
func (c *request) accepts() bool {
	accept := strings.Join(c.header.Values("Accept"), ",")
	media := []string{scimMedia, "application/json", "application/*", "*/*"}
	return accept == "" || slices.ContainsFunc(media, func(one string) bool { return strings.Contains(accept, one) })
}

// scimType returns the media type of an answer: SCIM's, unless the client wants plain JSON.
func (c *request) scimType() string {
	accept := strings.Join(c.header.Values("Accept"), ",")
	if strings.Contains(accept, "application/json") && !strings.Contains(accept, scimMedia) {
		return "application/json"
	}
	return scimMedia
}

// rateWindow counts the requests of the present minute, for the rate limit and its headers.
type rateWindow struct {
	minute int64
	used   int
}

// unlimited is the limit in the headers if there is no limit.
const unlimited = 60_000

// count counts a request, and says whether it is within the limit.
func (r *rateWindow) count(allowed int) bool {
	if now := time.Now().Unix() / 60; now != r.minute {
		r.minute, r.used = now, 0
	}
	r.used++
	return allowed <= 0 || r.used <= allowed
}

func (r *rateWindow) reset() string { return strconv.FormatInt(60-time.Now().Unix()%60, 10) }

func (r *rateWindow) addHeaders(header http.Header, allowed int) {
	if allowed <= 0 {
		allowed = unlimited
	}
	header.Set("inin-ratelimit-count", strconv.Itoa(r.used))
	header.Set("inin-ratelimit-allowed", strconv.Itoa(allowed))
	header.Set("inin-ratelimit-reset", r.reset())
}
