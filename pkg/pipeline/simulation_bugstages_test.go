package pipeline_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/push"
)

// simStageBugs are mistakes with plans, names, limits and reports.
func simStageBugs() []simBug {
	untouched := "which is not to be touched"
	return []simBug{
		{name: "the total of the run forgotten", from: 1, finds: "and its limit is", settings: func(_ *sim, s *pipeline.Settings) { s.Policy.Limits.RemoveTotal = plan.Count(1000) }},
		{name: "additions without a limit", from: 74, finds: "were added to the", settings: func(_ *sim, s *pipeline.Settings) {
			s.Policy.Limits.Add, s.Policy.Limits.AddEmpty = plan.Count(1000), 1000
		}},
		{name: "an allowance taken for any number", from: 5, finds: "were allowed", settings: allowsAny},
		{name: "no removals forgotten", from: 21, finds: "a run that removes nobody", settings: func(_ *sim, s *pipeline.Settings) { s.Policy.NoRemovals = false }},
		{name: "a stale plan made anew", from: 82, finds: "by a plan that is stale", plan: makesAnew},
		{name: "an expired plan pushed", from: 177, finds: "that has expired", plan: func(_ context.Context, _ *sim, _ simClients, p plan.Plan, _ pipeline.Settings) (plan.Plan, error) {
			p.Expires = p.Expires.Add(1000 * time.Hour)
			return p, nil
		}},
		{name: "no lock", from: 15, finds: "was not turned away", lockless: true},
		{name: "two entries of one group not noticed", from: 3, finds: untouched, sync: oneByOne},
		{name: "the first of two groups with one name", from: 16, finds: untouched, wire: wires(hidesNamesakes)},
		{name: "a name not looked at before the PUT", from: 147, finds: untouched, wire: wires(keepsName)},
		{name: "what could not be read called in step", from: 17, finds: "never got an answer", sync: callsGood(push.Incomplete, push.Unavailable, push.Denied, push.Missing)},
		{name: "a panic passed over", from: 81, finds: "a panic came to status", sync: callsGood(push.Internal)},
	}
}

// allowsAny lets through whatever an allowance is there for.
func allowsAny(s *sim, settings *pipeline.Settings) {
	entra, org := s.world.Entra(), s.world.Genesys()
	o := newOracle(s.spec, &entra, &org)
	for _, rule := range s.spec.rules {
		if _, ok := s.run.allow[rule.name]; ok {
			members := simMembers(org, o.target(rule))
			settings.Policy.AllowRemovals[rule.name] = len(without(members, o.wish(rule, members)))
		}
	}
}

// makesAnew plans again in the place of carrying out what was looked at.
func makesAnew(ctx context.Context, s *sim, to simClients, _ plan.Plan, settings pipeline.Settings) (plan.Plan, error) {
	file, err := membership.DecodeFile(s.run.since.out)
	if err != nil {
		return plan.Plan{}, err
	}
	return pipeline.Diff(ctx, to.entra, to.org, file, settings)
}

// oneByOne knows of one entry at a time.
func oneByOne(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, s pipeline.Settings) (pipeline.Result, error) {
	var all pipeline.Result
	for _, m := range s.Mappings {
		alone := s
		alone.Mappings = []pipeline.Mapping{m}
		result, err := pipeline.Sync(ctx, entra, org, writer, alone)
		if err != nil {
			return all, err
		}
		all.Outcomes = append(all.Outcomes, result.Outcomes...)
	}
	return all, nil
}

// callsGood reports groups that ended badly as in step.
func callsGood(bad ...push.Status) func(context.Context, *graph.Client, *genesys.Reader, push.Writer, pipeline.Settings) (pipeline.Result, error) {
	return func(ctx context.Context, entra *graph.Client, org *genesys.Reader, writer push.Writer, s pipeline.Settings) (pipeline.Result, error) {
		result, err := pipeline.Sync(ctx, entra, org, writer, s)
		for i := range result.Outcomes {
			for _, status := range bad {
				if result.Outcomes[i].Status == status {
					result.Outcomes[i].Status = push.InStep
				}
			}
		}
		return result, err
	}
}

// hidesNamesakes lists each group that no entry was made for under another name.
func hidesNamesakes(s *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	if r.URL.Path != "/api/v2/scim/groups" {
		return next.RoundTrip(r)
	}
	return altered(next, r, func(_ int, body map[string]any) bool {
		list, _ := body["Resources"].([]any)
		for _, item := range list {
			group, _ := item.(map[string]any)
			ours := false
			for _, rule := range s.spec.rules {
				ours = ours || rule.group == group["id"]
			}
			if id, ok := group["id"].(string); ok && !ours {
				group["displayName"] = id
			}
		}
		return len(list) > 0
	})
}

// keepsName shows and writes a group by the name that it had in the beginning.
func keepsName(s *sim, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	id, alone := strings.CutPrefix(r.URL.Path, groupAPI)
	if !alone {
		return next.RoundTrip(r)
	}
	if r.Method != http.MethodPut {
		return altered(next, r, func(status int, body map[string]any) bool {
			for _, rule := range s.spec.rules {
				if rule.group == id && status == http.StatusOK {
					body["displayName"] = rule.name
				}
			}
			return status == http.StatusOK
		})
	}
	data, err := io.ReadAll(r.Body)
	var body map[string]any
	if err == nil && json.Unmarshal(data, &body) == nil {
		for _, g := range s.world.Genesys().Groups {
			if g.ID == id {
				body["displayName"] = g.DisplayName
			}
		}
		data, _ = json.Marshal(body) // it came as JSON
	}
	again := r.Clone(r.Context())
	again.Body, again.ContentLength = io.NopCloser(bytes.NewReader(data)), int64(len(data))
	return next.RoundTrip(again)
}
