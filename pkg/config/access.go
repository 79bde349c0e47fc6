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

// The parts of an entry that matter here (pages "ACE_HEADER" and "File Access Rights Constants").
const (
	allows, allowsIf    uint8 = 0, 9 // allowsIf has a condition in addition
	denies, deniesIf    uint8 = 1, 10
	onlyForChildren     uint8 = 8
	deletes, changes          = 0x00010000, 0x000C0000 // changes the list or the owner
	writesAny, allOfAny       = 0x40000000, 0x10000000
	writes, appends           = 0x2, 0x4 // in a folder: makes files, makes folders
	deletesFromFolder         = 0x40
	replaces                  = deletes | changes | writesAny | allOfAny | deletesFromFolder
	everybodyElse             = "everybody"
	ownerOfWhatIsMade         = "S-1-3-0" // of a file that will be made; it stands for the owner, who is checked
	system, admins            = "S-1-5-18", "S-1-5-32-544"
	trustedInstaller          = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464" // what Windows has installed is its own
)

// foreign returns an account that owns something or may change it, and that is neither the system, the Administrators nor the
// user. It is empty if there is none. Every user may make files in the folders of %ProgramData%, and owns them: that alone is
// allowed in a folder, because the owner of each file is looked at.
func (a access) foreign(user string, folder bool) string {
	trusted := []string{system, admins, trustedInstaller, user, ownerOfWhatIsMade}
	if !slices.Contains(trusted[:4], a.owner) {
		return a.owner
	}
	if a.open {
		return everybodyElse
	}
	rights := uint32(replaces)
	if !folder {
		rights |= writes | appends
	}
	for _, e := range a.entries {
		switch {
		case e.flags&onlyForChildren != 0, e.kind == denies, e.kind == deniesIf, slices.Contains(trusted, e.account):
		case e.kind != allows && e.kind != allowsIf, e.rights&rights != 0: // what an entry of another kind allows is not known
			return e.account
		}
	}
	return ""
}
