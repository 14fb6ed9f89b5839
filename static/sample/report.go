package sample

import (
	"time"

	"antrean/static"
)

func reports() []Page {
	day := time.Date(2026, 11, 24, 0, 0, 0, 0, time.FixedZone("WIB", 7*3600))
	row := static.ReportRow{
		Name: "Penggantian paspor karena rusak, hilang atau habis masa berlaku", Arrived: 306, Done: 299, Served: 515, PerHour: 6.8, Open: 27292,
		NoShow: 13, Late: 17, Cancelled: 7, Expired: 2, Released: 30, Refilled: 18, Returns: 6, Absent: 1, OutOfTurn: 2,
		Waiting: static.ReportTimes{Count: 516, P50: 601, P90: 3776}, Walking: static.ReportTimes{Count: 486, P50: 28, P90: 42},
		Service: static.ReportTimes{Count: 485, P50: 301, P90: 3600},
	}
	period := row
	period.Name, period.From, period.To = "", day, day.AddDate(0, 0, 6)
	report := static.ReportPage{
		AdminShell: Shell("bandung", "reports"), Action: "/admin/offices/bandung/report", Period: "day", Date: "2026-11-24",
		From: day, To: day, Today: true, Earlier: "/admin", Later: "/admin", CSV: "/admin", Log: "/admin", Replay: "/admin", Total: row,
		Predictions: static.ReportPredictions{Count: 31, Intervals: 29, Within: 22, ErrorP50: 463},
		Reasons:     []static.ReportReason{{ID: "assistance", N: 1}, {ID: "other", N: 1}},
		Waiting:     &static.WaitingPlot{Begin: 27000, End: 57600, Points: []static.PlotPoint{{At: 27000, N: 3}, {At: 27300, N: 12}}, Hours: []static.PlotHour{{Hour: 7, Most: 12, P50: 30, P90: 70}, {Hour: 8}}},
		Load:        &static.LoadPlot{Hours: []static.LoadHour{{Hour: 7, Places: 50, Taken: 49, Arrived: 58, Served: 47, Counters: 5.3}, {Hour: 8}}},
		Counters: &static.CountersPlot{Begin: 27000, End: 57600, Rows: []static.CounterRow{{
			Name: "Loket 1", Officers: []string{"sari", "budi"}, OpenFor: 7200, Busy: 3600, Served: 4,
			Open:  []static.PlotSpan{{From: 27000, To: 30000, Kind: "open"}, {From: 30000, To: 31000, Kind: "paused"}},
			Calls: []static.PlotSpan{{From: 27100, To: 27700, Kind: "served"}, {From: 27800, To: 27900, Kind: "absent"}},
		}}},
		Tables: []static.ReportTable{{Kind: "hour", Rows: []static.ReportRow{row}}, {Kind: "service", Rows: []static.ReportRow{row}},
			{Kind: "lane", Rows: []static.ReportRow{row}}, {Kind: "stage", Rows: []static.ReportRow{row}},
			{Kind: "counter", Rows: []static.ReportRow{row}}, {Kind: "officer", Rows: []static.ReportRow{row}}},
	}
	month := report
	month.Period, month.To, month.Waiting, month.Load, month.Counters = "month", day.AddDate(0, 0, 6), nil, nil, nil
	month.Periods, month.Tables = &static.PeriodsPlot{Rows: []static.ReportRow{period, period}}, []static.ReportTable{{Kind: "period", Rows: []static.ReportRow{period, period}}}
	own := report
	own.Own, own.Action, own.Waiting, own.Load, own.Counters = true, "/staff/figures", nil, nil, nil
	own.Mine = []static.OfficeLink{{Name: "Bandung", URL: "/staff/figures?office=bandung", Active: true}, {Name: "Soetta", URL: "/staff/figures?office=soetta"}}
	nothing := report
	nothing.Empty = true
	story := static.StoryPage{
		AdminShell: Shell("bandung", "log"), Action: "/admin/offices/bandung/log", Date: "2026-11-24", Day: day, Earlier: "/admin", Later: "/admin", Raw: "/admin", Replay: "/admin",
		Counters: []static.StoryChoice{{ID: "1", Name: "Loket 1"}}, Officers: []string{"sari"}, Kinds: []string{"ticket", "call", "counter", "place", "day", "person", "office"},
		Found: 401, Sheet: 2, Sheets: 3, Before: "/admin", After: "/admin",
		Lines: []static.StoryLine{
			{At: day.Add(8 * time.Hour), Number: "A-012", URL: "/admin", Text: "dipanggil ke Loket 1 oleh sari", Version: 7},
			{At: day.Add(9 * time.Hour), Text: "Loket 2 dibuka oleh budi", Version: 8},
		},
	}
	none := story
	none.Lines, none.Narrowed, none.Number = nil, true, "A-999"
	life := static.TicketStoryPage{
		AdminShell: Shell("bandung", "log"), Number: "A-012", Back: "/admin", Told: true,
		Days: []static.StoryDay{
			{Day: day.AddDate(0, 0, -3), URL: "/admin", Lines: []static.StoryLine{
				{At: day.AddDate(0, 0, -3), Number: "A-012", Text: "dipesan: Paspor baru, 24 Nov 2026 09.00–10.00 oleh pemohon", Version: 3},
				{At: day.AddDate(0, 0, -3).Add(time.Second), Number: "A-012", Message: "booked", Channel: "push", Outcome: "sent"},
			}},
			{Day: day, URL: "/admin", Lines: story.Lines[:1]},
		},
	}
	return []Page{
		{"ticketstory", "ticketstory", life}, {"story", "story", story}, {"story-none", "story", none},
		{"report", "report", report}, {"report-month", "report", month}, {"report-own", "report", own}, {"report-nothing", "report", nothing},
	}
}
