package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/report"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/setup"
)

// A sync of one group from another Go program, with the lock and the journal that callroll has. The demo of package sandbox
// stands in place of the network and brings its configuration; a real program takes its HTTP client from setup.HTTPClient.
func Example() {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "callroll-")
	check(err)
	defer os.RemoveAll(dir)
	demo := filepath.Join(dir, "demo")
	world, err := sandbox.Open(demo)
	check(err)
	defer func() { _ = world.Close() }()

	conf, err := config.Load(ctx, config.Options{Path: filepath.Join(demo, sandbox.DemoConfig)})
	check(err)
	settings, err := setup.Settings(conf)
	check(err)
	settings.Only = []string{"Support Tier 1"}
	options := setup.Options{HTTP: &http.Client{Transport: world}}
	entra, err := setup.Entra(ctx, conf, options)
	check(err)
	conn, err := setup.Genesys(ctx, conf, options)
	check(err)

	run, err := pipeline.Begin(ctx, conn, settings, pipeline.RunOptions{
		StateDir: filepath.Join(dir, "state"), Info: journal.RunInfo{Version: "1.0", Command: "sync", Live: true},
	})
	check(err) // a *journal.LockedError if another run is at work
	result, err := pipeline.Sync(ctx, entra, genesys.NewReader(conn), genesys.NewWriter(conn), nil, run.Settings)
	status := report.OfOutcomes(result.Outcomes)
	if err != nil {
		status = report.Failed
	}
	check(errors.Join(err, run.End(status, result.Outcomes)))
	for _, o := range result.Outcomes {
		fmt.Printf("%s: %s, %d came, %d went\n", o.Group.Name, o.Status, len(o.Group.Add), len(o.Group.Remove))
	}
	// Output: Support Tier 1: changed, 3 came, 2 went
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
