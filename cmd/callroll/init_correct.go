package main

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/callroll/callroll/pkg/config"
	"github.com/callroll/callroll/pkg/graph"
)

// What is asked again after the answers were tried and are wrong.

// toCorrect returns the questions to ask again: those that an error is about, if it tells and the user does not want to see all.
func (i *initialization) toCorrect(ctx context.Context, questions []question, err error) ([]question, error) {
	keys := concerned(err)
	about := slices.DeleteFunc(slices.Clone(questions), func(q question) bool {
		return !slices.ContainsFunc(keys, func(key string) bool { return strings.HasPrefix(q.key, key) })
	})
	if !slices.ContainsFunc(about, i.answers.asks) {
		i.app.say("correct the answers, or press Enter to keep them; Ctrl-C stops")
		return questions, nil
	}
	what := query{text: "What do you want to correct? Enter keeps an answer, and Ctrl-C stops", preset: "this"}
	again := about
	chooseErr := i.prompt.choose(ctx, what, []choice{
		{"this", "what it is about: " + strings.Join(keys, ", ")},
		{"all", "all answers of this side, one after the other"},
	}, func(answer string) error {
		if again = about; answer == "all" {
			again = questions
		}
		return nil
	})
	return again, chooseErr
}

// concerned returns what the keys begin with that an error is about. It is empty if the error does not tell.
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
		keys = append(keys, strings.TrimSuffix(strings.TrimSuffix(one.Place, "_file"), "_command"))
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
