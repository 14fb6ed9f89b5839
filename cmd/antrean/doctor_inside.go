package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"antrean/internal/ledger"
	"antrean/internal/queue"
	"antrean/internal/staff"
	"antrean/notifier"
)

const (
	clockMayDiffer  = time.Second
	backupMayBe     = 36 * time.Hour // a night may be missed, two not
	screenMayBeMute = 24 * time.Hour // without a word
	opensWithin     = 14             // days
	diskFew         = 1 << 30        // bytes
	diskTooFew      = 200 << 20
)

// examine looks at the store and the machine that it lies on.
func (s *store) examine(ctx context.Context, say tongue, data string) []finding {
	found := s.durability(ctx, say)
	found = append(found, s.clock(ctx, say), diskFinding(say, data), s.key(say, data), s.backups(ctx, say, time.Now()))
	nodes, err := present(ctx, s.records)
	return append(found, nodesFinding(say, nodes, err))
}

func (s *store) durability(ctx context.Context, say tongue) []finding {
	r, ok := s.log.(*ledger.Redis)
	if !ok {
		return []finding{{"store", fine, say.of("satu berkas, disimpan sebelum dijawab", "one file, on disk before every answer"), ""}}
	}
	report, err := r.Report(ctx)
	if err != nil {
		return []finding{{"store", broken, say.of("Redis tidak menjawab: ", "Redis does not answer: ") + err.Error(), say.of("periksa Redis dan --redis", "look at Redis and --redis")}}
	}
	risks := r.Risks(report)
	if len(risks) == 0 {
		return []finding{{"store", fine, fmt.Sprintf("Redis %s, appendfsync %s", report.Version, report.AppendFsync), ""}}
	}
	var found []finding
	for _, risk := range risks {
		found = append(found, finding{"store", warning, "Redis: " + risk, say.of("lihat \"What survives what\" di docs/operations.md", "see \"What survives what\" in docs/operations.md")})
	}
	return found
}

// clock compares this machine with the store, or with what the store remembers.
func (s *store) clock(ctx context.Context, say tongue) finding {
	do := say.of("pasang NTP (timedatectl set-ntp true)", "run NTP (timedatectl set-ntp true)")
	at, err := s.log.Now(ctx)
	if err != nil {
		return finding{"clock", broken, say.of("penyimpanan tidak menjawab: ", "the store does not answer: ") + err.Error(), do}
	}
	if off := time.Since(at).Abs(); off > clockMayDiffer {
		return finding{"clock", broken, say.of(fmt.Sprintf("jam mesin ini berbeda %s dari penyimpanan", off.Round(time.Millisecond)), fmt.Sprintf("this machine's clock is %s off the store's", off.Round(time.Millisecond))), do}
	}
	for office, state := range statesOf(ctx, s) {
		if ahead := time.Until(state.At); ahead > clockMayDiffer {
			return finding{"clock", broken, say.of(fmt.Sprintf("kejadian terakhir %s %s di depan jam mesin ini", office, ahead.Round(time.Second)), fmt.Sprintf("the last event of %s lies %s ahead of this machine's clock", office, ahead.Round(time.Second))), do}
		}
	}
	return finding{"clock", fine, say.of("sama dengan penyimpanan", "agrees with the store"), ""}
}

func diskFinding(say tongue, dir string) finding {
	if _, err := os.Stat(dir); err != nil {
		dir = "."
	}
	free, err := diskFree(dir)
	if err != nil {
		return finding{"disk", warning, say.of("sisa tempat tidak diketahui: ", "free space is unknown: ") + err.Error(), ""}
	}
	return diskOf(say, free)
}

func diskOf(say tongue, free uint64) finding {
	f := finding{"disk", fine, say.of(fmt.Sprintf("sisa %d MB", free>>20), fmt.Sprintf("%d MB are free", free>>20)), ""}
	switch {
	case free < diskTooFew:
		f.Level = broken
	case free < diskFew:
		f.Level = warning
	default:
		return f
	}
	f.Do = say.of("kosongkan tempat atau pindahkan --data", "make room, or move --data")
	return f
}

// key reminds of what no backup holds.
func (s *store) key(say tongue, data string) finding {
	remember := say.of("simpan salinannya terpisah dari cadangan: tanpa kunci ini nama tidak terbaca", "keep a copy of it apart from the backups: without it no name can be read")
	path := filepath.Join(data, keyFile)
	info, err := os.Stat(path)
	if os.Getenv(vaultKey) != "" || err != nil {
		return finding{"vault_key", fine, say.of("dari ", "from ") + vaultKey, remember}
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return finding{"vault_key", broken, say.of(path+" dapat dibaca orang lain", "others can read "+path), "chmod 600 " + path}
	}
	return finding{"vault_key", fine, path, remember}
}

