// Package guid knows the form of the ids that Entra and Genesys Cloud give to their objects.
package guid

import "github.com/google/uuid"

// Is says whether a text is 8-4-4-4-12 hexadecimal digits. Package uuid also takes ids in braces and with a prefix, which
// neither service writes.
func Is(text string) bool { return len(text) == 36 && uuid.Validate(text) == nil }
