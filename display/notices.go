package display

import (
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"antrean/internal/queue"
)

// noticeBody is a notice as programs give it: a text in Indonesian, or texts by
// language and from when until when they are shown.
type noticeBody struct {
	Text  map[string]string `json:"text"`
	From  time.Time         `json:"from"`
	Until time.Time         `json:"until"`
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (n *noticeBody) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	if d.PeekKind() == '"' {
		var text string
		if err := json.UnmarshalDecode(d, &text); err != nil {
			return err
		}
		*n = noticeBody{Text: map[string]string{"id": text}}
		return nil
	}
	type whole noticeBody
	return json.UnmarshalDecode(d, (*whole)(n))
}

func (a *App) setNotices(c *fiber.Ctx, v visit) error {
	var body struct {
		Notices []noticeBody `json:"notices"`
	}
	if err := decode(c, &body); err != nil {
		return err
	}
	notices := []queue.Notice{}
	for _, n := range body.Notices {
		notices = append(notices, queue.Notice{Text: n.Text, From: n.From, Until: n.Until})
	}
	return a.officeAct(c, v, queue.SetNotices{Notices: notices})
}

// noticeView is a notice with what it is now.
type noticeView struct {
	Text  map[string]string `json:"text"`
	From  *time.Time        `json:"from"`  // null: at once
	Until *time.Time        `json:"until"` // null: until it is removed
	Shown bool              `json:"shown"` // the screens show it now
}

// getNotices are all notices, those to come and those that are over included.
func (a *App) getNotices(c *fiber.Ctx, v visit) error {
	all, now := []noticeView{}, a.Offices.Now()
	v.office.Read(func(s *queue.State) {
		for _, n := range s.Notices {
			all = append(all, noticeView{Text: n.Text, From: moment(s, n.From), Until: moment(s, n.Until), Shown: n.ShownAt(now)})
		}
	})
	return c.JSON(fiber.Map{"notices": all})
}

// saidNow are the notices on the screens, in Indonesian.
func saidNow(s *queue.State, now time.Time) []string {
	said := []string{}
	for _, n := range s.ShownNotices(now) {
		said = append(said, n.Text.In("id"))
	}
	return said
}
