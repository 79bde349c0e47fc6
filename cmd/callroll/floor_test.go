package main

import (
	"compress/gzip"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"

	jsonv2 "github.com/go-json-experiment/json"
	"go.yaml.in/yaml/v3"
)

// floor is the least that a program can do: the same requests over TLS, with eight readers of Graph, unpacked, decoded
// by the best decoder there is, and thrown away.
type floor struct {
	client         *http.Client
	graph, genesys string
	token          map[string]string // by service
}

// runFloor reads everything that a run of a configuration reads.
func runFloor(path string) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var config struct {
		CA    string `yaml:"ca_file"`
		Entra struct {
			Graph string `yaml:"graph_url"`
		}
		Genesys struct {
			API string `yaml:"api_url"`
		}
		Groups []struct{ Entra string }
	}
	if err := yaml.Unmarshal(data, &config); err != nil {
		return err
	}
	pem, err := os.ReadFile(filepath.Join(filepath.Dir(path), config.CA))
	if err != nil {
		return err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	f := &floor{
		graph: config.Entra.Graph, genesys: config.Genesys.API, token: map[string]string{},
		client: &http.Client{Transport: &http.Transport{
			TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, MaxIdleConnsPerHost: 16, DisableCompression: true,
		}},
	}
	if err := f.signIn(string(data), filepath.Dir(path)); err != nil {
		return err
	}
	groups := make(chan string, len(config.Groups))
	for _, g := range config.Groups {
		groups <- g.Entra
	}
	close(groups)
	errs := make(chan error, 9)
	var readers sync.WaitGroup
	for range 8 {
		readers.Go(func() {
			for id := range groups {
				next := f.graph + "/v1.0/groups/" + id + "/members/microsoft.graph.user?$top=999&$count=true&$select=id,userPrincipalName,mail,displayName"
				for next != "" {
					p, err := f.read("graph", next)
					if err != nil {
						errs <- err
						return
					}
					next = p.Next
				}
			}
		})
	}
	readers.Go(func() {
		users := "/api/v2/scim/v2/users?count=500&attributes=userName&attributes=displayName&attributes=active"
		for _, list := range []string{"/api/v2/scim/groups?count=100&excludedAttributes=externalId", users, users + "&filter=active%20eq%20false"} {
			for start, total := 1, 1; start <= total; {
				p, err := f.read("genesys", fmt.Sprintf("%s%s&startIndex=%d", f.genesys, list, start))
				if err != nil {
					errs <- err
					return
				}
				if len(p.Resources) == 0 {
					break
				}
				total = p.Total
				start += len(p.Resources)
			}
		}
	})
	readers.Wait()
	close(errs)
	return <-errs
}

// signIn gets both tokens.
func (f *floor) signIn(config, dir string) error {
	for _, one := range []struct{ section, url string }{
		{"entra", f.graph + "/contoso.onmicrosoft.com/oauth2/v2.0/token"}, {"genesys", f.genesys + "/oauth/token"},
	} {
		password, err := os.ReadFile(filepath.Join(dir, "secrets", one.section))
		if err != nil {
			return err
		}
		form := url.Values{"grant_type": {"client_credentials"}}
		id := valueOf(config, one.section, "client_id")
		if one.section == "entra" {
			form.Set("client_id", id)
			form.Set("client_secret", string(password))
			form.Set("scope", f.graph+"/.default")
		}
		req, err := http.NewRequest(http.MethodPost, one.url, strings.NewReader(form.Encode()))
		if err != nil {
			return err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if one.section == "genesys" {
			req.SetBasicAuth(id, string(password))
		}
		resp, err := f.client.Do(req)
		if err != nil {
			return err
		}
		var answer struct {
			Token string `json:"access_token"`
		}
		err = json.NewDecoder(resp.Body).Decode(&answer)
		_ = resp.Body.Close()
		if err != nil || answer.Token == "" {
			return fmt.Errorf("%s: %d, %w", one.url, resp.StatusCode, err)
		}
		f.token[map[string]string{"entra": "graph", "genesys": "genesys"}[one.section]] = answer.Token
	}
	return nil
}

// floorPage is a page of either service.
type floorPage struct {
	Next  string `json:"@odata.nextLink"`
	Count int    `json:"@odata.count"`
	Value []struct {
		ID                string `json:"id"`
		UserPrincipalName string `json:"userPrincipalName"`
		Mail              string `json:"mail"`
		DisplayName       string `json:"displayName"`
	} `json:"value"`
	Total     int `json:"totalResults"`
	Resources []struct {
		ID          string `json:"id"`
		UserName    string `json:"userName"`
		DisplayName string `json:"displayName"`
		Active      bool   `json:"active"`
		Members     []struct {
			Type  string `json:"type"`
			Value string `json:"value"`
		} `json:"members"`
	} `json:"Resources"`
}

func (f *floor) read(service, address string) (floorPage, error) {
	var p floorPage
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return p, err
	}
	req.Header.Set("Authorization", "Bearer "+f.token[service])
	req.Header.Set("Accept", "application/scim+json, application/json")
	req.Header.Set("Accept-Encoding", "gzip")
	req.Header.Set("ConsistencyLevel", "eventual")
	resp, err := f.client.Do(req)
	if err != nil {
		return p, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return p, fmt.Errorf("%s: %s", address, resp.Status)
	}
	body := io.Reader(resp.Body)
	if resp.Header.Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(resp.Body); err != nil {
			return p, err
		}
	}
	return p, jsonv2.UnmarshalRead(body, &p)
}
