package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"antrean/internal/ledger"
	"antrean/internal/vault"
)

// storeFlags choose the store; serve and the commands that read it share them.
type storeFlags struct {
	Data             string `help:"Directory of the embedded store; ./antrean-data otherwise." default:"./antrean-data" placeholder:"DIR"`
	Redis            string `help:"Use Redis instead: redis://user:password@host:port (rediss:// for TLS), a comma list of servers for a Cluster." placeholder:"URL"`
	RedisWait        int    `name:"redis-wait" aliases:"wait-replicas" env:"ANTREAN_REDIS_WAIT,ANTREAN_WAIT_REPLICAS" help:"Redis: replicas that must have a change before it is acknowledged (WAIT)." default:"0" placeholder:"N"`
	RedisMinReplicas int    `name:"redis-min-replicas" help:"Redis: refuse to start when a master's min-replicas-to-write is less." default:"0" placeholder:"N"`
}

// store is an open store with the key of its personal records.
type store struct {
	log     ledger.Log
	records ledger.Records
	ring    *vault.Keyring
	archive string // directory of archived entries; "" with Redis unless it is there
	embed   *ledger.Embedded
	expire  func(context.Context) error // removes what has expired; nil: the store does it
	close   func() error
}

// The files of an embedded store in its directory.
const (
	storeFile = "antrean.db"
	keyFile   = "vault.key"
)

// vaultKey is the environment variable with the key, never a flag.
const vaultKey = "ANTREAN_VAULT_KEY"

// open opens the store. Misuse (a wrong key, a locked file) says what to do.
func (f storeFlags) open(ctx context.Context, log *slog.Logger) (*store, error) {
	var ring *vault.Keyring
	if text := os.Getenv(vaultKey); text != "" {
		var err error
		if ring, err = vault.ParseKeyring(text); err != nil {
			return nil, misused("%s: %w", vaultKey, err)
		}
	}
	if f.Redis != "" {
		return f.openRedis(ctx, ring, log)
	}
	return f.openEmbedded(ring)
}

func (f storeFlags) openRedis(ctx context.Context, ring *vault.Keyring, log *slog.Logger) (*store, error) {
	if ring == nil {
		return nil, misused("%s is required with --redis: 32 bytes, hex or base64, the same on every node (make one with: openssl rand -hex 32)", vaultKey)
	}
	if f.RedisWait < 0 || f.RedisMinReplicas < 0 {
		return nil, misused("--redis-wait and --redis-min-replicas are numbers of replicas, 0 or more")
	}
	r, err := ledger.OpenRedis(ctx, f.Redis, ledger.RedisOptions{WaitReplicas: f.RedisWait, MinReplicas: f.RedisMinReplicas})
	if err != nil {
		return nil, err
	}
	if report, err := r.Report(ctx); err == nil {
		log.Info("redis", "durability", fmt.Sprintf("%+v", report))
		for _, risk := range r.Risks(report) {
			log.Warn("redis may lose what was acknowledged", "risk", risk)
		}
	}
	return &store{log: r, records: r, ring: ring, archive: f.sharedArchive(), close: r.Close}, nil
}

// sharedArchive is where nodes on one Redis archive, if their operator made the
// directory. A node must not choose one by itself: what it trims for all would
// then lie on its own disk, or in a container that is thrown away tomorrow.
func (f storeFlags) sharedArchive() string {
	dir := filepath.Join(f.Data, "archive")
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return ""
	}
	return dir
}

func (f storeFlags) openEmbedded(ring *vault.Keyring) (*store, error) {
	if err := os.MkdirAll(f.Data, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	if ring == nil {
		var err error
		if ring, err = vault.LoadOrCreateKeyFile(filepath.Join(f.Data, keyFile)); err != nil {
			return nil, err
		}
	}
	e, err := ledger.OpenEmbedded(filepath.Join(f.Data, storeFile))
	if errors.Is(err, ledger.ErrLocked) {
		return nil, fmt.Errorf("%s belongs to a running server: stop it, or ask it (--url)", f.Data)
	}
	if err != nil {
		return nil, err
	}
	return &store{log: e, records: e, ring: ring, archive: filepath.Join(f.Data, "archive"), embed: e, expire: e.Sweep, close: e.Close}, nil
}

// existing refuses a directory without a store, for commands that would find
// nothing in it.
func (f storeFlags) existing() error {
	if f.Redis != "" {
		return nil
	}
	if _, err := os.Stat(filepath.Join(f.Data, storeFile)); errors.Is(err, os.ErrNotExist) {
		return misused("there is no store in %s (--data names its directory, --redis a Redis)", f.Data)
	}
	return nil
}

// newLog writes readable lines to w.
func newLog(w io.Writer, level string) (*slog.Logger, error) {
	var l slog.Level
	if err := l.UnmarshalText([]byte(strings.ToUpper(level))); err != nil {
		return nil, misused("--log-level %q is not allowed (debug, info, warn, error)", level)
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: l})), nil
}
