package simulate

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"antrean/internal/queue"
)

// problem is a refusal as the API words it (RFC 9457).
type problem struct {
	Status int    `json:"status"`
	Code   string `json:"code"`
	Title  string `json:"title"`
	Detail string `json:"detail"`
}

func (p *problem) Error() string {
	return fmt.Sprintf("%d %s: %s %s", p.Status, p.Code, p.Title, p.Detail)
}

// refused reports whether the error is a refusal with one of the codes.
func refused(err error, codes ...string) bool {
	var p *problem
	if !errors.As(err, &p) {
		return false
	}
	for _, c := range codes {
		if p.Code == c {
			return true
		}
	}
	return false
}

// api speaks to the server as a program would.
type api struct {
	base  string
	admin string
	http  *http.Client

	clockAt    time.Time // the server's clock when it was last set or asked
	clockSet   time.Time // our own clock then
	clockSpeed float64
}

func newAPI(base, admin string) *api {
	return &api{base: strings.TrimSuffix(base, "/"), admin: admin, http: &http.Client{
		Timeout:   30 * time.Second,
		Transport: &http.Transport{MaxIdleConnsPerHost: 8},
	}}
}

// call sends a command or a question. A command carries an idempotency key, so
// that it may be repeated until the outcome is known. from, when given, is the
// address of the phone that asks, for a server that trusts this one as a proxy.
func (a *api) call(ctx context.Context, method, path, token, from string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return err
		}
	}
	key := rand.Text()
	for attempt := 0; ; attempt++ {
		err := a.once(ctx, method, path, token, from, key, body, out)
		var p *problem
		unknown := err != nil && (!errors.As(err, &p) || p.Status == http.StatusServiceUnavailable || p.Status == http.StatusTooManyRequests)
		if !unknown || attempt == 20 || ctx.Err() != nil {
			if err != nil {
				return fmt.Errorf("%s %s: %w", method, path, err)
			}
			return nil
		}
		pause := time.Duration(min(attempt+1, 10)) * 100 * time.Millisecond
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

func (a *api) once(ctx context.Context, method, path, token, from, key string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Language", "en")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if method != http.MethodGet {
		req.Header.Set("Idempotency-Key", key)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if from != "" {
		req.Header.Set("X-Forwarded-For", from)
	}
	res, err := a.http.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(res.Body, 64<<20))
	if err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		p := &problem{Status: res.StatusCode}
		if json.Unmarshal(answer, p) != nil || p.Code == "" {
			p.Code, p.Title = "http", string(answer[:min(len(answer), 200)])
		}
		p.Status = res.StatusCode
		return p
	}
	if out == nil || len(answer) == 0 {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// offices are the ids of all offices.
func (a *api) offices(ctx context.Context) ([]string, error) {
	var out struct {
		Offices []struct {
			ID string `json:"id"`
		} `json:"offices"`
	}
	if err := a.call(ctx, http.MethodGet, "/api/v1/offices", "", "", nil, &out); err != nil {
		return nil, err
	}
	ids := make([]string, len(out.Offices))
	for i, o := range out.Offices {
		ids[i] = o.ID
	}
	return ids, nil
}

func (a *api) config(ctx context.Context, office string) (*queue.Config, error) {
	c := &queue.Config{}
	if err := a.call(ctx, http.MethodGet, "/api/v1/offices/"+office+"/config", a.admin, "", nil, c); err != nil {
		return nil, err
	}
	if errs := c.Prepare(); len(errs) > 0 {
		return nil, errs[0]
	}
	return c, nil
}

// officer makes sure that the account exists and signs it in. It returns the
// session's token.
func (a *api) officer(ctx context.Context, office, name, role string) (string, error) {
	password := rand.Text()
	account := map[string]any{"name": name, "roles": []string{role}, "offices": []string{office}, "password": password}
	// An account of an earlier run is replaced: its password is not known here.
	if err := a.call(ctx, http.MethodDelete, "/api/v1/users/"+name, a.admin, "", nil, nil); err != nil && !refused(err, "not_found") {
		return "", err
	}
	if err := a.call(ctx, http.MethodPost, "/api/v1/users", a.admin, "", account, nil); err != nil {
		return "", err
	}
	return a.signIn(ctx, name, password)
}

func (a *api) signIn(ctx context.Context, name, password string) (token string, err error) {
	var session struct {
		Token string `json:"token"`
	}
	err = a.call(ctx, http.MethodPost, "/api/v1/session", "", "", map[string]string{"username": name, "password": password}, &session)
	return session.Token, err
}

// SignIn returns the token of a new session at the server.
func SignIn(ctx context.Context, url, name, password string) (token string, err error) {
	return newAPI(url, "").signIn(ctx, name, password)
}

// time is the server's clock.
func (a *api) time(ctx context.Context) (time.Time, error) {
	var out struct {
		Now   time.Time `json:"now"`
		Speed float64   `json:"speed"`
	}
	err := a.call(ctx, http.MethodGet, "/api/v1/clock", "", "", nil, &out)
	if refused(err, "not_found") {
		// A server on the real clock has no clock to ask.
		out.Now, out.Speed, err = time.Now(), 1, nil
	}
	a.clockAt, a.clockSet, a.clockSpeed = out.Now, time.Now(), out.Speed
	return out.Now, err
}

// setClock sets a simulated clock, which then runs at the speed.
func (a *api) setClock(ctx context.Context, at time.Time, speed float64) error {
	err := a.call(ctx, http.MethodPut, "/api/v1/clock", "", "", map[string]any{"now": at, "speed": speed}, nil)
	if refused(err, "not_found") {
		return errors.New("any speed but 1 needs a server on --clock=simulated")
	}
	a.clockAt, a.clockSet, a.clockSpeed = at, time.Now(), speed
	return err
}

// clockNow is the server's clock as it must stand by now.
func (a *api) clockNow(ctx context.Context) (time.Time, error) {
	return a.clockAt.Add(time.Duration(float64(time.Since(a.clockSet)) * a.clockSpeed)), ctx.Err()
}

// address makes up a phone's address, from the range kept for documentation.
func address(n int) string { return "2001:db8::" + strconv.FormatInt(int64(n%0xffff), 16) }
