//go:build unix

package rest_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/callroll/callroll/pkg/rest"
)

// A ca_file that is a pipe without an end is waited for as long as the context says.
func TestReadRootsGivesUp(t *testing.T) {
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	if _, err := rest.ReadRoots(ctx, fmt.Sprintf("/dev/fd/%d", r.Fd())); !errors.Is(err, cause) {
		t.Errorf("a silent pipe: %v, want the cause", err)
	}
}