func (s *store) backups(ctx context.Context, say tongue, now time.Time) finding {
	do := say.of("antrean backup setiap malam, lihat docs/operations.md", "antrean backup every night, see docs/operations.md")
	var made backupMade
	kept, err := s.records.Get(ctx, lastBackup)
	if err == nil {
		err = json.Unmarshal(kept, &made)
	}
	switch age := now.Sub(made.At); {
	case errors.Is(err, ledger.ErrAbsent):
		return finding{"backup", warning, say.of("belum pernah dicadangkan", "there never was a backup"), do}
	case err != nil:
		return finding{"backup", warning, err.Error(), do}
	case age > backupMayBe:
		return finding{"backup", warning, say.of("cadangan terakhir ", "the last backup is of ") + made.At.Format(time.DateOnly), do}
	}
	return finding{"backup", fine, made.At.Format(time.RFC3339), ""}
}

func readyFinding(say tongue, err error) finding {
	if err != nil {
		return finding{"ready", broken, err.Error(), say.of("lihat log server", "see the server's log")}
	}
	return finding{"ready", fine, say.of("penyimpanan terjangkau, kantor termuat", "store reachable, offices loaded"), ""}
}

// statesOf are the offices as their logs end. One that cannot be read is left
// to readiness and verify.
func statesOf(ctx context.Context, s *store) map[string]*queue.State {
	states := map[string]*queue.State{}
	ids, _ := officesOf(ctx, s.records)
	for _, id := range ids {
		if state, err := ledger.State(ctx, s.log, s.records, s.archive, id); err == nil {
			states[id] = state
		}
	}
	return states
}

func configsOf(ctx context.Context, s *store) []*queue.Config {
	var all []*queue.Config
	for _, state := range statesOf(ctx, s) {
		all = append(all, state.Config)
	}
	slices.SortFunc(all, func(a, b *queue.Config) int { return strings.Compare(a.ID, b.ID) })
	return all
}

// officeFindings are what keeps an office from opening.
func officeFindings(say tongue, offices []*queue.Config, now time.Time) []finding {
	if len(offices) == 0 {
		return []finding{{"offices", broken, say.of("tidak ada kantor", "there is no office"), "antrean serve --config offices.yaml"}}
	}
	var found []finding
	for _, c := range offices {
		opens, ok := nextOpen(c, now)
		switch {
		case !ok:
			found = append(found, finding{"offices", broken, say.of(fmt.Sprintf("%s tidak buka dalam %d hari", c.ID, opensWithin), fmt.Sprintf("%s does not open within %d days", c.ID, opensWithin)), say.of("isi hours, closures atau special", "see hours, closures and special")})
		case !served(c):
			found = append(found, finding{"offices", broken, say.of(c.ID+": ada layanan tanpa loket untuk salah satu tahapnya", c.ID+": a service has no counter for one of its stages"), say.of("tambahkan loket, atau tahap pada loket", "add a counter, or the stage to one")})
		default:
			found = append(found, finding{"offices", fine, fmt.Sprintf("%s: %s", c.ID, opens.Format("2006-01-02 15:04 MST")), ""})
		}
	}
	return found
}

func nextOpen(c *queue.Config, now time.Time) (time.Time, bool) {
	hours := c.Calendar()
	for i := range opensWithin {
		if opens, closes, ok := hours.Bounds(hours.Date(now.AddDate(0, 0, i))); ok && closes.After(now) {
			if zone, err := time.LoadLocation(c.Timezone); err == nil {
				opens = opens.In(zone)
			}
			return opens, true
		}
	}
	return time.Time{}, false
}

// served says whether every stage of every service has a counter.
func served(c *queue.Config) bool {
	for _, service := range c.Services {
		for _, stage := range service.Stages {
			if !slices.ContainsFunc(c.Counters, func(k queue.CounterConfig) bool {
				return (len(k.Stages) == 0 || slices.Contains(k.Stages, stage)) && (len(k.Services) == 0 || slices.Contains(k.Services, service.ID))
			}) {
				return false
			}
		}
	}
	return len(c.Services) > 0
}

// staffFindings are about accounts and paired devices.
func staffFindings(ctx context.Context, say tongue, s *staff.Staff, offices []*queue.Config) []finding {
	accounts, err := s.List(ctx)
	if err != nil {
		return []finding{{"accounts", broken, err.Error(), ""}}
	}
	devices, err := s.Devices(ctx)
	if err != nil {
		return []finding{{"screens", broken, err.Error(), ""}}
	}
	return append(accountFindings(say, accounts), screenFindings(say, devices, offices, time.Now())...)
}

