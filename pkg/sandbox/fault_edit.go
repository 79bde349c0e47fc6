package sandbox

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// FaultEdit is a change by another administrator, right after a request was answered or right before it is carried out.
// The fields from Add to Delete change the Genesys group. Deactivate and RemoveUsers change Genesys accounts.
type FaultEdit struct {
	Group  string   `json:"group,omitempty"` // an id or a displayName
	Add    []string `json:"add,omitempty"`
	Remove []string `json:"remove,omitempty"`
	Rename string   `json:"rename,omitempty"` // the new displayName
	Delete bool     `json:"delete,omitempty"`

	Deactivate  []string `json:"deactivate,omitempty"`   // ids or userNames
	RemoveUsers []string `json:"remove_users,omitempty"` // ids or userNames; the ids remain members of their groups

	Entra  *EntraEdit `json:"entra,omitempty"`
	Before bool       `json:"before,omitempty"`
}

// EntraEdit is a change by an administrator of the tenant. People are given by id or by userPrincipalName.
type EntraEdit struct {
	Group  string   `json:"group,omitempty"` // an id or a displayName
	Add    []string `json:"add,omitempty"`   // people, or ids of groups, that are added to the group
	Remove []string `json:"remove,omitempty"`

	// Rename gives people new userPrincipalNames. The old one remains as an alias, and an equal mail changes as well.
	Rename map[string]string `json:"rename,omitempty"`
	Delete []string          `json:"delete,omitempty"` // people; they go to the recycle bin
}

func (e *FaultEdit) check() error {
	if e == nil {
		return nil
	}
	aboutGroup := len(e.Add)+len(e.Remove) > 0 || e.Rename != "" || e.Delete
	aboutOthers := len(e.Deactivate)+len(e.RemoveUsers) > 0 || e.Entra != nil
	switch {
	case e.Group == "" && (aboutGroup || !aboutOthers):
		return errors.New("edit needs a group")
	case e.Delete && (len(e.Add)+len(e.Remove) > 0 || e.Rename != ""):
		return errors.New("edit deletes a group and does more to it")
	case e.Entra != nil && e.Entra.Group == "" && len(e.Entra.Add)+len(e.Entra.Remove) > 0:
		return errors.New("edit needs a group of entra")
	}
	return nil
}

// edited returns both sides after an edit. It returns an error if the edit names something that does not exist.
func (w *World) edited(e *FaultEdit) (entra Entra, genesys Genesys, err error) {
	entra, genesys = w.entra.clone(), w.genesys.clone()
	if err := errors.Join(e.changeGroup(&genesys), e.changeAccounts(&genesys), e.Entra.change(&entra)); err != nil {
		return entra, genesys, fmt.Errorf("sandbox: fault: %w", err)
	}
	return entra, genesys, nil
}

// edit applies an edit, if there is one.
func (w *World) edit(e *FaultEdit) error {
	if e == nil {
		return nil
	}
	entra, genesys, err := w.edited(e)
	if err != nil {
		return err
	}
	w.become(entra, genesys)
	w.entraChanged = w.entraChanged || e.Entra != nil
	return nil
}

func (e *FaultEdit) changeGroup(genesys *Genesys) error {
	if e.Group == "" {
		return nil
	}
	at := slices.IndexFunc(genesys.Groups, func(g GenesysGroup) bool { return g.ID == e.Group || g.DisplayName == e.Group })
	if at < 0 {
		return fmt.Errorf("there is no Genesys group %q to edit", e.Group)
	}
	if e.Delete {
		genesys.Groups = slices.Delete(genesys.Groups, at, at+1)
		return nil
	}
	group := &genesys.Groups[at]
	group.Members = slices.DeleteFunc(group.Members, func(m GenesysMember) bool {
		return slices.Contains(e.Remove, m.Value) || slices.Contains(e.Add, m.Value)
	})
	for _, id := range e.Add {
		group.Members = append(group.Members, GenesysMember{Value: id, Type: "User"})
	}
	if e.Rename != "" {
		group.DisplayName = e.Rename
	}
	group.Version++
	return nil
}

