// Package contract holds what a server answers against what docs says that it
// answers. Only tests import it.
package contract

import (
	"bytes"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"antrean/docs"
)

// The documents.
const (
	OpenAPI  = "openapi.yaml"
	AsyncAPI = "asyncapi.yaml"
)

// Contract is docs/openapi.yaml and docs/asyncapi.yaml, ready to judge. It is
// safe for concurrent use.
type Contract struct {
	Paths    map[string]any // by path, as OpenAPI writes them
	mu       sync.Mutex     // compiling is not concurrent
	compiler *jsonschema.Compiler
}

// Load reads the documents, once.
var Load = sync.OnceValues(load)

func load() (*Contract, error) {
	p := &Contract{Paths: map[string]any{}, compiler: jsonschema.NewCompiler()}
	p.compiler.AssertFormat()
	for name, text := range map[string][]byte{OpenAPI: docs.OpenAPI, AsyncAPI: docs.AsyncAPI} {
		document, err := ReadYAML(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if paths, ok := document["paths"].(map[string]any); ok {
			p.Paths = paths
		}
		// Whoever uses the API passes over members that they do not know; here
		// every member has to be described.
		closeObjects(document)
		if err := p.compiler.AddResource("file:///"+name, document); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return p, nil
}

// Compile is the schema at a JSON pointer of a document.
func (p *Contract) Compile(document, pointer string) (*jsonschema.Schema, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.compiler.Compile("file:///" + document + "#" + pointer)
}

// ReadYAML is a document as the schema library wants it.
func ReadYAML(text []byte) (map[string]any, error) {
	plain, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

func closeObjects(v any) {
	switch v := v.(type) {
	case []any:
		for _, one := range v {
			closeObjects(one)
		}
	case map[string]any:
		for _, one := range v {
			closeObjects(one)
		}
		_, described := v["properties"].(map[string]any)
		if _, said := v["additionalProperties"]; described && !said && v["type"] == "object" {
			v["additionalProperties"] = false
		}
	}
}

// Braced is a route of fiber's as OpenAPI writes it.
func Braced(route string) string {
	words := strings.Split(route, "/")
	for i, word := range words {
		if name, ok := strings.CutPrefix(word, ":"); ok {
			words[i] = "{" + name + "}"
		}
	}
	return strings.Join(words, "/")
}

// escaped is a path as a JSON pointer has it.
func escaped(path string) string { return strings.ReplaceAll(path, "/", "~1") }

// find is the path of the contract that a request's path belongs to.
func (p *Contract) find(method, path string) (string, map[string]any) {
	path, _, _ = strings.Cut(path, "?")
	words := strings.Split(strings.TrimSuffix(path, "/"), "/")
	best, literal := "", -1
	for candidate, item := range p.Paths {
		if _, has := item.(map[string]any)[strings.ToLower(method)]; !has {
			continue
		}
		parts := strings.Split(candidate, "/")
		same := 0
		fits := len(parts) == len(words)
		for i := 0; fits && i < len(parts); i++ {
			if parts[i] == words[i] {
				same++
			} else {
				fits = strings.HasPrefix(parts[i], "{") && words[i] != ""
			}
		}
		if fits && same > literal {
			best, literal = candidate, same
		}
	}
	if best == "" {
		return "", nil
	}
	return best, p.Paths[best].(map[string]any)[strings.ToLower(method)].(map[string]any)
}

// Judge says what is wrong with an exchange: an answer that is not described, a
// body that is not as described, or a request that was taken and is not.
func (p *Contract) Judge(method, path string, request []byte, status int, header http.Header, body []byte) error {
	known, operation := p.find(method, path)
	if operation == nil {
		if status < 300 {
			return fmt.Errorf("docs/openapi.yaml has no such operation, and the answer is %d", status)
		}
		return nil // nothing promises anything there
	}
	at := "/paths/" + escaped(known) + "/" + strings.ToLower(method)
	// A null is taken for a member that is not there, which nobody needs to know.
	if status < 300 && len(bytes.TrimSpace(request)) > 0 && !bytes.Contains(request, []byte("null")) {
		if err := p.Fits(OpenAPI, at+"/requestBody/content/application~1json/schema", request); err != nil {
			return fmt.Errorf("the request was taken: %w", err)
		}
	}
	responses := operation["responses"].(map[string]any)
	code := fmt.Sprint(status)
	described, ok := responses[code].(map[string]any)
	if !ok {
		if status < 400 {
			return fmt.Errorf("docs/openapi.yaml does not know the answer %d", status)
		}
		return p.problem(header, body)
	}
	content, _ := described["content"].(map[string]any)
	if len(content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("an answer without a body has %q", body)
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil {
		return err
	}
	kind, ok := content[media].(map[string]any)
	if !ok {
		return fmt.Errorf("docs/openapi.yaml does not know an answer of type %s", media)
	}
	if _, has := kind["schema"]; !has {
		return nil
	}
	return p.Fits(OpenAPI, at+"/responses/"+code+"/content/"+escaped(media)+"/schema", body)
}

func (p *Contract) problem(header http.Header, body []byte) error {
	if kind := header.Get("Content-Type"); kind != "application/problem+json" {
		return fmt.Errorf("a refusal is of type %q", kind)
	}
	return p.Fits(OpenAPI, "/components/schemas/Problem", body)
}

// Fits holds a JSON text against the schema at a JSON pointer of a document.
func (p *Contract) Fits(document, pointer string, text []byte) error {
	s, err := p.Compile(document, pointer)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return err
	}
	return s.Validate(v)
}
