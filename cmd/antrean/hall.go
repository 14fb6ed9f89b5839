package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"antrean/static"
)

// hallFlags are what an office gives its lobby's screens.
type hallFlags struct {
	Voices   string `help:"Offices' own recordings for the hall, DIR/OFFICE/LANGUAGE/CLIP.mp3, in the place of the bundled voice." placeholder:"DIR" type:"existingdir"`
	Pictures string `help:"Pictures that screens may show beside the numbers, DIR/OFFICE/NAME.jpg or .png." placeholder:"DIR" type:"existingdir"`
}

// dress gives the pages what the flags name.
func (f hallFlags) dress(pages *static.Pages) (offices []string, err error) {
	for _, given := range []struct {
		flag, dir string
		add       func(fs.FS) ([]string, error)
	}{{"--voices", f.Voices, pages.AddVoices}, {"--pictures", f.Pictures, pages.AddPictures}} {
		if given.dir == "" {
			continue
		}
		named, err := given.add(os.DirFS(given.dir))
		if err != nil {
			return nil, misuse{fmt.Errorf("%s %s:\n%w", given.flag, given.dir, err)}
		}
		offices = append(offices, named...)
	}
	return offices, nil
}

// checkOffices refuses recordings and pictures for an office that does not
// exist: nobody would hear or see them.
func (s *server) checkOffices(ctx context.Context, named []string) error {
	known, err := s.ledger.IDs(ctx)
	if err != nil {
		return err
	}
	for _, office := range named {
		if !slices.Contains(known, office) {
			return misused("--voices, --pictures: there is no office %q (%s)", office, strings.Join(known, ", "))
		}
	}
	return nil
}
