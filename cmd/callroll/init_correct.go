package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
	"github.com/callroll/callroll/pkg/membership"
	"github.com/callroll/callroll/pkg/rest"
)

// What is asked again after the answers were tried and are wrong.

// toCorrect returns the questions to ask again. If the error says which answers are wrong, the user may choose only these.
// It asks at once for a secret that was typed and may be wrong.
func (i *initialization) toCorrect(ctx context.Context, questions []question, err error) ([]question, error) {
	keys := concerned(err)
	about := slices.DeleteFunc(slices.Clone(questions), func(q question) bool {
		return !slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(q.key, key) })
	})
	tells := slices.ContainsFunc(about, i.answers.asks)
	suspects := about
	if !tells && membership.CauseOf(err) == membership.Denied && !rest.RefusedByProxy(err) {
		suspects = questions
	}
	if n := slices.IndexFunc(suspects, func(q question) bool { return q.typed && i.answers.asks(q) }); n >= 0 {
		return i.retype(ctx, suspects[n], about, questions)
	}
	if !tells {
		i.app.say("correct the answers, or press Enter to keep them; Ctrl-C stops")
		return questions, nil
	}
	what := query{text: "What do you want to correct? Enter keeps an answer, and Ctrl-C stops", preset: "this"}
	again := about
	chooseErr := i.prompt.choose(ctx, what, []choice{
		{"this", "only the answers that the error is about: " + strings.Join(keys, ", ")},
		{"all", "all answers of this side, one after the other"},
	}, func(answer string) error {
		if again = about; answer == "all" {
			again = questions
		}
		return nil
	})
	return again, chooseErr
}

// retype asks for a secret that was typed. No question that shows what is typed may come before: somebody may take it for the
// repetition of the hidden one, and paste the secret. It returns what else is asked again: the other questions that the error is
// about, or all of them if nothing is typed.
func (i *initialization) retype(ctx context.Context, q question, about, all []question) (again []question, err error) {
	what := query{text: q.text, preset: inPrompt, hidden: true, enter: "keeps it, and asks for all answers of this side"}
	others := slices.DeleteFunc(slices.Clone(about), func(other question) bool {
		return strings.HasPrefix(other.key, strings.TrimSuffix(q.key, typedSuffix))
	})
	err = i.prompt.ask(ctx, what, func(answer string) error {
		if again = others; answer == "" {
			again = all
		}
		return i.answers.set(q, answer)
	})
	return again, err
}

// concerned returns the beginnings of the keys that an error is about. It is empty if the error does not tell.
func concerned(err error) []string {
	if unknownAuthority(err) {
		return []string{"ca_file"}
	}
	keys := graph.Suspects(err)
	var many config.Errors
	if one, ok := errors.AsType[*config.Error](err); ok && !errors.As(err, &many) {
		many = config.Errors{one}
	}
	for _, one := range many {
		if one.Place == "" { // every key would begin with it
			continue
		}
		keys = append(keys, strings.TrimSuffix(strings.TrimSuffix(one.Place, "_file"), "_command"))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
