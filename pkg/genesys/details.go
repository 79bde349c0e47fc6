package genesys

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/callroll/callroll/pkg/rest"
)

// Details is what Genesys says about a group outside SCIM. It is for people to read: a run does not depend on it.
type Details struct {
	Type          string // official or social
	Visibility    string // public, owners or members
	IncludeOwners bool   // owners are members too
	Owners        int
	Conditions    bool // members come and go by their skills
}

// Details reads what Genesys says about a group outside SCIM, in two requests. The second one is a preview of the vendor, and
// needs the permission directory:group:view; if it fails, Conditions is false.
func (r *Reader) Details(ctx context.Context, id string) (Details, error) {
	var g struct {
		ID            string `json:"id"`
		Type          string `json:"type"`
		Visibility    string `json:"visibility"`
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
		return Details{}, readFailure(fmt.Sprintf("Genesys group %s: reading its settings outside SCIM", id), err)
	}
	out := Details{Type: g.Type, Visibility: g.Visibility, IncludeOwners: g.IncludeOwners, Owners: len(g.Owners)}
	var dynamic struct {
		Query struct {
			Conditions []any `json:"skillConditions"`
		} `json:"query"`
	}
	if get(path+"/dynamicsettings", &dynamic) == nil {
		out.Conditions = len(dynamic.Query.Conditions) > 0
	}
	return out, nil
}
