package sample

import "antrean/static"

func channels() []Page {
	return []Page{
		{"channels", "channels", static.ChannelsPage{
			AdminShell: Shell("", "channels"),
			Channels: []static.Channel{
				{Name: "push", Type: "push", State: "works", Today: static.ChannelFigures{Sent: 312, Repeated: 4, Failed: 11}, Month: static.ChannelFigures{Sent: 6120, Repeated: 31, Failed: 204}},
				{Name: "whatsapp", Type: "whatsapp", State: "resting", Resting: ptr(at(10, 42)), Reports: true, Kinds: []string{"called", "offer"}, Today: static.ChannelFigures{Sent: 120, Delivered: 98, Undelivered: 3}},
				{Name: "mail", Type: "mail", State: "works", Offices: []string{"bandung", "soetta"}},
				{Name: "sms", Type: "gateway", State: "faulty", Fault: "channels[3].settings.url: an address is required"},
				{Name: "arsip", Type: "webhook", State: "works", Always: true},
			},
			Test: static.ChannelTest{Channel: "whatsapp", Phone: "08123", Wrong: "Nomor telepon terlalu pendek."},
		}},
		{"channels-tested", "channels", static.ChannelsPage{
			AdminShell: Shell("", "channels"),
			Channels:   []static.Channel{{Name: "mail", Type: "mail", State: "works"}, {Name: "sms", Type: "gateway", State: "works"}},
			Test:       static.ChannelTest{Channel: "mail", Email: "saya@example.go.id", Done: &static.ChannelTested{Outcome: "sent", Millis: 84}},
		}},
		{"channels-refused", "channels", static.ChannelsPage{
			AdminShell: Shell("", "channels"),
			Channels:   []static.Channel{{Name: "mail", Type: "mail", State: "works"}},
			Test:       static.ChannelTest{Channel: "mail", Email: "saya@example.go.id", Done: &static.ChannelTested{Outcome: "refused", Code: "550"}},
		}},
		{"channels-none", "channels", static.ChannelsPage{AdminShell: Shell("", "channels")}},
		{"messages", "messages", static.MessagesPage{
			AdminShell: Shell("bandung", "messages"), Asked: "A-012", Number: "A-012",
			Dead: []static.DeadMessage{
				{DeadLetter: static.DeadLetter{ID: "d1", Ticket: "t1", Kind: "called", Channel: "sms", Code: "http_500", At: at(9, 14)}, Number: "A-007"},
				{DeadLetter: static.DeadLetter{ID: "d2", Ticket: "t2", Kind: "pickup_ends", Channel: "mail", Code: "550", At: at(8, 2)}},
			},
			Told: []static.ToldMessage{
				{At: at(8, 1), Kind: "booked", Channel: "push", Outcome: "sent"},
				{At: at(9, 1), Kind: "near_turn", Channel: "push", Outcome: "gone"},
				{At: at(9, 1), Kind: "near_turn", Channel: "whatsapp", Outcome: "delivered"},
			},
		}},
		{"messages-none", "messages", static.MessagesPage{AdminShell: Shell("bandung", "messages")}},
		{"messages-unknown", "messages", static.MessagesPage{AdminShell: Shell("bandung", "messages"), Asked: "A-999"}},
		{"messages-nothing", "messages", static.MessagesPage{AdminShell: Shell("bandung", "messages"), Asked: "A-013", Number: "A-013"}},
	}
}
