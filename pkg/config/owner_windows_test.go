package config

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// Only some owners decide what a task that runs as SYSTEM does.
func TestTrustedOwner(t *testing.T) {
	for sid, want := range map[string]bool{
		"S-1-5-18":            true,  // SYSTEM
		"S-1-5-32-544":        true,  // Administrators
		trustedInstaller:      true,  //
		"S-1-5-32-545":        false, // Users
		"S-1-5-11":            false, // everybody who has signed in
		"S-1-1-0":             false, // everybody
		"S-1-5-21-1-2-3-1001": false, // a user of another machine
	} {
		owner, err := windows.StringToSid(sid)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := trustedOwner(owner); err != nil || got != want {
			t.Errorf("%s: %v, %v; want %v", sid, got, err, want)
		}
	}
}

// What this user has made is theirs, and what is not there has no owner.
func TestCheckOwners(t *testing.T) {
	path := filepath.Join(t.TempDir(), "callroll.yaml")
	if err := checkOwners(path); err == nil {
		t.Error("a file that is not there has an owner")
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := checkOwners(path); err != nil {
		t.Error(err)
	}
}