func (e *FaultEdit) changeAccounts(genesys *Genesys) error {
	for _, name := range slices.Concat(e.Deactivate, e.RemoveUsers) {
		at := slices.IndexFunc(genesys.Users, func(u GenesysUser) bool { return u.ID == name || strings.EqualFold(u.UserName, name) })
		switch {
		case at < 0:
			return fmt.Errorf("there is no Genesys user %q to edit", name)
		case slices.Contains(e.RemoveUsers, name):
			genesys.Users = slices.Delete(genesys.Users, at, at+1)
		default:
			genesys.Users[at].Active = false
		}
	}
	return nil
}

func (e *EntraEdit) change(entra *Entra) error {
	if e == nil {
		return nil
	}
	if e.Group != "" {
		meant := func(g EntraGroup) bool { return strings.EqualFold(g.ID, e.Group) || g.DisplayName == e.Group }
		at := slices.IndexFunc(entra.Groups, meant)
		if at < 0 {
			return fmt.Errorf("there is no Entra group %q to edit", e.Group)
		}
		if err := e.changeMembers(entra, &entra.Groups[at]); err != nil {
			return err
		}
	}
	for name, renamed := range e.Rename {
		at := entra.person(name)
		if at < 0 {
			return fmt.Errorf("there is no Entra user %q to rename", name)
		}
		entra.Users[at].rename(renamed)
	}
	for _, name := range e.Delete {
		at := entra.person(name)
		if at < 0 {
			return fmt.Errorf("there is no Entra user %q to delete", name)
		}
		deleted := EntraDeletedUser{EntraUser: entra.Users[at], DeletedDateTime: time.Now().UTC().Truncate(time.Second)}
		entra.DeletedUsers = append(entra.DeletedUsers, deleted)
		entra.Users = slices.Delete(entra.Users, at, at+1)
	}
	return nil
}

func (e *EntraEdit) changeMembers(entra *Entra, group *EntraGroup) error {
	for _, name := range slices.Concat(e.Remove, e.Add) {
		id := name
		if at := entra.person(name); at >= 0 {
			id = entra.Users[at].ID
		} else if !slices.ContainsFunc(entra.Groups, func(g EntraGroup) bool { return strings.EqualFold(g.ID, name) }) {
			return fmt.Errorf("there is nobody %q in Entra to be a member", name)
		}
		group.Members = slices.DeleteFunc(group.Members, func(m string) bool { return strings.EqualFold(m, id) })
		if slices.Contains(e.Add, name) {
			group.Members = append(group.Members, id)
		}
	}
	return nil
}

// person returns the index of a user, by id or userPrincipalName; negative if there is none.
func (e *Entra) person(name string) int {
	return slices.IndexFunc(e.Users, func(u EntraUser) bool {
		return strings.EqualFold(u.ID, name) || strings.EqualFold(u.UserPrincipalName, name)
	})
}

// rename changes the addresses of a user as Exchange does after a change of name: the new one becomes the primary address,
// and the others remain as aliases.
func (u *EntraUser) rename(name string) {
	old := u.UserPrincipalName
	addresses := []string{}
	for _, address := range append(u.ProxyAddresses, "smtp:"+old) {
		if kind, value, _ := strings.Cut(address, ":"); kind == "SMTP" {
			address = "smtp:" + value
		}
		known := slices.ContainsFunc(addresses, func(a string) bool { return strings.EqualFold(a, address) })
		if !known && !strings.EqualFold(address, "smtp:"+name) {
			addresses = append(addresses, address)
		}
	}
	if strings.EqualFold(u.Mail, old) {
		u.Mail = name
	}
	u.UserPrincipalName, u.ProxyAddresses = name, append([]string{"SMTP:" + name}, addresses...)
}
