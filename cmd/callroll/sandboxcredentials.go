package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/callroll/callroll/pkg/sandbox"
)

func (a *app) sandboxCredentialsCommand() *cobra.Command {
	var o sandbox.CredentialOptions
	cmd := &cobra.Command{
		Use:   "credentials DIR",
		Short: "Create a credential for Entra in a sandbox, and print how to use it",
		Long: "Create a credential for the Entra side of a sandbox, in place of the client secret, and print the section of the\n" +
			"configuration that uses it. The credentials that the sandbox accepts already stay valid.",
		Example: "  callroll sandbox credentials play --certificate\n  callroll sandbox credentials play --federated github",
		Args:    oneArg("name the folder of the sandbox: callroll sandbox credentials DIR --certificate"),
		RunE:    func(_ *cobra.Command, args []string) error { return a.addCredential(args[0], o) },
	}
	flags := cmd.Flags()
	flags.BoolVar(&o.Certificate, "certificate", false, "a certificate with its key")
	flags.StringVar(&o.Federated, "federated", "", "tokens of another `ISSUER`: kubernetes, github, azure-devops or file")
	flags.BoolVar(&o.ManagedIdentity, "managed-identity", false, "a system-assigned and a user-assigned managed identity")
	flags.IntVar(&o.Days, "days", 0, "`NUMBER` of days that the certificate is valid (default 180)")
	flags.BoolVar(&o.Expired, "expired", false, "a certificate, or a token in a file, that has expired")
	return cmd
}

// addCredential creates a credential, and prints on stdout what the configuration and the environment need, in YAML.
func (a *app) addCredential(dir string, o sandbox.CredentialOptions) error {
	if err := o.Check(); err != nil {
		return usage(err)
	}
	world, err := a.openSandbox(dir)
	if err != nil {
		return err
	}
	defer func() { _ = world.Close() }() // every write was flushed before
	credential, err := world.AddCredential(o)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("# In %s, in place of the section entra:\n%s", filepath.Join(dir, sandbox.DemoConfig), credential.Config)
	switch {
	case credential.Shell != "" && o.ManagedIdentity:
		text += "# Only to run as in App Service, and not as on a virtual machine: " + credential.Shell + "\n"
	case credential.Shell != "":
		text += "# In the shell: " + credential.Shell + "\n"
	}
	_, err = fmt.Fprint(a.stdout, text)
	return err
}
