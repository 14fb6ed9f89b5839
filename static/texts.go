package static

// TextsPage is read by page "texts" at /admin/texts/{office}: what people are
// told, in one language. Each text is a form that POSTs title, body, short, key
// and do ("preview", "save" or "reset") to /admin/texts/{office}/{language}/{kind}.
type TextsPage struct {
	AdminShell
	Language string // that is shown
	Others   []string
	Texts    []TextForm
	Key      string // for the next command of this page
}

// TextForm is one text with what was typed of it.
type TextForm struct {
	TextSample
	Open    bool // it was just previewed, refused or saved
	Saved   bool
	Errors  map[string]string // words per field name
	Problem string            // code of a refusal, "" if none
	Was     string            // digest of the text that is in force
}

// TextSample is a text as it would be said at an office to somebody who is made
// up.
type TextSample struct {
	Language string `json:"language"`
	Kind     string `json:"kind"`
	Wording         // with its placeholders
	Own      bool   `json:"own"` // in the office's own words, in whole or in part
	// Placeholders are the names that the text may hold.
	Placeholders []string    `json:"placeholders"`
	Preview      TextPreview `json:"preview"`
	// Template is the text as WhatsApp wants it, its parameters numbered.
	Template string `json:"template"`
}

// Wording is a title, a body and the whole as a short message.
type Wording struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Short string `json:"short"`
}

// TextPreview is a text with its placeholders filled.
type TextPreview struct {
	Wording
	SMS SMSLength `json:"sms"` // of the short message, without a link
}

// SMSLength is what a text costs as a short message.
type SMSLength struct {
	Letters int  `json:"letters"`
	Parts   int  `json:"parts"` // messages that are paid for
	GSM     bool `json:"gsm"`   // in the alphabet of which 160 letters fit into one, else 70
}
