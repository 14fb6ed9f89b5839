package display

import (
	"net/http"
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"antrean/docs"
	"antrean/internal/contract"
)

// TestTheDescriptionIsOpenAPI holds the file against OpenAPI's own schema, as
// https://spec.openapis.org/oas/3.1/schema/2022-10-07 has it, and compiles every
// schema in it.
func TestTheDescriptionIsOpenAPI(t *testing.T) {
	file, err := os.Open("../docs/testdata/openapi-3.1-schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	own, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://spec.openapis.org/oas/3.1/schema/2022-10-07", own); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("https://spec.openapis.org/oas/3.1/schema/2022-10-07")
	if err != nil {
		t.Fatal(err)
	}
	document, err := contract.ReadYAML(docs.OpenAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(document); err != nil {
		t.Error(err)
	}
	p, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name := range document["components"].(map[string]any)["schemas"].(map[string]any) {
		if _, err := p.Compile(contract.OpenAPI, "/components/schemas/"+name); err != nil {
			t.Error(err)
		}
	}
	ids := map[string]string{}
	for path, item := range p.Paths {
		for method, operation := range item.(map[string]any) {
			id, _ := operation.(map[string]any)["operationId"].(string)
			if before := ids[id]; id == "" || before != "" {
				t.Errorf("%s %s and %q are both called %q", method, path, before, id)
			}
			ids[id] = method + " " + path
		}
	}
}

func TestTheContractNoticesWhatIsNotDescribed(t *testing.T) {
	p, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	plain := http.Header{"Content-Type": {"application/json"}}
	for name, err := range map[string]error{
		"another member":    p.Judge("GET", "/api/v1/push-key", nil, 200, plain, []byte(`{"key":"x","more":1}`)),
		"a member less":     p.Judge("GET", "/api/v1/push-key", nil, 200, plain, []byte(`{}`)),
		"another type":      p.Judge("GET", "/api/v1/push-key", nil, 200, plain, []byte(`{"key":1}`)),
		"another status":    p.Judge("GET", "/api/v1/push-key", nil, 201, plain, []byte(`{"key":"x"}`)),
		"an unknown route":  p.Judge("GET", "/api/v1/push-keys", nil, 200, plain, []byte(`{}`)),
		"a plain refusal":   p.Judge("GET", "/api/v1/push-key", nil, 404, plain, []byte(`{}`)),
		"a wrong request":   p.Judge("POST", "/api/v1/devices/health", []byte(`{"loud":true}`), 204, plain, nil),
		"a body after none": p.Judge("POST", "/api/v1/devices/health", nil, 204, plain, []byte("x")),
	} {
		if err == nil {
			t.Errorf("%s is not noticed", name)
		}
	}
	if err := p.Judge("GET", "/api/v1/push-key", nil, 200, plain, []byte(`{"key":"x"}`)); err != nil {
		t.Error(err)
	}
}
