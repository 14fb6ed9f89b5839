package display

import (
	"fmt"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/gofiber/fiber/v2"

	"antrean/docs"
	"antrean/static"
)

// docsPage shows what other programs may rely on.
func (a *App) docsPage(c *fiber.Ctx) error {
	p, err := described()
	if err != nil {
		return fault500(err)
	}
	p.Page = a.base(c)
	return a.page(c, fiber.StatusOK, "docs", p)
}

// docsFile is the same for programs.
func (a *App) docsFile(text []byte) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderContentType, "application/yaml; charset=utf-8")
		c.Set(fiber.HeaderCacheControl, "public, max-age=300")
		return c.Send(text)
	}
}

// described reads the two files, once.
var described = sync.OnceValues(func() (p static.DocsPage, err error) {
	var api, live node
	if api, err = readNode(docs.OpenAPI); err != nil {
		return p, fmt.Errorf("read openapi.yaml: %w", err)
	}
	if live, err = readNode(docs.AsyncAPI); err != nil {
		return p, fmt.Errorf("read asyncapi.yaml: %w", err)
	}
	p.Text = api.at("info").text("description")
	for _, tag := range api.list("tags") {
		p.Groups = append(p.Groups, static.DocsGroup{Name: tag.text("name"), Text: tag.text("description")})
	}
	for path, item := range api.at("paths").all() {
		for method, operation := range item.all() {
			tags := operation.words("tags")
			for i := range p.Groups {
				if len(tags) > 0 && p.Groups[i].Name == tags[0] {
					p.Groups[i].Operations = append(p.Groups[i].Operations, operationOf(api, method, path, operation))
				}
			}
		}
	}
	for id, topic := range live.at("channels").all() {
		t := static.DocsTopic{ID: id, Address: topic.text("address"), Title: topic.text("title"), Text: topic.text("description")}
		for name, message := range topic.at("messages").all() {
			message = live.follow(message)
			t.Messages = append(t.Messages, static.DocsField{Name: name, Text: message.text("title"), Shape: shapeOf(message.at("payload"))})
		}
		p.Topics = append(p.Topics, t)
	}
	for _, from := range []node{api, live} {
		for name, schema := range from.at("components", "schemas").all() {
			p.Schemas = append(p.Schemas, static.DocsSchema{Name: name, Text: schema.text("description"), Shape: shapeOf(schema)})
		}
	}
	return p, nil
})

func operationOf(api node, method, path string, from node) static.DocsOperation {
	o := static.DocsOperation{
		ID: from.text("operationId"), Method: strings.ToUpper(method), Path: path, Summary: from.text("summary"), Text: from.text("description"),
		Public: from.has("security") && len(from.list("security")) == 0,
		Body:   shapeOf(from.at("requestBody", "content", fiber.MIMEApplicationJSON, "schema")),
	}
	for _, parameter := range from.list("parameters") {
		parameter = api.follow(parameter)
		o.Given = append(o.Given, static.DocsField{
			Name: parameter.text("name"), In: parameter.text("in"), Text: parameter.text("description"),
			Required: parameter.yes("required"), Shape: shapeOf(parameter.at("schema")),
		})
	}
	for status, answer := range from.at("responses").all() {
		answer = api.follow(answer)
		if !answer.has("content") {
			o.Answers = append(o.Answers, static.DocsAnswer{Status: status, Text: answer.text("description")})
		}
		for kind, content := range answer.at("content").all() {
			o.Answers = append(o.Answers, static.DocsAnswer{Status: status, Kind: kind, Text: answer.text("description"), Shape: shapeOf(content.at("schema"))})
		}
	}
	return o
}

// shapeOf says a schema in words.
func shapeOf(schema node) static.DocsShape {
	if ref := schema.text("$ref"); ref != "" {
		return static.DocsShape{Of: ref[strings.LastIndexByte(ref, '/')+1:]}
	}
	for _, either := range []string{"anyOf", "oneOf"} {
		if options := schema.list(either); len(options) > 0 {
			var words []string
			var shape static.DocsShape
			for _, option := range options {
				if s := shapeOf(option); s.Of != "" {
					shape.Of = s.Of
				} else {
					words = append(words, s.Type)
				}
			}
			shape.Type = strings.Join(words, " or ")
			if shape.Of != "" {
				shape.Type += " or"
			}
			return shape
		}
	}
	shape := static.DocsShape{Type: strings.Join(schema.words("type"), " or ")}
	if format := schema.text("format"); format != "" {
		shape.Type = strings.Replace(shape.Type, "string", format, 1)
	}
	if values := schema.words("enum"); len(values) > 0 {
		shape.Type = strings.Join(values, ", ")
	}
	if value := schema.text("const"); value != "" {
		shape.Type = value
	}
	if schema.has("items") {
		item := shapeOf(schema.at("items"))
		return static.DocsShape{Type: strings.TrimSpace("list of " + item.Type), Of: item.Of, Fields: item.Fields}
	}
	if schema.has("additionalProperties") && !schema.has("properties") {
		item := shapeOf(schema.at("additionalProperties"))
		return static.DocsShape{Type: strings.TrimSpace("by key: " + item.Type), Of: item.Of, Fields: item.Fields}
	}
	must := schema.words("required")
	for name, member := range schema.at("properties").all() {
		field := static.DocsField{Name: name, Text: member.text("description"), Shape: shapeOf(member)}
		for _, one := range must {
			field.Required = field.Required || one == name
		}
		shape.Fields = append(shape.Fields, field)
	}
	return shape
}

// node is a part of a YAML document whose order is kept.
type node struct{ value any }

func readNode(text []byte) (n node, err error) {
	err = yaml.UnmarshalWithOptions(text, &n.value, yaml.UseOrderedMap())
	return n, err
}

// at goes down by keys; what is not there is empty.
func (n node) at(keys ...string) node {
	for _, key := range keys {
		m, _ := n.value.(yaml.MapSlice)
		n = node{}
		for _, item := range m {
			if fmt.Sprint(item.Key) == key {
				n = node{item.Value}
			}
		}
	}
	return n
}

func (n node) has(key string) bool { return n.at(key).value != nil }

func (n node) yes(key string) bool { return n.at(key).value == true }

func (n node) text(key string) string {
	if v := n.at(key).value; v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

// words are a list of words, or one.
func (n node) words(key string) []string {
	if text, ok := n.at(key).value.(string); ok {
		return []string{text}
	}
	var all []string
	for _, one := range n.list(key) {
		all = append(all, fmt.Sprint(one.value))
	}
	return all
}

func (n node) list(key string) []node {
	values, _ := n.at(key).value.([]any)
	all := make([]node, len(values))
	for i, v := range values {
		all[i] = node{v}
	}
	return all
}

// all are the members in their order.
func (n node) all() func(yield func(string, node) bool) {
	return func(yield func(string, node) bool) {
		m, _ := n.value.(yaml.MapSlice)
		for _, item := range m {
			if !yield(fmt.Sprint(item.Key), node{item.Value}) {
				return
			}
		}
	}
}

// follow finds what a $ref within the document stands for.
func (n node) follow(ref node) node {
	path, ok := strings.CutPrefix(ref.text("$ref"), "#/")
	if !ok {
		return ref
	}
	return n.at(strings.Split(path, "/")...)
}
