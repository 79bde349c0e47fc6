package secret

import (
	"errors"
	"fmt"
	"runtime"
)

// Panic returns what may be shown of a panic: the error of the runtime, or else only the type of the value. The value itself may
// be a secret, because a library may panic with the request that it was about to send.
func Panic(recovered any) string {
	if err, ok := recovered.(error); ok {
		if e, ok := errors.AsType[runtime.Error](err); ok {
			return e.Error()
		}
	}
	return fmt.Sprintf("a panic with a value of type %T", recovered)
}
