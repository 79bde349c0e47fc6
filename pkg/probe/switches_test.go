package probe_test

import (
	"fmt"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/probe"
	"github.com/callroll/callroll/pkg/sandbox"
)

// A probe finds out each value of each switch, and leaves the group as it was. What takes effect late, and what answers without a
// body, changes no other finding.
func TestEachSwitch(t *testing.T) {
	usual := map[string]string{
		probe.Shows: "at once", probe.Lag: "at once", probe.StaleVersion: "409", probe.UnknownMember: "400 invalidValue",
		probe.InactiveMember: "taken", probe.WithoutExternalID: "refused: 400 invalidValue",
		probe.ManyMembers: "skip: it needs 26 active accounts, and the group and --with have 3", probe.WithoutMembers: "refused: 400 invalidSyntax",
		probe.CountPlain: "25", probe.CountSelected: "25", probe.CountExpensive: "25",
	}
	type want = map[string]string
	for name, c := range map[string]struct {
		switches sandbox.Switches
		want     want
	}{
		"defaults":          {},
		"conflict 409":      {sandbox.Switches{VersionConflict: "409"}, want{probe.StaleVersion: "409"}},
		"conflict 400":      {sandbox.Switches{VersionConflict: "400"}, want{probe.StaleVersion: "400 invalidVers"}},
		"conflict plain":    {sandbox.Switches{VersionConflict: "400-plain"}, want{probe.StaleVersion: "400 without a scimType"}},
		"conflict 412":      {sandbox.Switches{VersionConflict: "412"}, want{probe.StaleVersion: "412"}},
		"conflict accepted": {sandbox.Switches{VersionConflict: "accepted"}, want{probe.StaleVersion: "accepted"}},
		"unknown 404":       {sandbox.Switches{UnknownMember: "404"}, want{probe.UnknownMember: "404"}},
		"unknown dropped": {sandbox.Switches{UnknownMember: "dropped"},
			want{probe.UnknownMember: "dropped: the others are members afterwards"}},
		"inactive refused":   {sandbox.Switches{InactiveMembers: "refused"}, want{probe.InactiveMember: "400 invalidValue"}},
		"externalId kept":    {sandbox.Switches{PutWithoutExternalID: "kept"}, want{probe.WithoutExternalID: "kept"}},
		"externalId removed": {sandbox.Switches{PutWithoutExternalID: "removed"}, want{probe.WithoutExternalID: "removed"}},
		"members kept":       {sandbox.Switches{PutWithoutMembers: "kept"}, want{probe.WithoutMembers: "kept"}},
		"members emptied":    {sandbox.Switches{PutWithoutMembers: "emptied"}, want{probe.WithoutMembers: "emptied"}},
		"everything at once": {
			sandbox.Switches{PutWithoutMembers: "emptied", PutWithoutExternalID: "removed", UnknownMember: "dropped", VersionConflict: "accepted"},
			want{probe.WithoutMembers: "emptied", probe.WithoutExternalID: "removed", probe.StaleVersion: "accepted",
				probe.UnknownMember: "dropped: the others are members afterwards"},
		},
		"largest count": {sandbox.Switches{LargestCount: 40}, want{probe.CountSelected: "40", probe.CountExpensive: "40"}},
		"large 429": {sandbox.Switches{LargePage: "429"},
			want{probe.CountSelected: "at least 59, which are all users", probe.CountExpensive: "at least 25, and 50 is answered 429"}},
		"large 400": {sandbox.Switches{LargePage: "400", LargestCount: 37}, want{
			probe.CountSelected: "37, and more is answered 400 without a scimType", probe.CountExpensive: "37, and more is answered 400 without a scimType"}},
		"large honoured": {sandbox.Switches{LargePage: "honoured"},
			want{probe.CountSelected: "at least 59, which are all users", probe.CountExpensive: "at least 59, which are all users"}},
		"list lag":          {sandbox.Switches{ListLag: sandbox.Duration(10 * time.Second)}, want{probe.Lag: "within 15s"}},
		"list lag for ever": {sandbox.Switches{ListLag: sandbox.Duration(time.Hour)}, want{probe.Lag: "not within 2m0s"}},
		"individuals cut":   {sandbox.Switches{Individuals: "cut"}, nil},
		"id filter":         {sandbox.Switches{IDFilterFindsInactive: true}, nil},
		"members absent":    {sandbox.Switches{MembersAbsentWhenEmpty: true}, nil},
		"unseen refused":    {sandbox.Switches{UnseenMembers: "refused"}, nil},
		"unlisted missing":  {sandbox.Switches{UnlistedUsers: "missing"}, nil},
	} {
		for _, late := range []time.Duration{0, 5 * time.Second} {
			for _, bodyless := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					c.switches.LateApplication, c.switches.PutWithoutBody = sandbox.Duration(late), bodyless
					what := fmt.Sprintf("%s, late %s, without body %t", name, late, bodyless)
					s := newScene(t, c.switches, 1, 2)
					was := s.world.Genesys()
					got, err := s.run(t.Context())
					if err != nil || s.state != nil {
						t.Fatalf("%s: %v, %+v", what, err, s.state)
					}
					for experiment, text := range usual {
						if special, ok := c.want[experiment]; ok {
							text = special
						}
						if experiment == probe.Shows && late > 0 {
							text = "within 7s"
						}
						if got[experiment] != text {
							t.Errorf("%s: %s: %q, want %q", what, experiment, got[experiment], text)
						}
					}
					time.Sleep(time.Hour)
					s.wantBefore(what, was)
				})
			}
		}
	}
}

