package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"antrean/internal/simulate"
)

// serverFlags name a running server, and who asks it.
type serverFlags struct {
	URL   string `name:"url" help:"Ask this running server instead of opening the store." placeholder:"URL"`
	Token string `help:"An administrator's token for --url (better in the environment)." placeholder:"TOKEN"`
}

// remote is a running server, asked as an administrator.
type remote struct {
	base, token string
	lang        string // of what is answered; English unless set
	http        *http.Client
}

// dial signs in where no token is given.
func (f serverFlags) dial(ctx context.Context) (*remote, error) {
	if err := serverURL(f.URL); err != nil {
		return nil, err
	}
	if f.Token == "" {
		password := os.Getenv(adminPassword)
		if password == "" {
			return nil, misused("an administrator is needed with --url: --token (an API token of /admin/tokens), or %s to sign in as admin", adminPassword)
		}
		var err error
		if f.Token, err = simulate.SignIn(ctx, f.URL, "admin", password); err != nil {
			return nil, err
		}
	}
	return &remote{base: strings.TrimRight(f.URL, "/"), token: f.Token, http: &http.Client{Timeout: 30 * time.Second}}, nil
}

// serverURL refuses what --url cannot mean.
func serverURL(text string) error {
	if u, err := url.Parse(text); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return misused("--url %q is not allowed (http://host:port or https://host)", text)
	}
	return nil
}

func (r *remote) get(ctx context.Context, path string, out any) error {
	return r.send(ctx, http.MethodGet, path, nil, out)
}

// send asks with a JSON body, unless it is nil, and reads the answer into out,
// unless that is nil. What the server calls invalid is misuse.
func (r *remote) send(ctx context.Context, method, path string, body, out any) error {
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		content = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, r.base+path, content)
	if err != nil {
		return err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := r.do(r.http, req)
	if err != nil {
		return err // it names method and address
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 256<<20))
	if err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		return problem(path, res.StatusCode, answer)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	return nil
}

func (r *remote) do(by *http.Client, req *http.Request) (*http.Response, error) {
	req.Header.Set("Accept-Language", cmp.Or(r.lang, "en"))
	req.Header.Set("Authorization", "Bearer "+r.token)
	return by.Do(req)
}

// download writes an answer of any size, which may take any time.
func (r *remote) download(ctx context.Context, path string, to io.Writer) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, r.base+path, nil)
	if err != nil {
		return err
	}
	res, err := r.do(&http.Client{Transport: r.http.Transport}, req)
	if err != nil {
		return err // it names method and address
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(io.LimitReader(res.Body, 64<<10)) // what came says enough
		return problem(path, res.StatusCode, answer)
	}
	if n, err := io.Copy(to, res.Body); err != nil {
		return fmt.Errorf("read %s: after %d bytes: %w", path, n, err)
	}
	return nil
}

// problem says in one line what a server refuses.
func problem(path string, status int, answer []byte) error {
	var p struct {
		Code, Title, Detail string
		Errors              []struct{ Field, Message string }
	}
	_ = json.Unmarshal(answer, &p) // a proxy's answer may be anything
	said := strings.TrimSpace(fmt.Sprintf("%d %s %s %s", status, p.Code, p.Title, p.Detail))
	for _, e := range p.Errors {
		said += fmt.Sprintf(" %s: %s", e.Field, e.Message)
	}
	err := fmt.Errorf("the server answers %s with %s", path, said)
	if p.Code == "invalid" {
		return misuse{err}
	}
	return err
}
