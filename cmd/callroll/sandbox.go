package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/sandbox"
)

func (a *app) sandboxCommand() *cobra.Command {
	var o sandbox.ServeOptions
	serve := &cobra.Command{
		Use:   "serve DIR",
		Short: "Serve a sandbox on TLS sockets, until SIGINT, SIGTERM or SIGHUP",
		Long: "Serve both services of a sandbox on one TLS socket, with its own certificate authority, and print a configuration\n" +
			"for it. It listens on the addresses of this machine only, unless --public is given.\n\n" +
			"To try callroll init on it, answer other for the cloud and for the region, give the printed URL for each of the four\n" +
			"addresses, and name DIR/ca.pem as the file with another root certificate. The ids are those of the printed\n" +
			"configuration, and the client secrets are in the files DIR/secrets/entra and DIR/secrets/genesys.",
		Example: "  callroll sandbox serve play\n  callroll sandbox serve play --listen 127.0.0.1:8443",
		Args:    oneArg("name the folder of the sandbox: callroll sandbox serve DIR"),
		RunE:    func(cmd *cobra.Command, args []string) error { return a.serve(cmd.Context(), args[0], o) },
	}
	serve.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:0", "`ADDRESS` to listen on")
	serve.Flags().BoolVar(&o.Public, "public", false, "allow an address that other machines reach")
	return verbsOf("sandbox", "Serve both services on sockets, and create credentials for them",
		"say what to do: callroll sandbox serve DIR",
		"  callroll sandbox serve play\n  callroll sandbox credentials play --certificate", serve, a.sandboxCredentialsCommand())
}

// serve serves the sandbox until ctx ends, and prints its configuration on stdout. It returns nil if it ends because of ctx.
func (a *app) serve(ctx context.Context, dir string, o sandbox.ServeOptions) error {
	world, err := a.openSandbox(dir)
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }() // every write was flushed before its response was sent
	server, err := world.Serve(ctx, o)
	if err != nil {
		return usage(err)
	}
	config, err := os.ReadFile(server.ConfigPath)
	if err != nil {
		return err
	}
	a.say("serving on %s; the configuration that follows is in %s", server.URL, server.ConfigPath)
	if _, err := fmt.Fprintf(a.stdout, "%s", config); err != nil {
		return err
	}
	return server.Wait()
}