// A list that lags may show a state that the probe before has made, with the members that this one writes. That is no measurement.
func TestLagAfterAnotherProbe(t *testing.T) {
	for lag, want := range map[time.Duration]string{0: "at once", time.Minute: "within 1m3s", time.Hour: "not within 2m0s"} {
		for _, pause := range []time.Duration{0, 10 * time.Second, 50 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, sandbox.Switches{ListLag: sandbox.Duration(lag)}, 1, 2)
				if _, err := s.run(t.Context()); err != nil {
					t.Fatal(err)
				}
				time.Sleep(pause)
				got, err := s.run(t.Context())
				if err != nil || got[probe.Lag] != want {
					t.Errorf("a lag of %s, %s after another probe: %q, want %q, %v", lag, pause, got[probe.Lag], want, err)
				}
			})
		}
	}
}

// Without versions in the list nothing is measured.
func TestLagWithoutVersions(t *testing.T) {
	s := newScene(t, sandbox.Switches{}, 1, 2)
	s.lists = func(body string) string { return regexp.MustCompile(`,?"version":"[^"]*"`).ReplaceAllString(body, "") }
	want := "skip: the list of groups shows no versions, so that an older state with the same members looks like this one"
	if got, err := s.run(t.Context()); err != nil || got[probe.Lag] != want {
		t.Errorf("%q, %v", got[probe.Lag], err)
	}
}

// More members than a page of a list has: all of them, or a part, whoever is a member at first.
func TestManyMembers(t *testing.T) {
	for shown, want := range map[int]string{0: "all 32", 25: "25 of 32"} {
		for _, late := range []time.Duration{0, 5 * time.Second} {
			synctest.Test(t, func(t *testing.T) {
				s := newScene(t, sandbox.Switches{MembersShown: shown, PutWithoutMembers: "emptied", LateApplication: sandbox.Duration(late)}, 1, 2)
				was := s.world.Genesys()
				accounts := []int{1, 2, 59}
				for n := range 30 {
					accounts = append(accounts, 10+n)
				}
				s.with(accounts...)
				got, err := s.run(t.Context())
				if err != nil || got[probe.ManyMembers] != want || got[probe.WithoutMembers] != "emptied" {
					t.Errorf("%d shown: %q, %v", shown, got, err)
				}
				s.wantBefore(want, was)
			})
		}
	}
}

// With fewer accounts there are fewer findings, and the reasons are said.
func TestFewAccounts(t *testing.T) {
	for _, c := range []struct {
		name    string
		members []int
		with    []int
		want    map[string]string
	}{
		{"nobody", nil, nil, map[string]string{
			probe.Shows:          "skip: it needs an active account to add or remove, which --with names",
			probe.Lag:            "skip: there is no PUT that has shown in the group",
			probe.StaleVersion:   "skip: the group has had one version only; it needs an active account to add or remove, which --with names",
			probe.UnknownMember:  "skip: it needs an active account to add or remove, which --with names",
			probe.InactiveMember: "skip: it needs an inactive account that --with names and that is no member",
			probe.WithoutMembers: "skip: it needs an active account to add or remove, which --with names",
		}},
		{"only the members", []int{1}, []int{1}, map[string]string{probe.Shows: "at once", probe.StaleVersion: "409",
			probe.WithoutMembers: "skip: the group has one member; it needs another active account, which --with names"}},
		{"an inactive member", []int{1, 59}, []int{1, 59}, map[string]string{
			probe.Shows:          "unknown: the write was refused",
			probe.InactiveMember: "skip: it needs an inactive account that --with names and that is no member",
			probe.WithoutMembers: "skip: the group has an inactive member, whom it may be impossible to add again",
		}},
		{"only an inactive member", []int{59}, []int{59}, map[string]string{
			probe.Shows: "skip: it needs an active account to add or remove, which --with names",
		}},
	} {
		s := newScene(t, sandbox.Switches{InactiveMembers: "refused", UnseenMembers: "refused"}, c.members...)
		s.with(c.with...)
		was := s.world.Genesys()
		got, err := s.run(t.Context())
		for experiment, want := range c.want {
			if got[experiment] != want {
				t.Errorf("%s: %s: %q, want %q", c.name, experiment, got[experiment], want)
			}
		}
		if err != nil || s.state != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		s.wantBefore(c.name, was)
	}
	s := newScene(t, sandbox.Switches{PutWithoutMembers: "emptied"}, 1)
	s.opts.WithoutMembers = false
	s.edit(func(org *sandbox.Genesys) { org.Groups[0].ExternalID = "" })
	got, err := s.run(t.Context())
	if got[probe.WithoutMembers] != "skip: it may empty the group; --probe-without-members allows it" ||
		got[probe.WithoutExternalID] != "skip: the group has no externalId" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
