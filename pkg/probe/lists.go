package probe

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/callroll/callroll/pkg/genesys"
	"github.com/callroll/callroll/pkg/internal/timer"
	"github.com/callroll/callroll/pkg/membership"
)

// patienceOfLists is how long the list of groups may lag behind the group.
const patienceOfLists = 2 * time.Minute

// lag measures how much later than the group itself the list of groups shows the last write. Members are not enough to know that:
// a list that lags may show a state that an earlier probe has made, with the same members. Its version is another one.
func (r *run) lag(ctx context.Context) (string, error) {
	if !r.shown {
		return "", skipError{"there is no PUT that has shown in the group"}
	}
	waited := time.Duration(0)
	for _, pause := range append(timer.Pauses(patienceOfLists), 0) {
		groups, err := r.reader.Named(ctx, r.now.DisplayName)
		if err != nil {
			return "", err
		}
		at := slices.IndexFunc(groups, func(g membership.Group) bool { return g.ID == r.state.Group })
		switch {
		case at < 0:
			return "", skipError{"the list of groups does not show the group"}
		case groups[at].MembersAbsent && len(r.now.Members) > 0:
			return "", skipError{"the list of groups does not show members"}
		case groups[at].Version == "":
			return "", skipError{"the list of groups shows no versions, so that an older state with the same members looks like this one"}
		case groups[at].Version == r.now.Version && slices.Equal(groups[at].Members, r.now.Members):
			return waitedText(waited), nil
		}
		if err := timer.Wait(ctx, pause); err != nil {
			return "", err
		}
		waited += pause
	}
	return fmt.Sprintf("not within %s", patienceOfLists), nil
}

// pageOfMembers is the size of a page of the vendor's lists. Only more members than this show whether the members of a group come
// in pages.
const pageOfMembers = 25

// manyMembers gives the group all accounts, and looks how many of them a GET of the group shows.
func (r *run) manyMembers(ctx context.Context) (string, error) {
	all := slices.Clone(r.state.Members)
	for _, a := range r.opts.Accounts {
		if a.Active {
			all = append(all, a.ID)
		}
	}
	all = membership.Distinct(all)
	if len(all) <= pageOfMembers {
		return "", skipError{fmt.Sprintf("it needs %d active accounts, and the group and --with have %d", pageOfMembers+1, len(all))}
	}
	r.state.Large = all
	if slices.Equal(all, r.now.Members) { // a PUT would show at once, whether or not it has taken effect
		_, shown, err := r.read(ctx)
		return shownText(shown, len(all)), err
	}
	_, shown, err := r.write(ctx, all)
	return shownText(shown, len(all)), err
}

func shownText(shown, all int) string {
	if shown == all {
		return fmt.Sprintf("all %d", shown)
	}
	return fmt.Sprintf("%d of %d", shown, all)
}

// counts are the sizes of a page that are tried, in this order.
func counts() []int { return []int{25, 50, 100, 200, 500, 1000, 2000, 5000} }

// largestCount finds out how many users come on one page at most.
func (r *run) largestCount(ctx context.Context, attributes ...string) (string, error) {
	works := 0
	for _, count := range counts() {
		page, err := r.reader.UserPage(ctx, count, attributes...)
		switch {
		case err != nil:
			return "", err
		case page.Status == http.StatusTooManyRequests:
			return fmt.Sprintf("at least %d, and %d is answered 429", works, count), nil
		case !page.OK():
			return r.refusedCount(ctx, works, count, page.Answer, attributes)
		case page.Came < min(count, page.Total):
			return fmt.Sprintf("%d", page.Came), nil
		case page.Total <= count:
			return fmt.Sprintf("at least %d, which are all users", page.Total), nil
		}
		works = count
	}
	return fmt.Sprintf("at least %d", works), nil
}

// refusedCount finds out the largest count between one that is taken and one that is refused.
func (r *run) refusedCount(ctx context.Context, works, refused int, answer genesys.Answer, attributes []string) (string, error) {
	if works == 0 {
		return "", errors.New("the smallest page is refused: " + statusText(answer))
	}
	for refused-works > 1 {
		middle := (works + refused) / 2
		page, err := r.reader.UserPage(ctx, middle, attributes...)
		switch {
		case err != nil:
			return "", err
		case page.Status == http.StatusTooManyRequests:
			return fmt.Sprintf("at least %d, and more than %d is answered %s", works, refused-1, statusText(answer)), nil
		case page.OK():
			works = middle
		default:
			refused = middle
		}
	}
	return fmt.Sprintf("%d, and more is answered %s", works, statusText(answer)), nil
}
