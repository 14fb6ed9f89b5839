package display

import (
	"context"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"antrean/docs"
	"antrean/internal/contract"
	"antrean/internal/subject"
)

// keepsItsPromise fails the test of a house that answers what is not described.
func keepsItsPromise(t testing.TB, method, path string, request []byte, status int, header http.Header, body []byte) {
	t.Helper()
	if !strings.HasPrefix(path, "/api/v1/") {
		return
	}
	p, err := contract.Load()
	if err == nil {
		err = p.Judge(method, path, request, status, header, body)
	}
	if err != nil {
		t.Errorf("%s %s answers %d, and docs/openapi.yaml: %v", method, contract.Braced(path), status, err)
	}
}

// whole is a house with every route that there can be.
func whole(t *testing.T) *house {
	return embedded(t, func(o *Options) {
		o.Channels, o.Texts, o.Notices = struct{ Channels }{}, struct{ Texts }{}, noNotices
		o.Backup = func(context.Context, bool) (io.ReadCloser, int64, error) { return nil, 0, os.ErrNotExist }
		o.Doctor = func(context.Context, string) (any, error) { return nil, os.ErrNotExist }
	})
}

func TestEveryRouteIsDescribedAndEveryDescriptionIsARoute(t *testing.T) {
	p, err := contract.Load()
	if err != nil {
		t.Fatal(err)
	}
	var has, described []string
	for _, r := range whole(t).fiber.GetRoutes(true) {
		if strings.HasPrefix(r.Path, "/api/v1/") && r.Method != http.MethodHead {
			has = append(has, r.Method+" "+contract.Braced(r.Path))
		}
	}
	for path, item := range p.Paths {
		for method := range item.(map[string]any) {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	for _, r := range has {
		if !slices.Contains(described, r) {
			t.Errorf("docs/openapi.yaml lacks %s", r)
		}
	}
	for _, r := range described {
		if !slices.Contains(has, r) {
			t.Errorf("docs/openapi.yaml has %s, which the server has not", r)
		}
	}
}

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

func noNotices(context.Context, string, []string) (map[string][]subject.Notice, error) {
	return nil, nil
}
