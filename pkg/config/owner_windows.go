package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"golang.org/x/sys/windows"
)

// checkOwners returns an error if the file or its folder belongs to somebody other than SYSTEM, the Administrators, the
// installer of Windows or the user of this process. Every user may make folders in %ProgramData%, and files in the folders there,
// and owns what they have made. A configuration of theirs could name a command, which a task would run as SYSTEM.
func checkOwners(path string) error {
	for _, one := range []struct{ what, path string }{{"its folder", filepath.Dir(path)}, {"it", path}} {
		owner, err := ownerOf(one.path)
		if err != nil {
			return fmt.Errorf("the owner of %s cannot be read: %w", one.path, err)
		}
		if trusted, err := trustedOwner(owner); err != nil {
			return err
		} else if !trusted {
			return foreignOwnerError{one.what, one.path, accountName(owner)}
		}
	}
	return nil
}

// ownerOf returns the owner of a file or folder. It does not follow a link, because the owner of a link decides where it leads.
func ownerOf(path string) (*windows.SID, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, err
	}
	const everybody = windows.FILE_SHARE_READ | windows.FILE_SHARE_WRITE | windows.FILE_SHARE_DELETE
	handle, err := windows.CreateFile(name, windows.READ_CONTROL, everybody, nil, windows.OPEN_EXISTING,
		windows.FILE_FLAG_OPEN_REPARSE_POINT|windows.FILE_FLAG_BACKUP_SEMANTICS, 0) // the latter opens folders
	if err != nil {
		return nil, err
	}
	security, err := windows.GetSecurityInfo(handle, windows.SE_FILE_OBJECT, windows.OWNER_SECURITY_INFORMATION)
	if err := errors.Join(err, windows.CloseHandle(handle)); err != nil {
		return nil, err
	}
	owner, _, err := security.Owner()
	return owner, err
}

// trustedInstaller owns what Windows itself has installed (page "Well-known SIDs").
const trustedInstaller = "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464"

func trustedOwner(owner *windows.SID) (bool, error) {
	user, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return false, fmt.Errorf("the user of this process is not known: %w", err)
	}
	return owner.Equals(user.User.Sid) || owner.String() == trustedInstaller ||
		slices.ContainsFunc([]windows.WELL_KNOWN_SID_TYPE{windows.WinLocalSystemSid, windows.WinBuiltinAdministratorsSid}, owner.IsWellKnown), nil
}

// foreignOwnerError says that the configuration of the system, or its folder, belongs to a user who may not decide what the
// system does.
type foreignOwnerError struct{ what, path, owner string }

func (e foreignOwnerError) Error() string {
	return fmt.Sprintf("%s belongs to %s, and not to SYSTEM, the Administrators or you, so that it is not read", e.what, e.owner)
}

func (e foreignOwnerError) Hint() string {
	return "find out what it is; then name the file with --config, or, as administrator, take it over: " +
		`icacls "` + e.path + `" /setowner "*S-1-5-32-544"`
}

// accountName returns the name of an account, or its SID if it has none here.
func accountName(sid *windows.SID) string {
	name, domain, _, err := sid.LookupAccount("")
	if err != nil {
		return sid.String()
	}
	return domain + `\` + name
}
