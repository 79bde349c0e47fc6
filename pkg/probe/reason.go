package probe

import (
	"errors"

	"github.com/callroll/callroll/pkg/membership"
)

// reason says why an experiment has found nothing, in words that name nobody: errors of the services have names and ids.
func reason(err error, notTried bool) string {
	text := "no usable answer: " + string(membership.CauseOf(err))
	switch {
	case errors.Is(err, errStopped):
		return errStopped.Error()
	case errors.As(err, new(*ForeignError)):
		text = "somebody else has changed the group"
	case errors.As(err, new(*keepError)):
		text = "the state before the probe could not be kept"
	case errors.Is(err, errUnsettled):
		text = errUnsettled.Error()
	case membership.CauseOf(err) == membership.Rejected:
		text = "the write was refused"
	}
	if notTried {
		return "not tried: " + text
	}
	return text
}
