package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/callroll/callroll/pkg/internal/timer"
)

// waitForFault waits as a fault says, without holding the lock. It returns an error if the client gives up.
func (w *World) waitForFault(ctx context.Context, f Fault) error {
	if f.Hold != "" {
		if err := w.hold(ctx, f.Hold); err != nil {
			return err
		}
	}
	if f.Delay > 0 {
		return timer.Wait(ctx, time.Duration(f.Delay))
	}
	return nil
}

// hold waits until a file exists. During the wait there is an empty file with the suffix .held, so that a test knows that
// the request has arrived.
func (w *World) hold(ctx context.Context, name string) error {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(w.folder.dir, path)
	}
	if err := os.WriteFile(path+".held", nil, 0o600); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	defer os.Remove(path + ".held")
	for {
		if _, err := os.Stat(path); err == nil {
			return nil
		}
		if err := timer.Wait(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// needsFolder returns an error for a fault that needs a World with a folder.
func (f Fault) needsFolder() error {
	switch {
	case f.Kill:
		return errors.New("kill needs a World with a folder")
	case f.Hold != "" && !filepath.IsAbs(f.Hold):
		return errors.New("hold needs a World with a folder, or an absolute path")
	}
	return nil
}

// killProcess kills the process with a signal that cannot be caught.
func killProcess() error {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		return fmt.Errorf("sandbox: kill: %w", err)
	}
	select {} // until the signal arrives
}
