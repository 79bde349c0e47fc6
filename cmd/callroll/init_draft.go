package main

import (
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/secret"
)

// What the answers are used for: the configuration that they make, and the questions that are still open.

// missing returns the flags that the answers lack.
func (a *answers) missing() (flags []string) {
	for _, q := range allQuestions() {
		if q.text == "" || q.optional || q.typed || q.preset != "" || !q.applies(a) || a.get(q.key) != "" {
			continue
		}
		flag := "--" + q.flagName()
		if q.isWhere() {
			flag += "-file or " + flag + "-command"
		}
		flags = append(flags, flag)
	}
	return flags
}

// text returns the configuration with the values that the choices leave, and with entries of groups.
func (a *answers) text(groups string) []byte {
	d := config.Draft{Groups: groups}
	for _, q := range allQuestions() {
		if q.applies(a) || a.isTyped(q.key) {
			d.Copy(q.key, &a.draft)
		}
		if q.isWhere() && q.applies(a) && a.chosen[q.key] == inVariable {
			d.Note(q.key+"_file", "the secret comes from the variable "+config.SecretVariable(q.key+"_file", a.env))
		}
	}
	return d.Text()
}

// options returns how to load the answers.
func (a *answers) options(o config.Options) config.Options {
	o.Path, o.Draft, o.Secrets = a.path, a.text(""), map[string]secret.String{}
	for key, s := range a.typed {
		if a.isTyped(key) {
			o.Secrets[key] = s
		}
	}
	return o
}

// isTyped says whether the file of a key gets a secret that was typed.
func (a *answers) isTyped(key string) bool {
	where, isFile := strings.CutSuffix(key, "_file")
	return isFile && a.chosen[where] == inPrompt && slices.ContainsFunc(allQuestions(), func(q question) bool {
		return q.key == where && q.applies(a)
	})
}

// release lets questions be asked whose answers came from flags and were wrong. A variable still overrides the file.
func (a *answers) release(questions []question) {
	for _, q := range questions {
		if strings.HasPrefix(a.fixed[q.key], "--") {
			delete(a.fixed, q.key)
		}
	}
}

// asks says whether a question is open for an answer of the user.
func (a *answers) asks(q question) bool {
	if q.text == "" || !q.applies(a) || a.fixed[q.key] != "" {
		return false
	}
	if !q.isWhere() {
		return true
	}
	fixed := slices.ContainsFunc([]string{"_file", "_command"}, func(s string) bool { return a.fixed[q.key+s] != "" })
	override := config.SecretVariablesOf(q.key + "_file")[0]
	return !fixed && a.env[override] == ""
}
