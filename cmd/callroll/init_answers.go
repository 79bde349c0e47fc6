package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/secret"
	"github.com/callroll/callroll/pkg/setup"
)

// answers are what is known of a new configuration.
type answers struct {
	path      string // of the new file
	draft     config.Draft
	chosen    map[string]string        // answers that are no values of keys
	typed     map[string]secret.String // by the keys of the files that they will be in
	fixed     map[string]string        // the flag or the variable that sets a key, which is not asked
	env       map[string]string        // empty for a sandbox
	untrusted bool                     // a certificate of a service is signed by an unknown authority
}

// newAnswers returns the answers of the flags and of the configuration that there is without a file, or of that of the sandbox.
func newAnswers(ctx context.Context, path string, flags map[string]string, base config.Options) (*answers, error) {
	a := &answers{
		path: path, chosen: map[string]string{}, typed: map[string]secret.String{}, fixed: map[string]string{}, env: base.Env,
	}
	base.WithoutSecrets = true
	c, err := config.Load(ctx, base)
	if c == nil {
		return nil, err
	}
	// Mistakes in the environment show when the answers are tried.
	a.draft.Take(c, questionKeys())
	for _, q := range allQuestions() {
		variable := config.Variable(q.key)
		text, given := flags[q.key]
		if value := a.env[variable]; value != "" {
			if given && value != text {
				return nil, usage(fmt.Errorf("the variable %s would override the value of --%s in the file; leave out one of them",
					variable, q.flagName()))
			}
			a.fixed[q.key] = variable
		}
		if !given {
			continue
		}
		if err := cmp.Or(a.draft.Set(q.key, a.pathTo(q.key, text)), passed(q.key, text)); err != nil {
			return nil, usage(fmt.Errorf("--%s: %w", q.flagName(), err))
		}
		a.fixed[q.key] = "--" + q.flagName()
	}
	a.choose(c)
	return a, nil
}

func questionKeys() (keys []string) {
	for _, q := range allQuestions() {
		keys = append(keys, q.key)
	}
	return keys
}

// choose makes the choices that follow from the values.
func (a *answers) choose(c *config.Config) {
	d := &a.draft
	for _, key := range []string{"entra.client_secret", "entra.certificate_password", "genesys.client_secret"} {
		switch {
		case a.fixed[key+"_file"] == "" && a.fixed[key+"_command"] != "":
			a.chosen[key] = inCommand
		case d.Get(key+"_file") != "":
			a.chosen[key] = inFile
		case d.Get(key+"_command") != "":
			a.chosen[key] = inCommand
		case config.SecretVariable(key+"_file", a.env) != "":
			a.chosen[key] = inVariable
		}
	}
	if d.Get("entra.cloud") == "" && d.Get("entra.login_url")+d.Get("entra.graph_url") != "" {
		a.chosen["entra.cloud"] = otherAddresses
		a.fixed["entra.cloud"] = cmp.Or(a.fixed["entra.login_url"], a.fixed["entra.graph_url"])
	}
	if d.Get("genesys.region") == "" && d.Get("genesys.login_url")+d.Get("genesys.api_url") != "" {
		a.chosen["genesys.region"] = otherAddresses
		a.fixed["genesys.region"] = cmp.Or(a.fixed["genesys.login_url"], a.fixed["genesys.api_url"])
	}
	if d.Get("entra.federated") == "" && d.Get("entra.federated_token_file") != "" {
		a.chosen["entra.federated"] = tokenFile
	}
	if auth := a.auth(c); d.Get("entra.auth") == "" && auth != "" {
		_ = d.Set("entra.auth", auth) // it is one of the ways
	}
}

// auth returns the way to sign in that the other values are for. A flag counts more than a variable.
func (a *answers) auth(c *config.Config) (auth string) {
	for _, one := range []struct{ key, auth string }{
		{"entra.certificate_file", "certificate"}, {"entra.federated", "federated"}, {"entra.federated_token_file", "federated"},
		{"entra.managed_identity", "managed-identity"}, {"entra.client_secret_file", "secret"},
		{"entra.client_secret_command", "secret"},
	} {
		if a.fixed[one.key] != "" || c.Given(one.key) && auth == "" {
			auth = one.auth
		}
	}
	if auth == "" && a.chosen["entra.client_secret"] != "" {
		auth = string(config.AuthSecret)
	}
	return auth
}

