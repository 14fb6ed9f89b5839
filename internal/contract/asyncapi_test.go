package contract

import (
	"os"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"antrean/docs"
)

// schema30 is AsyncAPI's own schema of its version 3.0, which make tools puts
// beside .ci/tools.
const schema30 = "../../.ci/web/node_modules/@asyncapi/specs/schemas/3.0.0.json"

func TestTheLiveTopicsAreDescribedInAsyncAPI(t *testing.T) {
	file, err := os.Open(schema30)
	if err != nil {
		t.Fatalf("AsyncAPI's schema is missing (make tools installs it): %v", err)
	}
	defer file.Close()
	text, err := jsonschema.UnmarshalJSON(file)
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("file:///asyncapi.json", text); err != nil {
		t.Fatal(err)
	}
	schema, err := compiler.Compile("file:///asyncapi.json")
	if err != nil {
		t.Fatal(err)
	}
	document, err := ReadYAML(docs.AsyncAPI)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(document); err != nil {
		t.Errorf("docs/asyncapi.yaml: %v", err)
	}
	document["operations"].(map[string]any)["tell"].(map[string]any)["action"] = "shout"
	if err := schema.Validate(document); err == nil {
		t.Error("the schema takes any document")
	}
}
