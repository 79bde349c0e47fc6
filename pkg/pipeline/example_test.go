package pipeline_test

import (
	"context"
	"fmt"
	"log"
	"net/http"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/pipeline"
	"github.com/callroll/callroll/pkg/plan"
	"github.com/callroll/callroll/pkg/sandbox"
	"github.com/callroll/callroll/pkg/secret"
)

// A dry run and a sync from another Go program. The World stands in place of the network; without it, leave Transport to
// rest.NewHTTPClient.
func Example() {
	world := sandbox.New(sandbox.Entra{
		TenantID: "0853b597-7e3c-4faf-a690-9f99bd6a13b7", Domain: "contoso.onmicrosoft.com",
		ClientID: "app", ClientSecret: "entra-secret", Roles: []string{"GroupMember.Read.All", "User.Read.All"},
		Users: []sandbox.EntraUser{
			entraUser("771c41ae-3218-4492-a2a3-f5b7aae8ec3d", "ann@contoso.com"),
			entraUser("ab37b23d-c031-4ced-86aa-2691c368e777", "bob@contoso.com"),
		},
		Groups: []sandbox.EntraGroup{{
			ID: "1bb21836-d6ec-41ee-8ac6-c8991ed36fd3", DisplayName: "Sales",
			Members: []string{"771c41ae-3218-4492-a2a3-f5b7aae8ec3d", "ab37b23d-c031-4ced-86aa-2691c368e777"},
		}},
	}, sandbox.Genesys{
		Region: "mypurecloud.ie", ClientID: "client", ClientSecret: "genesys-secret", Permissions: []string{"directory:group:edit"},
		Users: []sandbox.GenesysUser{
			{ID: "b8bd7960-c0bb-4af1-b866-febe94793aef", UserName: "ann@contoso.com", Active: true},
			{ID: "d10823e6-32e0-4347-a638-f52386e3cd30", UserName: "bob@contoso.com", Active: true},
		},
		Groups: []sandbox.GenesysGroup{{
			ID: "8f30ea83-9899-4b93-8781-92cb2a75d6a8", DisplayName: "Sales", Version: 1,
			Members: []sandbox.GenesysMember{{Value: "b8bd7960-c0bb-4af1-b866-febe94793aef", Type: "User"}},
		}},
	})
	network := &http.Client{Transport: world}

	entra, err := graph.New(graph.Options{
		TenantID: "contoso.onmicrosoft.com", ClientID: "app", Secret: secret.New("entra-secret"), HTTP: network,
	})
	if err != nil {
		log.Fatal(err)
	}
	region, err := genesys.ParseRegion("mypurecloud.ie")
	if err != nil {
		log.Fatal(err)
	}
	conn, err := genesys.Connect(genesys.Options{
		Region: region, ClientID: "client", Secret: secret.New("genesys-secret"), HTTP: network, RequestsPerMinute: 300,
	})
	if err != nil {
		log.Fatal(err)
	}
	settings := pipeline.Defaults()
	settings.Mappings = []pipeline.Mapping{{
		Rule: plan.Rule{Name: "Sales", Entra: []string{"1bb21836-d6ec-41ee-8ac6-c8991ed36fd3"}, Genesys: "Sales"},
	}}

	ctx := context.Background()
	file, err := pipeline.Fetch(ctx, entra, settings)
	if err != nil {
		log.Fatal(err)
	}
	dry, err := pipeline.Diff(ctx, entra, genesys.NewReader(conn), file, settings)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(dry.Groups[0].Name, dry.Groups[0].State, dry.Groups[0].Add[0].UserName)

	result, err := pipeline.Sync(ctx, entra, genesys.NewReader(conn), genesys.NewWriter(conn), settings)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.Outcomes[0].Group.Name, result.Outcomes[0].Status, len(world.Genesys().Groups[0].Members))
	// Output:
	// Sales changes bob@contoso.com
	// Sales changed 2
}
