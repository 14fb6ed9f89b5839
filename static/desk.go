package static

// DeskOffice is an office as the desk names it.
type DeskOffice struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Address string `json:"address"`
}
