package display

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
)

const (
	backupPath     = "/api/v1/backup"
	backupPatience = time.Hour // for all of it to reach whoever asked
)

// backup sends the whole store. What is about people in it is sealed, and the
// key is not in it.
func (a *App) backup(c *fiber.Ctx, who staff.Session) error {
	// A large store takes longer than a request has.
	ctx, done := context.WithTimeout(context.WithoutCancel(c.UserContext()), backupPatience)
	defer done()
	file, size, err := a.Backup(ctx, c.Query("for") != "export")
	if err != nil {
		return err
	}
	a.note("store copied", nameOf(who), "bytes", size)
	c.Set(fiber.HeaderContentType, "application/gzip")
	c.Set(fiber.HeaderContentDisposition, `attachment; filename="antrean-`+time.Now().UTC().Format("20060102-150405")+`.backup"`)
	return c.SendStream(file, int(size))
}

// doctor answers what is wrong with the installation.
func (a *App) doctor(c *fiber.Ctx, _ staff.Session) error {
	found, err := a.Doctor(c.UserContext(), a.language(c))
	if err != nil {
		return err
	}
	return c.JSON(found)
}
