package config

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/callroll/callroll/pkg/secret"
)

// expand replaces a leading ~ and each ${VAR} in a path. It is never used for secrets, in which $ is an ordinary character.
func expand(path string, env map[string]string) (string, error) {
	var missing error
	path = regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllStringFunc(path, func(reference string) string {
		name := reference[2 : len(reference)-1]
		if env[name] == "" && missing == nil {
			missing = fmt.Errorf("the variable %s is not set", name)
		}
		return env[name]
	})
	if missing != nil {
		return path, missing
	}
	rest, ok := strings.CutPrefix(path, "~")
	if !ok || rest != "" && !os.IsPathSeparator(rest[0]) {
		return path, nil
	}
	for _, name := range []string{"HOME", "USERPROFILE"} {
		if env[name] != "" {
			return filepath.Join(env[name], rest), nil
		}
	}
	return path, errors.New("~ is the home folder, and the variable HOME is not set")
}

// paths returns the settings that are paths of files and folders, by key.
func (c *Config) paths() map[string]*string {
	return map[string]*string{
		"entra.client_secret_file":        &c.Entra.ClientSecretFile,
		"entra.certificate_file":          &c.Entra.CertificateFile,
		"entra.certificate_password_file": &c.Entra.CertificatePasswordFile,
		"entra.federated_token_file":      &c.Entra.FederatedTokenFile,
		"genesys.client_secret_file":      &c.Genesys.ClientSecretFile,
		"ca_file":                         &c.CAFile,
		"state_dir":                       &c.StateDir,
	}
}

// File returns the path of the file that a key names. It is empty if there is none.
func (c *Config) File(key string) string {
	if path, is := c.paths()[key]; is {
		return *path
	}
	return ""
}

// commandKey returns the key of the command that returns the secret which the file of another key has otherwise.
func commandKey(fileKey string) string { return strings.Replace(fileKey, "_file", "_command", 1) }

// commands returns the settings that are commands, by key.
func (c *Config) commands() map[string][]string {
	return map[string][]string{
		"entra.client_secret_command":        c.Entra.ClientSecretCommand,
		"entra.certificate_password_command": c.Entra.CertificatePasswordCommand,
		"genesys.client_secret_command":      c.Genesys.ClientSecretCommand,
	}
}

// resolveCommands expands the paths of programs. Where callroll is started must not decide which program is run, and neither may
// everybody who can write a file.
func (c *Config) resolveCommands(env map[string]string) error {
	var wrong []error
	for key, command := range c.commands() {
		if len(command) == 0 {
			continue
		}
		program, err := expand(command[0], env)
		command[0] = program
		if err == nil && filepath.Base(program) != program && !filepath.IsAbs(program) {
			err = errors.New("the path of the program is relative; give an absolute path, or only a name, which is searched in PATH")
		}
		if at, inFile := c.places.spots[key]; err == nil && inFile && secret.EverybodyWrites(at.file) {
			err = fmt.Errorf("everybody may write %s, so that anybody can name the program; change that with chmod go-w", at.file)
		}
		wrong = append(wrong, c.At(key, err))
	}
	return Join(wrong...)
}

// resolvePaths expands the paths, and resolves those of the file relative to its folder.
func (c *Config) resolvePaths(env map[string]string, file string) error {
	var wrong []error
	for key, path := range c.paths() {
		expanded, err := expand(*path, env)
		if err != nil && c.isUnused(key) {
			continue
		}
		if err != nil {
			c.places.wrong[key] = true
			*path = ""
		} else if key != "state_dir" || expanded != "none" {
			*path = c.besideFile(key, file, expanded)
		}
		wrong = append(wrong, c.At(key, err))
	}
	return Join(wrong...)
}
