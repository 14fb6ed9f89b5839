package static

// DocsPage is read by page "docs": what docs/openapi.yaml and docs/asyncapi.yaml
// say, to be read by people.
type DocsPage struct {
	Page
	Text    string
	Groups  []DocsGroup
	Topics  []DocsTopic
	Schemas []DocsSchema // of both
}

// DocsGroup is what belongs together.
type DocsGroup struct {
	Name, Text string
	Operations []DocsOperation
}

// DocsOperation is one method of one path.
type DocsOperation struct {
	ID, Method, Path, Summary, Text string
	Public                          bool // needs no account
	Given                           []DocsField
	Body                            DocsShape
	Answers                         []DocsAnswer
}

// DocsAnswer is what comes back.
type DocsAnswer struct {
	Status, Kind, Text string
	Shape              DocsShape
}

// DocsTopic is one live topic, or a webhook.
type DocsTopic struct {
	ID, Address, Title, Text string
	Messages                 []DocsField
}

// DocsSchema is a shape with a name.
type DocsSchema struct {
	Name, Text string
	Shape      DocsShape
}

// DocsShape is a type in words, with its members when it is an object.
type DocsShape struct {
	Type   string // "" if there is nothing
	Of     string // the name of the schema, to link to
	Fields []DocsField
}

// DocsField is a member or a parameter.
type DocsField struct {
	Name, In, Text string
	Required       bool
	Shape          DocsShape
}
