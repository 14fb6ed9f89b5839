package channels

// presets describe services that are in use; every part of one can be said
// otherwise beside it.
func presets() map[string]gatewaySettings {
	return map[string]gatewaySettings{
		// https://www.twilio.com/docs/messaging/api/message-resource; secrets
		// account and token, value from.
		"twilio": {
			Method: "POST", URL: "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json",
			Basic:       &basic{User: "{account}", Password: "{token}"},
			ContentType: "application/x-www-form-urlencoded", Body: "To={to}&From={from}&Body={text}",
			Phone: "e164", Text: "short",
			// 21211 and 21614: no number, no mobile; 21610: they said stop; 21408 and
			// 21612: a country or a network that is not served.
			Answer: answer{Refused: []field{{Field: "code", Is: []string{"21211", "21408", "21610", "21612", "21614"}}}},
		},
		// https://docs.fonnte.com/api-send-message/; secret token. It answers 200
		// whatever it thinks, and says so in status and reason.
		"fonnte": {
			Method: "POST", URL: "https://api.fonnte.com/send", Headers: map[string]string{"Authorization": "{token}"},
			ContentType: "application/x-www-form-urlencoded", Body: "target={to}&message={text}&countryCode=0",
			Phone: "digits", Text: "whole",
			Answer: answer{
				OK:      &field{Field: "status", Is: []string{"true"}},
				Refused: []field{{Field: "reason", Is: []string{"target invalid", "invalid target", "target input invalid"}}},
			},
		},
	}
}
