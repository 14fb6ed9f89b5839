package display

import (
	"crypto/subtle"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"
)

const placeWindow = 5 * time.Minute

// placeCode is the code shown at the office: four digits, another one every
// five minutes, the same on every node. It is derived, so that no node needs to
// tell the others.
func (a *App) placeCode(office string, now time.Time) string {
	return a.placeCodeOf(office, now.Unix()/int64(placeWindow.Seconds()))
}

func (a *App) placeCodeOf(office string, window int64) string {
	digest := a.Ring.Key("place code", office, strconv.FormatInt(window, 10))
	return fmt.Sprintf("%04d", binary.BigEndian.Uint64([]byte(digest)[:8])%10000)
}

// admitCode counts a code that is given for the request's ticket: four digits
// are soon tried out by whoever is not there.
func (a *App) admitCode(c *fiber.Ctx, code string) error {
	if code == "" {
		return nil
	}
	return a.take(c, "codes", a.tokenOf(c), "many_codes")
}

// isPlaceCode says whether that is the office's code, or was it just before:
// reading and typing take time.
func (a *App) isPlaceCode(office, code string) bool {
	window := a.Offices.Now().Unix() / int64(placeWindow.Seconds())
	ok := 0
	for _, w := range []int64{window, window - 1} {
		ok |= subtle.ConstantTimeCompare([]byte(a.placeCodeOf(office, w)), []byte(code))
	}
	return ok == 1
}
