package static_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"antrean/static"
)

func TestPicturesBesideTheNumbersAreChecked(t *testing.T) {
	pages, err := static.New()
	if err != nil {
		t.Fatal(err)
	}
	picture := func(width int) []byte {
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 4))); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "bandung"), 0o700); err != nil {
		t.Fatal(err)
	}
	put := func(name string, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, "bandung", name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("2.png", picture(20))
	put("1.png", picture(10))
	if _, err := pages.AddPictures(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	urls := pages.Pictures("bandung")
	if len(urls) != 2 || len(pages.Pictures("soekarno-hatta")) != 0 {
		t.Fatalf("pictures %v", urls)
	}
	if body, kind, ok := pages.Open(urls[0]); !ok || kind != "image/png" || !bytes.Equal(body, picture(10)) {
		t.Errorf("the first is %s (%v)", kind, ok)
	}

	put("3.png", picture(4000))
	put("4.jpg", []byte("no picture"))
	put("5.svg", []byte("<svg/>"))
	_, err = pages.AddPictures(os.DirFS(dir))
	if err == nil {
		t.Fatal("everything was taken")
	}
	for _, want := range []string{"3.png: is 4000 × 4 pixels", "4.jpg: cannot be read as a picture", "5.svg: is not a picture"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not say %q:\n%v", want, err)
		}
	}
}
