package config

import "slices"

// access is who owns a file or a folder of Windows, and who may change it. Accounts are SIDs.
type access struct {
	owner   string
	entries []accessEntry // of its list
	open    bool          // it has no list, so that everybody may do everything
}

// accessEntry is one entry of an access control list (page "ACE_HEADER").
type accessEntry struct {
	kind, flags uint8
	rights      uint32
	account     string
}

// The kinds and flags of an entry that matter here (page "ACE_HEADER").
const (
	allows, allowsIf uint8 = 0, 9 // allowsIf has a condition in addition
	denies, deniesIf uint8 = 1, 10
	inheritOnly      uint8 = 8
)

// The rights with which somebody changes a file or a folder, or replaces it (page "File Access Rights Constants").
const (
	writeData, appendData = 0x2, 0x4 // in a folder: makes files, makes folders
	deleteChild           = 0x40     // of a folder
	deleteRight           = 0x10000
	writeDACL, writeOwner = 0x40000, 0x80000
	genericAll            = 0x10000000
	genericWrite          = 0x40000000

	replaces = deleteChild | deleteRight | writeDACL | writeOwner | genericAll | genericWrite
)

// Accounts that every Windows has (page "Well-known SIDs").
const (
	system, admins   = "S-1-5-18", "S-1-5-32-544"
	trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464" // owns what Windows itself has installed
	creatorOwner     = "S-1-3-0"                                                        // stands for the owner of what is made in a folder
	everybody        = "everybody"                                                      // for people to read
)

// foreign returns an account that owns something or may change it, and that is neither SYSTEM, the Administrators, the installer
// of Windows nor the user. It is empty if there is none. Every user may make files in the folders of %ProgramData%, and owns them:
// that alone is allowed in a folder, because the owner of each file is looked at.
func (a access) foreign(user string, folder bool) string {
	owners := []string{system, admins, trustedInstaller, user}
	if !slices.Contains(owners, a.owner) {
		return a.owner
	}
	if a.open {
		return everybody
	}
	rights := uint32(replaces)
	if !folder {
		rights |= writeData | appendData
	}
	trusted := append(owners, creatorOwner)
	for _, e := range a.entries {
		switch {
		case e.flags&inheritOnly != 0, e.kind == denies, e.kind == deniesIf, slices.Contains(trusted, e.account):
		case e.kind != allows && e.kind != allowsIf, e.rights&rights != 0: // what an entry of another kind allows is not known
			return e.account
		}
	}
	return ""
}
