package setup

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/rest"
)

// Settings converts the configuration to the settings of package pipeline. The package that uses a value parses it. The error
// lists all mistakes and their places; see [config.Join].
func Settings(c *config.Config) (pipeline.Settings, error) {
	s := pipeline.Settings{
		DropDisabled: c.DisabledUsers == "drop",
		Tenant:       tenantID(c.Entra.TenantID),
		Retry:        rest.Retry(c.Retry),
		ReadBack:     cmp.Or(c.ReadBack, pipeline.NotReadBack), // 0s means that nothing is read back
		Concurrency:  pipeline.Concurrency(c.Concurrency),
	}
	var wrong []error
	note := func(key string, err error) { wrong = append(wrong, c.At(key, err)) }
	var err error
	s.Match, err = membership.ParseKeys(c.Match)
	note("match", err)
	s.Policy.Limits = limits(c, note)
	for i, g := range c.Groups {
		m := mapping(g, func(key string, err error) { note(fmt.Sprintf("groups[%d].%s", i, key), err) })
		for j := range g.Exclude {
			m.ExcludeAt = append(m.ExcludeAt, c.Where(fmt.Sprintf("groups[%d].exclude", i), j))
		}
		s.Mappings = append(s.Mappings, m)
	}
	return s, config.Join(wrong...)
}

// mapping converts one entry of groups, and calls note for each of its values that may be wrong.
func mapping(g config.Group, note func(key string, err error)) pipeline.Mapping {
	m := pipeline.Mapping{
		Rule: plan.Rule{
			Name: g.Name, Entra: g.Entra, Genesys: g.Genesys, AllowEmpty: g.AllowEmpty, Unmatched: g.Unmatched == "accept",
			Rules: g.Rules == "accept",
		},
		Exclude: g.Exclude, Nested: g.Nested,
	}
	var err error
	m.Mode, err = plan.ParseMode(g.Mode)
	note("mode", err)
	for _, text := range g.Protect {
		pattern, err := plan.ParseProtected(text)
		note("protect", err)
		m.Protect = append(m.Protect, pattern)
	}
	return m
}

// tenantID returns the id of the tenant in lower case, or "" if a domain is configured instead. Tokens contain the id.
func tenantID(tenant string) string {
	if membership.IsID(tenant) {
		return strings.ToLower(tenant)
	}
	return ""
}

func limits(c *config.Config, note func(key string, err error)) plan.Limits {
	l := plan.Limits{
		RemoveFloor: c.Limits.RemoveFloor, RemoveTotalFloor: c.Limits.RemoveTotalFloor,
		AddFloor: c.Limits.AddFloor, AddEmpty: c.Limits.AddEmpty,
	}
	var err error
	l.Remove, err = plan.ParseRemovals(c.Limits.Remove)
	note("limits.remove", err)
	l.RemoveTotal, err = plan.ParseRemovals(c.Limits.RemoveTotal)
	note("limits.remove_total", err)
	l.Add, err = plan.ParseLimit(c.Limits.Add)
	note("limits.add", err)
	return l
}
