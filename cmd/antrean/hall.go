package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"antrean/static"
)

// hallFlags are what an office gives its lobby's screens.
type hallFlags struct {
	Voices string `help:"Offices' own recordings for the hall, DIR/OFFICE/LANGUAGE/CLIP.mp3, in the place of the bundled voice." placeholder:"DIR" type:"existingdir"`
}

// dress gives the pages what the flags name.
func (f hallFlags) dress(pages *static.Pages) (offices []string, err error) {
	if f.Voices == "" {
		return nil, nil
	}
	if offices, err = pages.AddVoices(os.DirFS(f.Voices)); err != nil {
		return nil, misuse{fmt.Errorf("--voices %s:\n%w", f.Voices, err)}
	}
	return offices, nil
}

// checkOffices refuses recordings for an office that does not exist: nobody
// would hear them.
func (s *server) checkOffices(ctx context.Context, named []string) error {
	known, err := s.ledger.IDs(ctx)
	if err != nil {
		return err
	}
	for _, office := range named {
		if !slices.Contains(known, office) {
			return misused("--voices %s/%s: there is no such office (%s)", s.Voices, office, strings.Join(known, ", "))
		}
	}
	return nil
}
