// Command release builds the binaries of a release and packs each with what its
// installer needs, into dist/. The same commit and the same Go give the same
// bytes: no path, clock or machine gets in.
package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// platforms are those that are built and packed.
var platforms = []string{"linux/amd64", "linux/arm64", "windows/amd64", "darwin/amd64", "darwin/arm64"}

// beside lies with the binary, by its name in the archive.
var beside = []struct{ name, file string }{
	{"CHANGELOG.md", "CHANGELOG.md"},
	{"LICENSE", "LICENSE"},
	{"README.md", "README.md"},
	{"offices.yaml", "internal/config/bandung.yaml"}, // to begin with
	{"docs/antrean.service", "docs/antrean.service"},
	{"docs/api.md", "docs/api.md"},
	{"docs/operations.md", "docs/operations.md"},
	{"docs/security.md", "docs/security.md"},
}

func main() {
	if err := release(); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func release() error {
	version, err := ask("git", "describe", "--tags", "--always", "--dirty")
	if err != nil {
		return err
	}
	seconds, err := ask("git", "log", "-1", "--format=%ct")
	if err != nil {
		return err
	}
	made, err := strconv.ParseInt(seconds, 10, 64)
	if err != nil {
		return err
	}
	if err := os.MkdirAll("dist", 0o755); err != nil {
		return err
	}
	var sums strings.Builder
	for _, p := range platforms {
		system, machine, _ := strings.Cut(p, "/")
		files, err := contents(version, system, machine)
		if err != nil {
			return err
		}
		folder := fmt.Sprintf("antrean-%s-%s-%s", version, system, machine)
		name, pack := folder+".tar.gz", tarball
		if system == "windows" {
			name, pack = folder+".zip", zipped
		}
		packed, err := pack(folder, files, time.Unix(made, 0).UTC())
		if err != nil {
			return fmt.Errorf("pack %s: %w", name, err)
		}
		if err := os.WriteFile(filepath.Join("dist", name), packed, 0o644); err != nil {
			return err
		}
		fmt.Printf("dist/%s  %.1f MB\n", name, float64(len(packed))/1e6)
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(packed), name)
	}
	return os.WriteFile(filepath.Join("dist", "SHA256SUMS"), []byte(sums.String()), 0o644)
}

// file is one in an archive.
type file struct {
	name string
	text []byte
	mode os.FileMode
}

// contents builds the binary and reads what lies beside it.
func contents(version, system, machine string) ([]file, error) {
	name := "antrean"
	if system == "windows" {
		name += ".exe"
	}
	dir, err := os.MkdirTemp("", "antrean-release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w -X main.version="+version, "-o", filepath.Join(dir, name), "./cmd/antrean")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+system, "GOARCH="+machine)
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return nil, fmt.Errorf("build for %s/%s: %w", system, machine, err)
	}
	binary, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		return nil, err
	}
	files := []file{{name, binary, 0o755}}
	for _, b := range beside {
		text, err := os.ReadFile(filepath.FromSlash(b.file))
		if err != nil {
			return nil, err
		}
		files = append(files, file{b.name, text, 0o644})
	}
	return files, nil
}

func tarball(folder string, files []file, made time.Time) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	t := tar.NewWriter(z)
	for _, f := range files {
		header := &tar.Header{Name: folder + "/" + f.name, Mode: int64(f.mode), Size: int64(len(f.text)), ModTime: made, Format: tar.FormatPAX}
		if err := t.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := t.Write(f.text); err != nil {
			return nil, err
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

func zipped(folder string, files []file, made time.Time) ([]byte, error) {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range files {
		header := &zip.FileHeader{Name: folder + "/" + f.name, Method: zip.Deflate, Modified: made}
		header.SetMode(f.mode)
		w, err := z.CreateHeader(header)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.text); err != nil {
			return nil, err
		}
	}
	err := z.Close()
	return b.Bytes(), err
}

func ask(name string, args ...string) (string, error) {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