func accountFindings(say tongue, accounts []staff.Account) []finding {
	administrators, without := 0, []string{}
	for _, a := range accounts {
		if slices.Contains(a.Roles, staff.Administrator) {
			if administrators++; !a.SecondFactor {
				without = append(without, a.Name)
			}
		}
	}
	switch {
	case administrators == 0:
		return []finding{{"accounts", broken, say.of("tidak ada administrator", "there is no administrator"), say.of("buka tautan yang dicetak server saat mulai, atau antrean user add", "open the link that the server prints at its start, or antrean user add")}}
	case len(without) > 0:
		return []finding{{"accounts", warning, say.of("administrator tanpa faktor kedua: ", "administrators without a second factor: ") + strings.Join(without, ", "), say.of("pasang aplikasi kode, setelah masuk", "set up a code app, after signing in")}}
	}
	return []finding{{"accounts", fine, say.of(fmt.Sprintf("%d akun, %d administrator", len(accounts), administrators), fmt.Sprintf("%d accounts, %d administrators", len(accounts), administrators)), ""}}
}

func screenFindings(say tongue, devices []staff.Device, offices []*queue.Config, now time.Time) []finding {
	var found []finding
	screens := map[string]int{}
	for _, d := range devices {
		if d.Kind != staff.DisplayDevice {
			continue
		}
		screens[d.Office]++
		name := d.Office + ": " + d.Name
		switch {
		case d.Health.Seen.IsZero():
			found = append(found, finding{"screens", warning, name + say.of(" belum pernah melapor", " never reported"), say.of("nyalakan dan buka halamannya", "switch it on and open its page")})
		case now.Sub(d.Health.Seen) > screenMayBeMute:
			found = append(found, finding{"screens", warning, name + say.of(" terakhir terlihat ", " was last seen ") + d.Health.Seen.Format(time.RFC3339), say.of("nyalakan, periksa jaringannya, atau cabut", "switch it on, look at its network, or revoke it")})
		case !d.Health.Sound:
			found = append(found, finding{"screens", warning, name + say.of(" bisu: peramban menahan suara", " is mute: its browser holds sound back"), say.of("tekan OK pada remote, atau jalankan peramban dengan --autoplay-policy=no-user-gesture-required", "press OK on its remote, or start its browser with --autoplay-policy=no-user-gesture-required")})
		}
	}
	for _, c := range offices {
		if screens[c.ID] == 0 && c.NoShow.SelfCheckIn == "code" {
			found = append(found, finding{"screens", warning, say.of(c.ID+": tidak ada layar terpasang yang dapat menampilkan kode hadir", c.ID+": no screen is paired that could show the code for check-in"), say.of("pasangkan TV lobi (/pair), atau self_check_in: open", "pair the lobby's TV (/pair), or self_check_in: open")})
		}
	}
	if len(found) == 0 {
		found = append(found, finding{"screens", fine, say.of(fmt.Sprintf("%d layar terpasang", len(devices)), fmt.Sprintf("%d devices paired", len(devices))), ""})
	}
	return found
}

func channelFindings(say tongue, channels []notifier.ChannelState) []finding {
	var found []finding
	for _, c := range channels {
		switch {
		case c.Fault != "":
			found = append(found, finding{"channels", broken, c.Name + ": " + c.Fault, say.of("betulkan --channels", "mend --channels")})
		case !c.Resting.IsZero():
			found = append(found, finding{"channels", warning, c.Name + say.of(" beristirahat setelah gagal berturut-turut", " rests after failing in a row"), say.of("uji di /admin/channels", "test it at /admin/channels")})
		}
	}
	if len(found) == 0 {
		found = append(found, finding{"channels", fine, say.of(fmt.Sprintf("%d saluran bekerja", len(channels)), fmt.Sprintf("%d channels work", len(channels))), ""})
	}
	return found
}

// addressFinding is about what links begin with.
func addressFinding(say tongue, public string) finding {
	switch {
	case public == "":
		return finding{"public_url", warning, say.of("tidak diatur: tautan memakai alamat permintaan", "is not set: links begin with whatever address was asked"), "--public-url https://…"}
	case !strings.HasPrefix(public, "https://") && !local(public):
		return finding{"public_url", broken, say.of(public+" bukan HTTPS: ponsel tidak memberi notifikasi dan layarnya padam", public+" is no HTTPS: phones give no notifications and switch their screens off"), say.of("pasang sertifikat: --acme, --tls-cert, atau proksi", "get a certificate: --acme, --tls-cert, or a proxy")}
	}
	return finding{"public_url", fine, public, ""}
}
