package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// await lets a request wait as its fault says, and holds nothing meanwhile. An error is the end of the client's patience.
func (w *World) await(ctx context.Context, f Fault) error {
	if f.Hold != "" {
		if err := w.hold(ctx, f.Hold); err != nil {
			return err
		}
	}
	if f.Delay > 0 {
		return wait(ctx, time.Duration(f.Delay))
	}
	return nil
}

// hold waits until a file exists. Who plays has to know when a request has come so far: meanwhile there is an empty
// file of the same name with .held at its end.
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
		if err := wait(ctx, 5*time.Millisecond); err != nil {
			return err
		}
	}
}

// wait sleeps.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// needsFolder says what a fault cannot do in a World without files.
func (f Fault) needsFolder() error {
	switch {
	case f.Kill:
		return errors.New("kill needs a World with a folder")
	case f.Hold != "" && !filepath.IsAbs(f.Hold):
		return errors.New("hold needs a World with a folder, or an absolute path")
	}
	return nil
}

// die ends the process as nothing but a signal that cannot be caught does.
func die() error {
	self, err := os.FindProcess(os.Getpid())
	if err == nil {
		err = self.Kill()
	}
	if err != nil {
		return fmt.Errorf("sandbox: kill: %w", err)
	}
	select {} // the signal is on its way
}
