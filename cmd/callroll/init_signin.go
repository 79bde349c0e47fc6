package main

import (
	"context"
	"crypto/x509"
	"errors"

	"github.com/callroll/callroll/pkg/genesys"
)

// attemptsAtPrompt is how many attempts a sign-in has while somebody waits, because they can try again themselves.
const attemptsAtPrompt = 2

// signIn is tried with fewer attempts if there is somebody at the terminal.
func (i *initialization) signIn(ctx context.Context, need needs, work func(context.Context, *session) error) error {
	return i.tried(ctx, need, func(ctx context.Context, s *session) error {
		if i.prompt != nil {
			s.config.Retry.Attempts = min(s.config.Retry.Attempts, attemptsAtPrompt)
		}
		return work(ctx, s)
	})
}

func (i *initialization) tryEntra(ctx context.Context) error {
	return i.signIn(ctx, needs{entra: true}, func(ctx context.Context, s *session) error {
		client, err := s.entra(ctx)
		if err != nil {
			return err
		}
		who, err := client.SignIn(ctx)
		if err == nil {
			i.app.say("signed in to Entra, tenant %s, with %s", who.TenantID, s.config.EntraAuth())
		}
		return err
	})
}

func (i *initialization) tryGenesys(ctx context.Context) error {
	return i.signIn(ctx, needs{entra: true, genesys: true}, func(ctx context.Context, s *session) error {
		conn, err := s.genesys(ctx)
		if err == nil {
			err = genesys.NewReader(conn).SignIn(ctx)
		}
		if err == nil {
			i.app.say("signed in to Genesys, %s", conn.Host())
		}
		return err
	})
}

// unknownAuthority says whether a certificate of a service is signed by an authority that this machine does not know.
func unknownAuthority(err error) bool { return errors.As(err, new(x509.UnknownAuthorityError)) }
