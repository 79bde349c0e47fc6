package sandbox

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

//go:embed demo
var demo embed.FS

// createDemo creates dir from the embedded demo tenant, unless dir exists. It is created under another name and renamed,
// so that processes which start at the same time all find a complete folder.
func createDemo(dir string) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(filepath.Clean(dir)), ".sandbox-")
	if err == nil {
		defer os.RemoveAll(temporary)
		err = copyDemo(temporary)
	}
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	if err := os.Rename(temporary, dir); err != nil {
		if _, statErr := os.Stat(filepath.Join(dir, genesysFile)); statErr == nil {
			return nil // another process created it in the meantime
		}
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// copyDemo writes the files of the demo. Files with secrets are readable only by their owner, as in production.
func copyDemo(dir string) error {
	return fs.WalkDir(demo, "demo", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(strings.TrimPrefix(path, "demo")))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o700)
		}
		data, err := demo.ReadFile(path)
		if err != nil {
			return err
		}
		mode := fs.FileMode(0o600)
		if ext := filepath.Ext(path); ext == ".yaml" || ext == ".txt" {
			mode = 0o644
		}
		return os.WriteFile(target, data, mode)
	})
}
