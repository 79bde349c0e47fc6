package pipeline

import (
	"context"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/journal"
	"github.com/callroll/callroll/pkg/membership"
)

// closeIntents finds out the result of each write whose run died or got no clear answer, and writes it into the journal.
func (r *Run) closeIntents(ctx context.Context) error {
	org := genesys.NewReader(r.conn)
	for _, intent := range r.Settings.Past.History.OpenIntents(r.Info.Host, r.Info.ClientID) {
		group, err := org.Group(ctx, intent.ID)
		switch {
		case err != nil && membership.CauseOf(err) == membership.Missing:
			err = r.Record.CloseGone(intent)
		case err != nil:
			r.note("run %s %s %s, and it is still not known what became of that: %v", intent.Run, leftOpen(intent), intent.Name, err)
			continue
		default:
			var became journal.Closing
			if became, err = r.Record.Close(intent, group.Members); err == nil {
				r.note("run %s %s %s: the change was %s", intent.Run, leftOpen(intent), intent.Name, became)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// leftOpen says in words why the result of a write is not known.
func leftOpen(intent journal.Intent) string {
	if intent.Outcome == "" {
		return "was cut off while it wrote"
	}
	return "got no clear answer about"
}

// RecallPageSizes sets the page sizes of a connection to those that earlier runs have learned. They are a hint: without
// them the connection asks for the usual sizes. [Begin] calls it.
func RecallPageSizes(conn *genesys.Conn, stateDir string) {
	conn.BeginWith(journal.ReadPageSizes(stateDir, conn.Host()))
}
