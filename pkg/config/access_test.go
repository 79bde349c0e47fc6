package config

import "testing"

// Only some accounts may own the configuration of the system on Windows, or change it.
func TestForeign(t *testing.T) {
	const me, users, other = "S-1-5-21-1-2-3-500", "S-1-5-32-545", "S-1-5-21-1-2-3-1001"
	full := func(account string) accessEntry { return accessEntry{rights: 0x1F01FF, account: account} }
	for name, test := range map[string]struct {
		access       access
		file, folder string // who is foreign to it
	}{
		"of SYSTEM":             {access{owner: system}, "", ""},
		"of the Administrators": {access{owner: admins, entries: []accessEntry{full(system), full(admins), full(me)}}, "", ""},
		"of Windows":            {access{owner: trustedInstaller}, "", ""},
		"of this user":          {access{owner: me}, "", ""},
		"of another user":       {access{owner: other}, other, other},
		"of Users":              {access{owner: users}, users, users},
		"of the placeholder":    {access{owner: creatorOwner}, creatorOwner, creatorOwner},
		"without a list":        {access{owner: admins, open: true}, everybody, everybody},
		"read by Users":         {access{owner: admins, entries: []accessEntry{{rights: 0x1200A9, account: users}}}, "", ""},
		"the list of a folder in %ProgramData%": {access{owner: admins, entries: []accessEntry{
			full(system), full(admins), {flags: 0x1B, rights: 0x10000000, account: creatorOwner},
			{flags: 0x13, rights: 0x1200A9, account: users}, {flags: 0x12, rights: 0x116, account: users},
		}}, users, ""},
		"changed by Users":      {access{owner: admins, entries: []accessEntry{{rights: 0x1301BF, account: users}}}, users, users},
		"written by another":    {access{owner: admins, entries: []accessEntry{{rights: 0x2, account: other}}}, other, ""},
		"appended by another":   {access{owner: admins, entries: []accessEntry{{rights: 0x4, account: other}}}, other, ""},
		"emptied by another":    {access{owner: admins, entries: []accessEntry{{rights: 0x40, account: other}}}, other, other},
		"deleted by another":    {access{owner: admins, entries: []accessEntry{{rights: 0x10000, account: other}}}, other, other},
		"given away by another": {access{owner: admins, entries: []accessEntry{{rights: 0x40000, account: other}}}, other, other},
		"taken by another":      {access{owner: admins, entries: []accessEntry{{rights: 0x80000, account: other}}}, other, other},
		"all of any":            {access{owner: admins, entries: []accessEntry{{rights: 0x10000000, account: other}}}, other, other},
		"written of any":        {access{owner: admins, entries: []accessEntry{{rights: 0x40000000, account: other}}}, other, other},
		"on a condition":        {access{owner: admins, entries: []accessEntry{{kind: allowsIf, rights: 0x2, account: other}}}, other, ""},
		"of an unknown kind":    {access{owner: admins, entries: []accessEntry{{kind: 5, account: other}}}, other, other},
		"denied":                {access{owner: admins, entries: []accessEntry{{kind: denies, rights: 0x1F01FF, account: other}}}, "", ""},
		"only for children":     {access{owner: admins, entries: []accessEntry{{flags: inheritOnly, rights: 0x1F01FF, account: other}}}, "", ""},
		"the second entry":      {access{owner: admins, entries: []accessEntry{full(system), full(other)}}, other, other},
	} {
		if got := test.access.foreign(me, false); got != test.file {
			t.Errorf("a file %s: %q, want %q", name, got, test.file)
		}
		if got := test.access.foreign(me, true); got != test.folder {
			t.Errorf("a folder %s: %q, want %q", name, got, test.folder)
		}
	}
}
