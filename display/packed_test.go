package display

import (
	"bytes"
	"compress/gzip"
	"mime/multipart"
	"net/http/httptest"
	"testing"
)

// A form that unpacks to a thousand times its size would be unpacked into
// memory before anybody knows who sent it.
func TestAPackedFormIsRefusedBeforeItIsUnpacked(t *testing.T) {
	h := embedded(t)
	var plain, packed bytes.Buffer
	form := multipart.NewWriter(&plain)
	if err := form.WriteField("username", string(make([]byte, 8<<20))); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(plain.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/login", "/", "/form", "/setup", "/password"} {
		r := httptest.NewRequest("POST", path, bytes.NewReader(packed.Bytes()))
		r.Host = "antrean.test"
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Content-Encoding", "gzip")
		response, err := h.fiber.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != 415 {
			t.Errorf("%s: %d", path, response.StatusCode)
		}
	}
}
