package schedule

// The steps of the formats whose runs sign in to Entra with a federated token. Such a run cannot be tried on another machine.

// reviewed is the page of the docs with complete files for these formats.
const reviewed = "https://github.com/callroll/callroll/blob/main/docs/security-review.md"

// federated returns the step that lets a run sign in to Entra. from says which issuer and subject the credential has, and part is
// the part of the page that is about the format.
func federated(from, part string) Step {
	return Step{"give the application in Entra a federated credential with " + from + ", and the audience " +
		"api://AzureADTokenExchange (outside of the global cloud, the one that the page names); the page has complete files in its " +
		"part " + part, reviewed}
}

// diffFirst and syncThen are the steps before and after a first run that only shows what it would change.
func diffFirst(command string) Step {
	return Step{"run it once by hand before: put diff, which changes nothing, in place of sync in the entry", command}
}

func syncThen(how string) Step {
	return Step{how + ", read what it would change, and put sync back", ""}
}

func kubernetesSteps(c Command) []Step {
	set := "set the client id and the image"
	if c.ClientID != "" {
		set = "set the image"
	}
	return []Step{
		{set, ""},
		federated("the issuer of the cluster, the subject system:serviceaccount:callroll:callroll", "Kubernetes"),
		{"make the namespace", "kubectl create namespace callroll"},
		{"store the configuration, with federated: kubernetes, client_secret_file: /run/secrets/genesys/secret and state_dir: " +
			"/var/lib/callroll/state", "kubectl -n callroll create configmap callroll --from-file=callroll.yaml"},
		{"store the client secret of Genesys, which FILE has", "kubectl -n callroll create secret generic genesys --from-file=secret=FILE"},
		{"run it once by hand before, with diff, which changes nothing", "sed 's/ sync,/ diff,/' callroll-cronjob.yaml | kubectl apply -f - && " +
			"kubectl -n callroll create job first-diff --from=cronjob/callroll"},
		{"when it has run, read what it would change", "kubectl -n callroll logs job/first-diff"},
		{"start it", "kubectl apply -f callroll-cronjob.yaml"},
	}
}

func gitHubSteps() []Step {
	return []Step{
		diffFirst(`"$RUNNER_TEMP/callroll" diff --summary --config callroll.yaml`),
		federated("the issuer https://token.actions.githubusercontent.com, the subject repo:OWNER/NAME:environment:callroll",
			"GitHub Actions"),
		{"put the workflow, callroll.yaml with federated: github and state_dir: none, and the source of callroll in the folder " +
			"source into the repository", ""},
		{"make the environment callroll with the secret GENESYS_CLIENT_SECRET, and restrict it to the main branch", ""},
		syncThen("run the workflow by hand"),
	}
}

func azureDevOpsSteps() []Step {
	return []Step{
		diffFirst(`"$(Agent.TempDirectory)/callroll" diff --summary --config callroll.yaml`),
		{"put the pipeline, callroll.yaml with federated: azure-devops and state_dir: none, and the source of callroll in the " +
			"folder source into the repository", ""},
		{"make the service connection callroll-entra and the secret variable genesysClientSecret", ""},
		federated("the issuer and the subject that the page of the service connection shows", "Azure DevOps"),
		syncThen("run the pipeline by hand"),
	}
}

func gitLabSteps() []Step {
	return []Step{
		diffFirst("AZURE_FEDERATED_TOKEN_FILE=/tmp/entra-token callroll diff --summary --config callroll.yaml"),
		federated("the issuer https://gitlab.com, or that of your server, the subject project_path:GROUP/NAME:ref_type:branch:ref:main",
			"GitLab CI/CD"),
		{"put the job, callroll.yaml with state_dir: none, and the source of callroll in the folder source into the repository", ""},
		{"make a protected, masked variable GENESYS_CLIENT_SECRET", ""},
		{"make a pipeline schedule with this interval", "*/15 * * * *"},
		syncThen("play the pipeline schedule by hand"),
	}
}
