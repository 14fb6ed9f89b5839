// Package docs holds the description of what other programs may rely on, for
// the server to show and for tests to hold it against what the server does.
package docs

import _ "embed"

// OpenAPI describes the HTTP API, as OpenAPI 3.1 in YAML.
//
//go:embed openapi.yaml
var OpenAPI []byte

// AsyncAPI describes the live topics and webhooks, as AsyncAPI 3.0 in YAML.
//
//go:embed asyncapi.yaml
var AsyncAPI []byte
