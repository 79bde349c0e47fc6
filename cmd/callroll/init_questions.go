package main

import (
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/config"
)

// question asks for the value of a key of the configuration, or chooses which other questions are asked. Its flag is the key with
// dashes.
type question struct {
	key      string
	text     string   // empty: only the flag and the environment set it
	flag     string   // what the help says about the flag; empty if there is none
	choices  []choice // empty: any text
	other    string   // the choice that is no value of the key, but leads to other questions
	preset   string
	optional bool
	typed    bool // a secret, which is not shown and has no flag
	when     func(*answers) bool
}

// The choices of where a secret is.
const (
	inFile     = "file"
	inVariable = "variable"
	inCommand  = "command"
	inPrompt   = "type"
	nowhere    = "none"
)

// The choices that are no values of their keys.
const (
	otherAddresses = "other"
	tokenFile      = "file"
)

func allQuestions() []question { return append(entraQuestions(), genesysQuestions()...) }

// entraQuestions are the questions about the Entra side, in their order.
func entraQuestions() []question {
	elsewhere := func(a *answers) bool { return a.get("entra.cloud") == otherAddresses }
	application := func(a *answers) bool { return a.get("entra.auth") != string(config.AuthManagedIdentity) }
	return slices.Concat([]question{
		{key: "entra.cloud", text: "In which cloud of Microsoft is the tenant?",
			flag: "`CLOUD` of the tenant: global, usgov, dod or china", preset: "global", other: otherAddresses, choices: []choice{
				{"global", "every tenant that is in none of the others"},
				{"usgov", "US Government"},
				{"dod", "US Department of Defense"},
				{"china", "operated by 21Vianet"},
				{otherAddresses, "addresses of your own, such as those of a sandbox"},
			}},
		{key: "entra.login_url", text: "The https address of the sign-in of Entra",
			flag: "`URL` of the sign-in of Entra", when: elsewhere},
		{key: "entra.graph_url", text: "The https address of Microsoft Graph",
			flag: "`URL` of Microsoft Graph", when: elsewhere},
		{key: "entra.auth", text: "How does callroll sign in to Entra?",
			flag: "`WAY` to sign in to Entra: certificate, federated, managed-identity or secret", choices: []choice{
				{string(config.AuthCertificate), "a file with a certificate and its key"},
				{string(config.AuthFederated), "a token of Kubernetes, GitHub or Azure DevOps"},
				{string(config.AuthManagedIdentity), "the identity of this Azure machine"},
				{string(config.AuthSecret), "a client secret"},
			}},
		{key: "entra.tenant_id", text: "The tenant: its id, or a domain such as contoso.onmicrosoft.com",
			flag: "`ID` or domain of the Entra tenant", when: application},
		{key: "entra.client_id", text: "The application (client) id of the app registration in Entra",
			flag: "application (client) `ID` of the app registration", when: application},
	}, clientSecretQuestions(), certificateQuestions(), federatedQuestions(), []question{
		{key: "entra.managed_identity", text: "Which managed identity? system, or the client id or resource id of a user-assigned one",
			flag:   "`IDENTITY`: system, or the client id or resource id of a user-assigned one",
			preset: config.SystemAssigned, when: withAuth(config.AuthManagedIdentity)},
		rootQuestion(func(a *answers) bool { return elsewhere(a) || a.untrusted || a.get("ca_file") != "" }),
	})
}

// withAuth returns the condition that a way to sign in was chosen.
func withAuth(auth config.Auth) func(*answers) bool {
	return func(a *answers) bool { return a.get("entra.auth") == string(auth) }
}

func clientSecretQuestions() []question {
	is := withAuth(config.AuthSecret)
	return append(secretQuestions("entra.client_secret", "the client secret of Entra", false, is), question{
		key: "entra.secret_expires", text: "The day on which the secret expires, such as 2027-03-01; reports name it in time",
		flag: "`DATE` on which the client secret expires", optional: true, when: is,
	})
}

func certificateQuestions() []question {
	is := withAuth(config.AuthCertificate)
	return slices.Concat([]question{{
		key: "entra.certificate_file", text: "The file with the certificate and its key: PEM or PFX",
		flag: "`FILE` with the certificate and its key, PEM or PFX", when: is,
	}}, secretQuestions("entra.certificate_password", "the password of a PFX file", true, is), []question{{
		key: "entra.send_x5c", flag: "`true` sends the certificate with each sign-in", when: is,
	}})
}

