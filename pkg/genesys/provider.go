package genesys

import (
	"context"
	"net/http"

	"github.com/callroll/callroll/pkg/rest"
)

// ServiceProvider is what the org says about its SCIM service (RFC 7643 §5).
type ServiceProvider struct {
	MaxResults int  // of one page of a list with a filter; 0 if it is not said
	ETag       bool // resources have versions
}

// ServiceProvider reads the configuration of the SCIM service. The operation needs no permission.
func (r *Reader) ServiceProvider(ctx context.Context) (ServiceProvider, error) {
	var answer struct {
		Filter struct {
			MaxResults int `json:"maxResults"`
		} `json:"filter"`
		ETag struct {
			Supported bool `json:"supported"`
		} `json:"etag"`
	}
	_, err := r.conn.api.Do(ctx, rest.Request{
		Method: http.MethodGet, Path: "/api/v2/scim/v2/serviceproviderconfig", Header: accept(),
	}, &answer)
	if err != nil {
		return ServiceProvider{}, readFailure("reading what the SCIM service of Genesys supports", err)
	}
	return ServiceProvider{MaxResults: answer.Filter.MaxResults, ETag: answer.ETag.Supported}, nil
}
