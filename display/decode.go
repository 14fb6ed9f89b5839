package display

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/gofiber/fiber/v2"

	"antrean/internal/calendar"
)

// decode reads the request's JSON into the struct that v points to, and names
// the field that is wrong: unknown fields, wrong types, names given twice. No
// body is the empty object. The library is the candidate for Go's own next
// encoding/json; it alone tells where in a list an error lies.
func decode(c *fiber.Ctx, v any) error {
	body := c.Request().Body() // not c.Body(), which would unpack whatever a client has packed
	if coding := c.Get(fiber.HeaderContentEncoding); coding != "" && coding != "identity" {
		return fiber.ErrUnsupportedMediaType
	}
	if len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	if kind := c.Get(fiber.HeaderContentType); kind != "" {
		media, _, err := mime.ParseMediaType(kind)
		if err != nil || media != fiber.MIMEApplicationJSON && !strings.HasSuffix(media, "+json") {
			return fiber.ErrUnsupportedMediaType
		}
	}
	if bytes.TrimSpace(body)[0] != '{' {
		return malformed("", "not_object")
	}
	err := json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	if err == nil {
		return nil
	}
	var (
		semantic  *json.SemanticError
		syntactic *jsontext.SyntacticError
	)
	switch {
	case errors.As(err, &semantic) && errors.Is(semantic.Err, json.ErrUnknownName):
		return malformed(fieldAt(semantic.JSONPointer), "unknown_field")
	case errors.As(err, &semantic):
		return &failure{status: fiber.StatusBadRequest, code: "invalid", fields: []fault{mistyped(semantic)}}
	case errors.As(err, &syntactic) && errors.Is(syntactic.Err, jsontext.ErrDuplicateName):
		return malformed(fieldAt(syntactic.JSONPointer), "given_twice")
	default:
		return malformed("", "not_json")
	}
}

// mistyped names the field that cannot be read. The types of a configuration
// say themselves what is allowed, as they do of a file.
func mistyped(err *json.SemanticError) fault {
	wrong := fault{field: fieldAt(err.JSONPointer), reason: "wrong_type"}
	if err.Err == nil || err.GoType == nil || !strings.HasPrefix(err.GoType.PkgPath(), "antrean/internal/") {
		return wrong
	}
	wrong.said = err.Err.Error()
	var inner calendar.FieldError
	if errors.As(err.Err, &inner) {
		wrong.field, wrong.said = wrong.field+"."+inner.Field, inner.Message
	}
	return wrong
}

// fieldAt writes a JSON pointer as the contract names fields: people[0].nik.
func fieldAt(at jsontext.Pointer) string {
	var field strings.Builder
	for token := range at.Tokens() {
		switch {
		case token != "" && strings.Trim(token, "0123456789") == "":
			fmt.Fprintf(&field, "[%s]", token)
		case field.Len() > 0:
			field.WriteString("." + token)
		default:
			field.WriteString(token)
		}
	}
	return field.String()
}
