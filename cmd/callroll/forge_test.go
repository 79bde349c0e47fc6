package main

import (
	"encoding/json"
	"os"
	"slices"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/callroll/callroll/pkg/plan"
)

// forgeCommand edits one group of a plan file as somebody would who can make a fingerprint.
func forgeCommand(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[0])
	data, err := os.ReadFile(path)
	ts.Check(err)
	var p plan.Plan
	ts.Check(json.Unmarshal(data, &p))
	i := slices.IndexFunc(p.Groups, func(g plan.Group) bool { return g.Name == args[1] })
	g := &p.Groups[i]
	switch args[2] {
	case "id": // of another group
		g.ID = args[3]
	case "remove": // a member, under the name of somebody else
		g.Members = slices.DeleteFunc(g.Members, func(id string) bool { return id == args[3] })
		g.Remove = append(g.Remove, plan.Entry{ID: args[3], UserName: args[4]})
	case "forget": // a member, who is in no list of the plan any more
		g.Members = slices.DeleteFunc(g.Members, func(id string) bool { return id == args[3] })
	case "add": // an account, under a name
		g.Members = append(g.Members, args[3])
		slices.Sort(g.Members)
		g.Add = append(g.Add, plan.Entry{ID: args[3], UserName: args[4]})
	default:
		ts.Fatalf("forge does not know %q", args[2])
	}
	g.Key = plan.IdempotencyKey(g.ID, g.Members)
	if g.State == plan.InStep {
		g.State = plan.Changes
	}
	data, err = p.Encode()
	ts.Check(err)
	ts.Check(os.WriteFile(path, data, 0o600))
}
