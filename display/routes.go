package display

import (
	"github.com/gofiber/fiber/v2"

	"antrean/internal/staff"
)

// routes is the whole surface on one page.
func (a *App) routes() {
	f := a.fiber

	f.Get("/healthz", a.healthz)
	f.Get("/readyz", a.readyz)
	f.Get("/metrics", a.metrics())
	f.Get("/a/+", a.asset)

	f.Get("/", a.homePage)
	f.Post("/", a.inLine, a.homeBook) // limited as bookings, see there
	f.Post("/form", a.limited("forms"), a.homeForm)
	f.Get("/booked", a.bookedPage)
	f.Get("/t", a.ticketPage)
	f.Get("/t/qr.svg", a.ticketQR)
	f.Get("/t/calendar.ics", a.ticketCalendar)
	f.Get("/t/manifest.webmanifest", a.manifest)
	f.Get("/sw.js", a.worker)
	f.Post("/t/check-in", a.admitTicket, a.pageCheckIn)
	f.Post("/t/confirm", a.admitTicket, a.pageConfirm)
	f.Post("/t/cancel", a.admitTicket, a.pageCancel)
	f.Post("/t/reschedule", a.admitTicket, a.pageReschedule)
	f.Post("/t/standby", a.admitTicket, a.pageStandBy)
	f.Post("/t/accept", a.admitTicket, a.pageAccept)
	f.Post("/t/defer", a.admitTicket, a.pageDefer)
	f.Post("/t/help", a.admitTicket, a.pageHelp)
	f.Get("/t/:token", a.keepTicket)
	f.Get("/display/:office", a.displayPage)
	f.Get("/pair", a.pairPage)
	f.Get("/counter", a.counterPage)
	f.Get("/kiosk/:office", a.staff(staff.KioskWork, a.kioskPage))
	f.Post("/kiosk/:office/tickets", a.staff(staff.KioskWork, a.kioskTicket))
	f.Post("/kiosk/:office/check-ins", a.staff(staff.KioskWork, a.kioskCheckIn))
	f.Get("/staff", a.staffPage)
	f.Post("/staff/:office/tickets/:ticket/helped", a.staff(staff.SeeQueue, a.pageHelped))
	f.Get("/login", a.loginPage)
	f.Post("/login", a.pageLogin)
	f.Post("/logout", a.pageLogout)
	f.Get("/setup", a.setupPage)
	f.Post("/setup", a.limited("setup"), a.pageSetup)

	f.Get("/admin", a.someOffice(staff.Supervise, a.adminPage))
	m := f.Group("/admin/offices/:office")
	m.Get("", a.staff(staff.Supervise, a.officePage))
	m.Post("/suspend", a.staff(staff.Supervise, a.pageSuspend))
	m.Post("/resume", a.staff(staff.Supervise, a.pageResume))
	m.Get("/days", a.staff(staff.Supervise, a.daysPage))
	m.Post("/days/:date/close", a.staff(staff.Supervise, a.pageCloseDay))
	m.Post("/days/:date/reopen", a.staff(staff.Supervise, a.pageReopenDay))
	m.Post("/days/:date/end", a.staff(staff.Supervise, a.pageEndDay))
	m.Post("/days/:date/start", a.staff(staff.Supervise, a.pageStartDay))
	m.Post("/days/:date/capacity", a.staff(staff.Supervise, a.pageCapacity))
	m.Post("/days/:date/walkins", a.staff(staff.Supervise, a.pageWalkins))
	m.Get("/notices", a.staff(staff.Supervise, a.noticesPage))
	m.Post("/notices", a.staff(staff.Supervise, a.pageNotices))

	f.Get("/live/offices/:office/display", a.liveDisplay)
	f.Get("/live/offices/:office/overview", a.liveOverview)
	f.Get("/live/offices/:office/counters/:counter", a.liveCounter)
	f.Get("/live/tickets/:token", a.liveTicket)

	v := f.Group("/api/v1", neverStored)
	v.Get("/offices", a.listOffices)
	v.Get("/offices/:office/slots", a.listSlots)
	v.Post("/offices/:office/bookings", a.inLine, a.book)

	v.Get("/tickets/:token", a.showTicket)
	v.Get("/tickets/:token/qr.svg", a.ticketQR)
	v.Get("/tickets/:token/calendar.ics", a.ticketCalendar)
	v.Post("/tickets/:token/check-in", a.admitTicket, a.checkIn)
	v.Post("/tickets/:token/confirm", a.admitTicket, a.confirm)
	v.Post("/tickets/:token/cancel", a.admitTicket, a.cancel)
	v.Post("/tickets/:token/reschedule", a.admitTicket, a.reschedule)
	v.Post("/tickets/:token/standby", a.admitTicket, a.standBy)
	v.Post("/tickets/:token/accept", a.admitTicket, a.accept)
	v.Post("/tickets/:token/defer", a.admitTicket, a.deferTurn)
	v.Post("/tickets/:token/help", a.admitTicket, a.help)

	v.Get("/push-key", a.pushKey)
	v.Get("/tickets/:token/push", a.subscribed)
	v.Put("/tickets/:token/push", a.limited("tickets"), a.subscribe)
	v.Delete("/tickets/:token/push", a.limited("tickets"), a.unsubscribe)

	v.Post("/session", a.login)
	v.Get("/session", a.showSession)
	v.Delete("/session", a.logout)

	v.Post("/offices/:office/tickets", a.staff(staff.KioskWork, a.issue))
	v.Post("/offices/:office/check-ins", a.staff(staff.KioskWork, a.checkInCode))
	v.Post("/offices/:office/tickets/:ticket/return", a.staff(staff.DeskWork, a.bringBack))
	v.Post("/offices/:office/tickets/:ticket/amend", a.staff(staff.DeskWork, a.amend))
	v.Post("/offices/:office/tickets/:ticket/reissue", a.staff(staff.DeskWork, a.reissue))
	v.Post("/offices/:office/tickets/:ticket/accept", a.staff(staff.DeskWork, a.acceptAtDesk))
	v.Post("/offices/:office/tickets/:ticket/helped", a.staff(staff.SeeQueue, a.helped))
	v.Post("/offices/:office/tickets/:ticket/ready", a.staff(staff.DeskWork, a.ready))
	v.Get("/offices/:office/find", a.staff(staff.DeskWork, a.find))
	v.Post("/offices/:office/find", a.staff(staff.DeskWork, a.findUnseen))
	v.Get("/offices/:office/tickets/:ticket", a.staff(staff.DeskWork, a.showTicketAtDesk))
	v.Post("/offices/:office/tickets/:ticket/check-in", a.staff(staff.DeskWork, a.deskCheckIn))
	v.Post("/offices/:office/tickets/:ticket/confirm", a.staff(staff.DeskWork, a.deskConfirm))
	v.Post("/offices/:office/tickets/:ticket/cancel", a.staff(staff.DeskWork, a.deskCancel))
	v.Post("/offices/:office/tickets/:ticket/reschedule", a.staff(staff.DeskWork, a.deskReschedule))
	v.Post("/offices/:office/tickets/:ticket/standby", a.staff(staff.DeskWork, a.deskStandBy))
	v.Post("/offices/:office/tickets/:ticket/defer", a.staff(staff.DeskWork, a.deskDefer))
	v.Post("/offices/:office/tickets/:ticket/join", a.staff(staff.DeskWork, a.deskJoin))
	v.Post("/offices/:office/tickets/:ticket/split", a.staff(staff.DeskWork, a.deskSplit))
	v.Post("/offices/:office/tickets/:ticket/correct", a.staff(staff.DeskWork, a.correct))
	v.Post("/offices/:office/tickets/:ticket/collected", a.staff(staff.DeskWork, a.collected))

	k := v.Group("/offices/:office/counters/:counter")
	k.Get("", a.staff(staff.SeeQueue, a.showCounter))
	k.Post("/open", a.staff(staff.Serve, a.openCounter))
	k.Post("/close", a.staff(staff.Serve, a.closeCounter))
	k.Post("/pause", a.staff(staff.Serve, a.pauseCounter))
	k.Post("/take-over", a.staff(staff.Serve, a.takeOver))
	k.Post("/next", a.staff(staff.Serve, a.next))
	k.Post("/recall", a.staff(staff.Serve, a.recall))
	k.Post("/serve", a.staff(staff.Serve, a.serve))
	k.Post("/complete", a.staff(staff.Serve, a.complete))
	k.Post("/no-show", a.staff(staff.Serve, a.noShow))
	k.Post("/park", a.staff(staff.Serve, a.park))
	k.Post("/call", a.staff(staff.Serve, a.callChosen))
	k.Post("/undo", a.staff(staff.Serve, a.undo))

	v.Post("/offices/:office/mute", a.staff(staff.Serve, a.mute))
	v.Post("/offices/:office/suspend", a.staff(staff.Supervise, a.suspend))
	v.Post("/offices/:office/resume", a.staff(staff.Supervise, a.resume))
	v.Post("/offices/:office/notices", a.staff(staff.Supervise, a.setNotices))
	v.Post("/offices/:office/days/:date/start", a.staff(staff.Supervise, a.startDay))
	v.Post("/offices/:office/days/:date/close", a.staff(staff.Supervise, a.closeDay))
	v.Post("/offices/:office/days/:date/end", a.staff(staff.Supervise, a.endDay))
	v.Post("/offices/:office/days/:date/reopen", a.staff(staff.Supervise, a.reopenDay))
	v.Post("/offices/:office/days/:date/capacity", a.staff(staff.Supervise, a.setCapacity))
	v.Post("/offices/:office/days/:date/walkins", a.staff(staff.Supervise, a.setWalkins))

	v.Get("/offices/:office/queue", a.staff(staff.SeeQueue, a.showQueue))
	v.Get("/offices/:office/report", a.staff(staff.SeeQueue, a.report))
	v.Get("/offices/:office/log", a.staff(staff.SeeLog, a.showLog))
	v.Get("/offices/:office/config", a.staff(staff.Configure, a.showConfig))
	v.Put("/offices/:office/config", a.staff(staff.Configure, a.replaceConfig))

	if a.Channels != nil {
		f.Get("/admin/channels", a.allOffices(staff.Configure, a.channelsPage))
		f.Post("/admin/channels/:channel/test", a.allOffices(staff.Configure, a.pageTestChannel))
		v.Get("/channels", a.allOffices(staff.Configure, a.listChannels))
		v.Post("/channels/:channel/test", a.allOffices(staff.Configure, a.testChannel))
		v.Get("/offices/:office/dead-letters", a.staff(staff.Supervise, a.listDeadLetters))
		v.Post("/offices/:office/dead-letters/retry", a.staff(staff.Supervise, a.retryDeadLetters))
	}
	if a.Channels != nil && a.Notices != nil {
		f.Get("/admin/offices/:office/messages", a.staff(staff.Supervise, a.messagesPage))
		f.Post("/admin/offices/:office/messages/retry", a.staff(staff.Supervise, a.pageRetry))
	}
	if a.Notices != nil {
		v.Get("/offices/:office/tickets/:ticket/messages", a.staff(staff.DeskWork, a.ticketMessages))
	}
	if a.Texts != nil {
		f.Get("/admin/texts/:office", a.textsPage)
		f.Post("/admin/texts/:office/:language/:kind", a.pageText)
		v.Get("/offices/:office/texts", a.staff(staff.Configure, a.listTexts))
		v.Post("/offices/:office/texts/:language/:kind/preview", a.staff(staff.Configure, a.previewText))
		v.Put("/offices/:office/texts/:language/:kind", a.staff(staff.Configure, a.replaceText))
		v.Delete("/offices/:office/texts/:language/:kind", a.staff(staff.Configure, a.resetText))
	}

	if a.Backup != nil {
		v.Get("/backup", a.allOffices(staff.Maintain, a.backup))
	}

	v.Get("/users", a.allOffices(staff.Accounts, a.listUsers))
	v.Post("/users", a.allOffices(staff.Accounts, a.addUser))
	v.Put("/users/:name/password", a.allOffices(staff.Accounts, a.setPassword))
	v.Put("/users/:name/pin", a.allOffices(staff.Accounts, a.setPIN))
	v.Delete("/users/:name", a.allOffices(staff.Accounts, a.removeUser))

	v.Post("/people/show", a.allOffices(staff.PersonalData, a.showPerson))
	v.Post("/people/report", a.allOffices(staff.PersonalData, a.reportPerson))
	v.Post("/people/erase", a.allOffices(staff.PersonalData, a.erasePerson))
	v.Post("/people/breach", a.allOffices(staff.PersonalData, a.listBreach))

	v.Post("/devices/pairing", a.limited("pairing"), a.requestPairing)
	v.Get("/devices/pairing", a.showPairing)
	v.Post("/devices/health", a.reportHealth)
	v.Post("/devices/voice", a.askVoice)
	v.Get("/devices", a.someOffice(staff.Devices, a.listDevices))
	v.Post("/devices", a.someOffice(staff.Devices, a.acceptPairing))
	v.Put("/devices/:device/settings", a.someOffice(staff.Devices, a.setScreen))
	v.Delete("/devices/:device", a.someOffice(staff.Devices, a.revokeDevice))
}

// neverStored keeps answers about people and moments out of every cache.
func neverStored(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.Next()
}
