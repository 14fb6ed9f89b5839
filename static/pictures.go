package static

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // what a television shows
	_ "image/png"
	"io/fs"
	"path"
	"strings"
)

const (
	pictureLimit  = 4 << 20  // bytes
	picturesLimit = 64 << 20 // of an office
	pictureSide   = 3840     // pixels: more would fill a television's memory
)

// AddPictures takes the pictures that offices show beside the numbers,
// <office>/<name>.jpg or .png, in the order of their names. It is called before
// the first page is rendered, and returns the offices that have pictures. Every
// file that is not what it should be is named in the error.
func (p *Pages) AddPictures(dir fs.FS) (offices []string, err error) {
	return eachOffice(dir, "<office>/<name>.jpg", func(office string) error {
		urls, err := p.assets.addPictures(dir, office)
		p.pictures[office] = urls
		return err
	})
}

// eachOffice takes in what the directories of offices hold, all of them even
// when one is faulty.
func eachOffice(dir fs.FS, shape string, take func(office string) error) (offices []string, err error) {
	entries, err := fs.ReadDir(dir, ".")
	if err != nil {
		return nil, err
	}
	var faults []error
	for _, office := range entries {
		switch {
		case hidden(office):
		case !office.IsDir():
			faults = append(faults, fmt.Errorf("%s: stands where the directories of offices are (%s)", office.Name(), shape))
		default:
			offices = append(offices, office.Name())
			faults = append(faults, take(office.Name()))
		}
	}
	return offices, errors.Join(faults...)
}

func (a assets) addPictures(dir fs.FS, office string) (urls []string, err error) {
	entries, err := fs.ReadDir(dir, office)
	if err != nil {
		return nil, err
	}
	var faults []error
	total := 0
	for _, e := range entries {
		if hidden(e) {
			continue
		}
		file := office + "/" + e.Name()
		kind := strings.ToLower(path.Ext(e.Name()))
		if e.IsDir() || kind != ".jpg" && kind != ".jpeg" && kind != ".png" {
			faults = append(faults, fmt.Errorf("%s: is not a picture (.jpg, .png)", file))
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, err
		}
		if info.Size() > pictureLimit {
			faults = append(faults, fmt.Errorf("%s: has %d KB, a picture at most %d", file, info.Size()>>10, pictureLimit>>10))
			continue
		}
		body, err := fs.ReadFile(dir, file)
		if err != nil {
			return nil, err
		}
		size, format, err := image.DecodeConfig(bytes.NewReader(body))
		switch {
		case err != nil:
			faults = append(faults, fmt.Errorf("%s: cannot be read as a picture: %w", file, err))
			continue
		case size.Width > pictureSide || size.Height > pictureSide:
			faults = append(faults, fmt.Errorf("%s: is %d × %d pixels, at most %d × %d", file, size.Width, size.Height, pictureSide, pictureSide))
			continue
		}
		if total += len(body); total > picturesLimit {
			return nil, errors.Join(append(faults, fmt.Errorf("%s: has more than %d MB of pictures", office, picturesLimit>>20))...)
		}
		added := &asset{url: addressOf(body, "picture."+format), contentType: "image/" + format, body: body}
		a.byURL[added.url] = added
		urls = append(urls, added.url)
	}
	return urls, errors.Join(faults...)
}

// Pictures are the addresses of what an office shows beside the numbers.
func (p *Pages) Pictures(office string) []string { return p.pictures[office] }
