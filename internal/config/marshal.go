package config

import (
	"fmt"

	"github.com/goccy/go-yaml"

	"antrean/internal/queue"
)

// Marshal writes offices as a configuration file, which Load reads back as the
// same offices.
func Marshal(offices ...queue.Config) ([]byte, error) {
	text, err := yaml.MarshalWithOptions(file{Offices: offices}, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write configuration: %w", err)
	}
	return text, nil
}
