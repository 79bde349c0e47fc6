package secret_test

import (
	"testing"

	"github.com/callroll/callroll/pkg/secret"
)

func TestLooks(t *testing.T) {
	for text, want := range map[string]bool{
		"abC8Q~Vg6hJ_kL0pQrStUvWxYz.1234567890AbC":    true, // as Entra makes them
		"h7JkLm-9aBcDeFgHiJkLmNoPqRsTuVwXyZ012345678": true, // as Genesys makes them
		"6F1C2B3A-1111-4222-8333-444455556666":        false,
		"6f1c2b3a-1111-4222-8333-444455556666":        false,
		"contoso.onmicrosoft.com":                     false,
		"Anna.Schmidt2@contoso.onmicrosoft.com":       false,
		"Support Tier 1 in the Night":                 false,
		"Support Tier 2 Night2 in Building5 of K7":    false,
		"abC8Q~Vg6hJ_kL0pQrStUvW xYz.1234567890AbC":   true, // with a space in it
		"abC8Q~Vg6hJ\tkL0pQrStU\nvWxYz1234567890AbC":  true,
		" abC8Q~Vg6hJ_kL0pQrStUvWxYz.1234567890AbC ":  true,
		"Anna Schmidt2 <Anna.Schmidt2@contoso.com>":   false,
		"requests_per_minute":                         false,
		"Short1":                                      false,
		"":                                            false,
	} {
		if got := secret.Looks(text); got != want {
			t.Errorf("Looks(%q) = %v", text, got)
		}
		if got := secret.Mask(text); (got == text) == want {
			t.Errorf("Mask(%q) = %q", text, got)
		}
	}
	const spaced = `"abC8Q~Vg6hJ_kL0p QrStUvWxYz" is no mode, "Night shift of Support2" is one, "abC8Q~Vg6hJ_\tkL0pQrStUvWxYz" is none`
	const hidden = `[not shown: it may be a secret] is no mode, "Night shift of Support2" is one, [not shown: it may be a secret] is none`
	if got := secret.MaskQuoted(spaced); got != hidden {
		t.Errorf("MaskQuoted = %s", got)
	}
	const message = `"abC8Q~Vg6hJ_kL0pQrStUvWxYz" is no mode, "Sales" is one, 'abC8Q~Vg6hJ_kL0pQrStUvWxYz' is none`
	const want = `[not shown: it may be a secret] is no mode, "Sales" is one, [not shown: it may be a secret] is none`
	if got := secret.MaskQuoted(message); got != want {
		t.Errorf("MaskQuoted = %s", got)
	}
}
