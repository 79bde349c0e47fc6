package rest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/callroll/callroll/pkg/rest"
	"github.com/callroll/callroll/pkg/secret"
)

func TestToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issued := 0
		tokens := rest.NewTokens(func(context.Context) (rest.Token, error) {
			issued++
			return rest.Token{Value: secret.New(fmt.Sprintf("token-%d", issued))}, nil
		})
		s := &script{answers: []answer{says(401, "{}"), says(200, "{}")}}
		c := client(t, s, func(o *rest.Options) { o.Token = tokens })
		if _, err := c.Do(t.Context(), get("/x"), nil); err != nil || issued != 2 {
			t.Fatalf("%d tokens, %v; want a second one after the 401", issued, err)
		}
		if got := s.seen[1].Header.Get("Authorization"); got != "Bearer token-2" {
			t.Errorf("Authorization %q, want the second token", got)
		}
		s.answers = []answer{says(401, `{"message":"token-3 is no good"}`)}
		_, err := c.Do(t.Context(), put("/x"), nil)
		if issued != 3 || s.count() != 4 || failure(t, err).Status != 401 || strings.Contains(err.Error(), "token-3") {
			t.Errorf("%d tokens, %d requests, %v; want one more token, one more try, then the error without the token", issued, s.count(), err)
		}
	})
}

func TestTokensAreSharedAndRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		tokens := rest.NewTokens(func(context.Context) (rest.Token, error) {
			calls++
			time.Sleep(time.Second)
			return rest.Token{Value: secret.New(fmt.Sprint(calls)), Expires: time.Now().Add(time.Hour), Margin: 30 * time.Second}, nil
		})
		all := func(ask func(context.Context) (secret.String, error), want string) {
			t.Helper()
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if got, err := ask(t.Context()); err != nil || got.Reveal() != want {
						t.Errorf("token %q, %v; want %q", got.Reveal(), err, want)
					}
				})
			}
			wg.Wait()
		}
		all(tokens.Get, "1")
		all(func(ctx context.Context) (secret.String, error) { return tokens.Renew(ctx, secret.New("1")) }, "2")
		time.Sleep(time.Hour - 31*time.Second)
		all(tokens.Get, "2")
		time.Sleep(time.Second)
		all(tokens.Get, "3")
	})
}

func TestARefusedSignInIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		no := &rest.Error{Kind: rest.Refused, Status: 401}
		tokens := rest.NewTokens(func(context.Context) (rest.Token, error) { calls++; return rest.Token{}, no })
		s := &script{answers: []answer{says(200, "{}")}}
		c := client(t, s, func(o *rest.Options) { o.Token = tokens })
		for range 3 {
			if _, err := c.Do(t.Context(), get("/x"), nil); !errors.Is(err, no) {
				t.Fatalf("error %v, want the refusal", err)
			}
		}
		if calls != 1 || s.count() != 0 {
			t.Errorf("%d sign-ins and %d requests, want one and none", calls, s.count())
		}
	})
}

func TestAFailedSignInIsNotTriedAgainByTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		login := &script{answers: []answer{says(503, "")}}
		in := client(t, login)
		tokens := rest.NewTokens(func(ctx context.Context) (rest.Token, error) {
			_, err := in.Do(ctx, get("/token"), nil)
			return rest.Token{}, err
		})
		s := &script{answers: []answer{says(200, "{}")}}
		_, err := client(t, s, func(o *rest.Options) { o.Token = tokens }).Do(t.Context(), get("/x"), nil)
		if login.count() != 5 || s.count() != 0 || failure(t, err).Status != 503 {
			t.Errorf("%d sign-ins, %d requests, %v; want five and none", login.count(), s.count(), err)
		}
	})
}

// A waiter does not inherit the haste of whoever asked first.
func TestAnAbandonedSignInIsTakenOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := rest.NewTokens(func(ctx context.Context) (rest.Token, error) {
			select {
			case <-time.After(5 * time.Second):
				return rest.Token{Value: secret.New("good")}, nil
			case <-ctx.Done():
				return rest.Token{}, ctx.Err()
			}
		})
		hasty, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = tokens.Get(hasty) })
		synctest.Wait()
		if got, err := tokens.Get(t.Context()); err != nil || got.Reveal() != "good" {
			t.Errorf("token %q, %v; want a good one", got.Reveal(), err)
		}
		wg.Wait()
	})
}

// Those who wait for a sign-in share its failure, and whoever comes later signs in again.
func TestAFailedSignInIsShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls, down := 0, errors.New("down")
		tokens := rest.NewTokens(func(context.Context) (rest.Token, error) {
			calls++
			time.Sleep(time.Second)
			return rest.Token{}, down
		})
		for want := 1; want <= 2; want++ {
			var wg sync.WaitGroup
			for range 10 {
				wg.Go(func() {
					if _, err := tokens.Get(t.Context()); !errors.Is(err, down) {
						t.Errorf("error %v, want that of the sign-in", err)
					}
				})
			}
			if wg.Wait(); calls != want {
				t.Errorf("%d sign-ins, want %d", calls, want)
			}
		}
	})
}

// Whoever waits for the sign-in of another does so no longer than their own context says.
func TestNobodyWaitsForASignInForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := rest.NewTokens(func(context.Context) (rest.Token, error) {
			time.Sleep(time.Hour)
			return rest.Token{Value: secret.New("late")}, nil
		})
		var wg sync.WaitGroup
		wg.Go(func() { _, _ = tokens.Get(t.Context()) })
		synctest.Wait()
		enough := errors.New("enough")
		hasty, cancel := context.WithTimeoutCause(t.Context(), time.Second, enough)
		defer cancel()
		began := time.Now()
		if _, err := tokens.Get(hasty); !errors.Is(err, enough) || time.Since(began) != time.Second {
			t.Errorf("%v after %s, want the cause after a second", err, time.Since(began))
		}
		wg.Wait()
	})
}

func TestATokenIsRenewedOnceInARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		issued := 0
		tokens := rest.NewTokens(func(context.Context) (rest.Token, error) {
			issued++
			return rest.Token{Value: secret.New(fmt.Sprintf("token-%d", issued))}, nil
		})
		s := &script{answers: []answer{says(401, "{}"), says(503, ""), says(401, "{}"), says(200, "{}")}}
		_, err := client(t, s, func(o *rest.Options) { o.Token = tokens }).Do(t.Context(), get("/x"), nil)
		if issued != 2 || s.count() != 3 || failure(t, err).Status != 401 {
			t.Errorf("%d tokens, %d requests, %v; want two, three, and the second 401", issued, s.count(), err)
		}
	})
}