func federatedQuestions() []question {
	from := func(source string) func(*answers) bool {
		return func(a *answers) bool { return withAuth(config.AuthFederated)(a) && a.get("entra.federated") == source }
	}
	return []question{
		{key: "entra.federated", text: "Whose token is it?",
			flag:  "`SOURCE` of the federated token: kubernetes, github or azure-devops",
			other: tokenFile, when: withAuth(config.AuthFederated), choices: []choice{
				{config.Kubernetes, "of this pod"},
				{config.GitHub, "of this job of GitHub Actions"},
				{config.AzureDevOps, "of this job of Azure DevOps"},
				{tokenFile, "any other, in a file"},
			}},
		{key: "entra.federated_token_file", text: "The file with the token, which is read again at each sign-in",
			flag: "`FILE` with any other federated token", when: from(tokenFile)},
		{key: "entra.service_connection",
			text: "The id of the service connection of Azure DevOps; a task such as AzureCLI@2 sets it",
			flag: "`ID` of the service connection of Azure DevOps", optional: true, when: from(config.AzureDevOps)},
	}
}

// rootQuestion asks for a root certificate. Either side may need it.
func rootQuestion(when func(*answers) bool) question {
	return question{
		key: "ca_file", text: "A file with another root certificate, for such addresses or for a proxy that inspects TLS",
		flag: "`FILE` with another root certificate", optional: true, when: when,
	}
}

// genesysQuestions are the questions about the Genesys side, in their order.
func genesysQuestions() []question {
	elsewhere := func(a *answers) bool { return a.get("genesys.region") == otherAddresses }
	return append([]question{
		{key: "genesys.region", text: "The region of the Genesys org: the domain after login. in the browser, such as " +
			"mypurecloud.ie, or the name of the AWS region, such as eu-west-1; other stands for addresses of your own",
			flag: "`REGION` of the org, as mypurecloud.ie or eu-west-1", other: otherAddresses},
		{key: "genesys.login_url", text: "The https address of the sign-in of Genesys",
			flag: "`URL` of the sign-in of Genesys", when: elsewhere},
		{key: "genesys.api_url", text: "The https address of the API of Genesys",
			flag: "`URL` of the API of Genesys", when: elsewhere},
		{key: "genesys.client_id", text: "The client id of the OAuth client in Genesys (grant: Client Credentials)",
			flag: "`ID` of the OAuth client in Genesys"},
	}, secretQuestions("genesys.client_secret", "the client secret of Genesys", false, func(*answers) bool { return true })...)
}

// secretQuestions ask where a secret is. The key of the first one is none of the configuration.
func secretQuestions(key, what string, optional bool, when func(*answers) bool) []question {
	at := func(where string) func(*answers) bool {
		return func(a *answers) bool { return when(a) && a.get(key) == where }
	}
	where := question{key: key, text: "Where is " + what + "?", when: when, choices: []choice{
		{inPrompt, "you type it now, and callroll keeps it in a file beside the configuration"},
		{inFile, "in a file of its own"},
		{inCommand, "a command prints it, such as that of a password manager"},
		{inVariable, "in the variable " + strings.Join(config.SecretVariablesOf(key + "_file")[1:], " or ")},
	}}
	if optional {
		where.preset = nowhere
		where.choices = append([]choice{{nowhere, "there is none"}}, where.choices...)
	}
	return []question{
		where,
		{key: key + typedSuffix, text: "Type or paste " + what + ". It is not shown", typed: true, when: at(inPrompt)},
		{key: key + "_file", text: "The file with " + what, flag: "`FILE` with " + what, when: at(inFile)},
		{key: key + "_command",
			text: "The program and its arguments, separated by spaces, or as [op, read, \"a b\"]. No shell is used",
			flag: "program that prints " + what + ", as `LIST` like 'op,read,x'", when: at(inCommand)},
	}
}

// typedSuffix ends the key of a question for a secret that is typed.
const typedSuffix = "_typed"

// flagName returns the name of the flag of a question.
func (q question) flagName() string { return strings.NewReplacer(".", "-", "_", "-").Replace(q.key) }

// isWhere says whether a question asks where a secret is.
func (q question) isWhere() bool { return config.SecretVariablesOf(q.key+"_file") != nil }

// applies says whether a question is about what is configured.
func (q question) applies(a *answers) bool { return q.when == nil || q.when(a) || a.fixed[q.key] != "" }