// get returns the answer to the question with a key. It is empty if there is none.
func (a *answers) get(key string) string { return cmp.Or(a.chosen[key], a.draft.Get(key)) }

// set stores an answer. Where several keys exclude each other, it deletes the others.
func (a *answers) set(q question, text string) error {
	switch {
	case q.typed:
		return a.keep(strings.TrimSuffix(q.key, typedSuffix)+"_file", text)
	case q.isWhere():
		if text == inVariable && config.SecretVariable(q.key+"_file", a.env) == "" {
			return fmt.Errorf("none of them is set; end with Ctrl-C, set %s, and call callroll init again",
				config.SecretVariablesOf(q.key + "_file")[1])
		}
		if a.chosen[q.key] != text {
			a.draft.Delete(q.key + "_file")
			a.draft.Delete(q.key + "_command")
		}
		a.chosen[q.key] = text
		return nil
	}
	delete(a.chosen, q.key)
	a.draft.Delete(q.key)
	switch {
	case text == "":
		return nil
	case q.other != "" && text == q.other:
		a.chosen[q.key] = text
		return nil
	case strings.HasSuffix(q.key, "_command") && !strings.ContainsAny(text, "[,'\""):
		text = "[" + strings.Join(strings.Fields(text), ", ") + "]"
	}
	if err := a.draft.Set(q.key, a.pathTo(q.key, text)); err != nil {
		return err
	}
	return cmp.Or(a.check(q.key), passed(q.key, text))
}

// passed returns an error for a day of expiry that is over. Text that is no day is a mistake that shows elsewhere.
func passed(key, text string) error {
	day, err := time.Parse(time.DateOnly, text)
	if key != "entra.secret_expires" || err != nil || time.Now().Before(day.AddDate(0, 0, 1)) {
		return nil
	}
	return fmt.Errorf("%s has passed, and the secret with it; give the day on which the secret that is used now expires, "+
		"or leave it out", text)
}

// keep keeps a secret that was typed, and chooses the file that it will be in.
func (a *answers) keep(fileKey, text string) error {
	if text != "" && text != a.typed[fileKey].Reveal() {
		a.typed[fileKey] = secret.New(text)
	}
	base := strings.TrimSuffix(filepath.Base(a.path), filepath.Ext(a.path))
	name := base + "-" + map[string]string{
		"entra.client_secret_file": "entra", "genesys.client_secret_file": "genesys", "entra.certificate_password_file": "certificate",
	}[fileKey]
	file := name + ".secret"
	for n := 2; exists(filepath.Join(filepath.Dir(a.path), file)); n++ {
		file = fmt.Sprintf("%s-%d.secret", name, n)
	}
	return a.draft.Set(fileKey, file)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// pathTo returns a path that is typed in the working directory as it is written in the configuration.
func (a *answers) pathTo(key, text string) string {
	if !strings.HasSuffix(key, "_file") || strings.HasPrefix(text, "~") || strings.HasPrefix(text, "$") {
		return text
	}
	if here := config.Absolute("."); filepath.Dir(config.Absolute(a.path)) == here {
		return text
	}
	return config.Absolute(text)
}

// check returns the mistake in the value of one key, if there is one that shows before anything is sent.
func (a *answers) check(key string) error {
	options := config.Options{Path: a.path, Env: a.env, Draft: a.text(""), WithoutSecrets: true}
	c, err := config.Load(context.Background(), options) // reads no file that may be a pipe
	if c != nil {
		err = config.Join(err, setup.Addresses(c))
	}
	var many config.Errors
	if one, ok := errors.AsType[*config.Error](err); ok && !errors.As(err, &many) {
		many = config.Errors{one}
	}
	for _, one := range many {
		if name, is := errors.AsType[*genesys.MisspelledError](one); is && one.Place == key {
			return errors.New(name.What() + "; if it is right, choose " + otherAddresses + " to give the addresses")
		} else if one.Place == key {
			return one
		}
	}
	if c == nil || c.File(key) == "" {
		return nil
	}
	switch info, err := os.Stat(c.File(key)); { // its name is not repeated, because it may be the secret itself
	case !exists(c.File(key)):
		return errors.New("there is no file of this name; the answer is the path of a file")
	case err == nil && info.IsDir():
		return errors.New("this is a folder; the answer is the path of a file")
	}
	return nil
}
