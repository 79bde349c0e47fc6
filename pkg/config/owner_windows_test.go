package config

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/windows"
)

// A security descriptor is read with its owner and every entry of its list.
func TestReadAccess(t *testing.T) {
	for text, want := range map[string]string{ // security descriptors as text (page "Security Descriptor String Format")
		"O:BAG:BAD:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;BU)": "",
		"O:SYG:SYD:(A;;FA;;;SY)(A;;FA;;;WD)":                   "S-1-1-0",
		"O:BAG:BAD:(A;OICIIO;FA;;;WD)(D;;FA;;;WD)":             "",
		"O:BUG:BAD:(A;;FA;;;SY)":                               "S-1-5-32-545",
		"O:BAG:BA":                                             everybody,
	} {
		security, err := windows.SecurityDescriptorFromString(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		a, err := readAccess(security)
		if got := a.foreign("S-1-5-21-1-2-3-500", false); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

// What this user has made is theirs, and nothing is known of what is not there.
func TestCheckOwners(t *testing.T) {
	dir, err := os.MkdirTemp("", "callroll")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // Wine cannot remove a folder that has files
	path := filepath.Join(dir, "callroll.yaml")
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
