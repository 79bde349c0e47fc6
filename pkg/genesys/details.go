package genesys

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/callroll/callroll/pkg/rest"
)

// Details is what Genesys says about a group outside SCIM. It is for people to read: a run does not depend on it.
type Details struct {
	Kind
	IncludeOwners bool // owners are members too
	Owners        int
	Conditions    bool // members come and go by their skills
	// ConditionsErr says why it is not known whether there are conditions. Its cause is membership.Denied if ConditionsPermission is
	// missing.
	ConditionsErr error
}

// Kind is of what kind a group is and who sees it, as Genesys says outside SCIM. An empty value is not known.
type Kind struct {
	Type       string `json:"type"`       // official or social
	Visibility string `json:"visibility"` // public, owners or members
}

// Social reports whether anybody may join the group.
func (k Kind) Social() bool { return strings.EqualFold(k.Type, "social") }

// Private reports whether not everybody sees the group.
func (k Kind) Private() bool { return k.Visibility != "" && !strings.EqualFold(k.Visibility, "public") }

// ConditionsPermission is what Genesys wants for the conditions of a group. callroll needs it for nothing else.
const ConditionsPermission = "directory:group:view"

// Details reads what Genesys says about a group outside SCIM, in two requests. The second one is a preview of the vendor. What it
// answers for a group without conditions is not documented, so that a 404 of Genesys itself counts as that: the group exists.
func (r *Reader) Details(ctx context.Context, id string) (Details, error) {
	var g struct {
		Kind
		ID            string `json:"id"`
		IncludeOwners bool   `json:"includeOwners"`
		Owners        []struct {
			ID string `json:"id"`
		} `json:"owners"`
	}
	path := "/api/v2/groups/" + url.PathEscape(id)
	get := func(path string, into any) error {
		_, err := r.conn.api.Do(ctx, rest.Request{
			Method: http.MethodGet, Path: path, Header: http.Header{"Accept": {"application/json"}},
		}, into)
		return err
	}
	err := get(path, &g)
	if err == nil && g.ID != id {
		err = fmt.Errorf("group %q came instead", g.ID)
	}
	if err != nil {
		return Details{}, outsideSCIM(fmt.Sprintf("Genesys group %s: reading its settings outside SCIM", id), err)
	}
	out := Details{Kind: g.Kind, IncludeOwners: g.IncludeOwners, Owners: len(g.Owners)}
	var dynamic struct {
		Query struct {
			Conditions []any `json:"skillConditions"`
		} `json:"query"`
	}
	err = get(path+"/dynamicsettings", &dynamic)
	refusal, _ := errors.AsType[*rest.Error](err)
	switch {
	case err == nil:
		out.Conditions = len(dynamic.Query.Conditions) > 0
	case refusal != nil && refusal.Status == http.StatusNotFound && refusal.Own:
	default:
		out.ConditionsErr = outsideSCIM(fmt.Sprintf("Genesys group %s: reading the conditions of its members", id), err)
	}
	return out, nil
}
