package display

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"antrean/internal/calendar"
	"antrean/internal/queue"
	"antrean/static"
)

// field is a value of a topic's form: where it stands in the configuration, and
// how it is asked for.
type field struct{ path, kind string }

// simpleTopics are those whose fields stand in the configuration once.
var simpleTopics = map[string][]field{
	"identity": {{"name", "text"}, {"address", "long"}, {"timezone", "choice"}, {"languages", "text"}},
	"booking": {{"booking.slot", "text"}, {"booking.horizon", "text"}, {"booking.per_identity", "number"}, {"booking.party_max", "number"},
		{"booking.reschedules", "number"}, {"booking.reschedule_until", "text"}, {"booking.payment_within", "text"}, {"booking.confirm_by", "text"}},
	"calling": {{"calling.priority_share", "text"}, {"calling.ceiling", "text"}, {"calling.offsets.priority", "text"}, {"calling.offsets.appointment", "text"},
		{"calling.offsets.walkin", "text"}, {"calling.priority_for.id", "text"}, {"calling.priority_for.en", "text"}, {"calling.officers_may_choose", "yes"}, {"calling.undo_within", "text"}},
	"noshow": {{"noshow.check_in_grace", "text"}, {"noshow.absent_returns", "number"}, {"noshow.absent_after", "text"}, {"noshow.standby_offer", "text"},
		{"noshow.future_release_delay", "text"}, {"noshow.self_check_in", "choice"}},
	"retention": {{"retention.personal", "text"}, {"retention.log", "text"}},
}

// listTopics are those of which an office has several.
var listTopics = map[string][]field{
	"stages":   {{"id", "id"}, {"name.id", "text"}, {"name.en", "text"}},
	"services": {{"id", "id"}, {"prefix", "text"}, {"name.id", "text"}, {"name.en", "text"}, {"fee", "number"}, {"stages", "checks"}, {"slot_capacity", "text"}, {"service_time", "text"}, {"walkin_capacity", "number"}, {"pickup_after", "text"}, {"bring.id", "long"}, {"bring.en", "long"}},
	"counters": {{"id", "id"}, {"name", "text"}, {"spoken", "text"}, {"stages", "checks"}, {"services", "checks"}, {"lanes", "checks"}},
}

// topics are all, in the order of the page.
var topics = []string{"identity", "hours", "stages", "services", "counters", "booking", "calling", "noshow", "limits", "retention"}

// sentForm is a form as it was sent: nil before anything was.
type sentForm map[string][]string

func (t sentForm) one(name string) string {
	if len(t[name]) == 0 {
		return ""
	}
	return t[name][0]
}

func (t sentForm) has(name string) bool { return len(t[name]) > 0 }

// configForm is a topic's form over a configuration.
type configForm struct {
	app   *App
	lang  string
	topic string
	was   *queue.Config // in force
	typed sentForm
	wrong map[string]string // by field name of the form
}

// groups are the fields with their values, those that were typed first.
func (f *configForm) groups() []static.ConfigGroup {
	switch f.topic {
	case "hours":
		return f.hoursGroups()
	case "limits":
		var g static.ConfigGroup
		for _, name := range queue.LimitNames() {
			one := f.field(f.was, "limits."+name, "limits."+name, "text")
			usual, _ := queue.UsualLimit(name).MarshalText()
			one.Usual = string(usual)
			g.Fields = append(g.Fields, one)
		}
		return []static.ConfigGroup{g}
	case "stages", "services", "counters":
		return f.listGroups()
	}
	var g static.ConfigGroup
	for _, one := range simpleTopics[f.topic] {
		g.Fields = append(g.Fields, f.field(f.was, one.path, one.path, one.kind))
	}
	return []static.ConfigGroup{g}
}

// field is one field of the form: of holds its value until something was typed.
func (f *configForm) field(of any, path, name, kind string) static.ConfigField {
	v := static.ConfigField{Name: name, Key: f.topic + "." + path, Kind: kind, Value: readField(of, path), Allowed: f.wrong[name]}
	if _, simple := simpleTopics[f.topic]; simple || f.topic == "limits" {
		v.Key = path
	}
	v.Wrong = v.Allowed != ""
	if f.typed != nil {
		v.Value = strings.Join(f.typed[name], ", ")
	}
	switch {
	case kind == "yes":
		v.Choices = []static.ConfigChoice{{Value: "yes", Chosen: v.Value == "yes" || v.Value == "true"}}
	case kind == "choice" || kind == "checks":
		chosen := listed(v.Value)
		for _, c := range f.choices(path) {
			c.Chosen = slices.Contains(chosen, c.Value)
			v.Choices = append(v.Choices, c)
		}
	}
	return v
}

// choices are the values that a field can have.
func (f *configForm) choices(path string) (all []static.ConfigChoice) {
	add := func(value, words string) { all = append(all, static.ConfigChoice{Value: value, Words: words}) }
	switch path {
	case "timezone":
		zones := []string{"Asia/Jakarta", "Asia/Makassar", "Asia/Jayapura"}
		if !slices.Contains(zones, f.was.Timezone) {
			zones = append(zones, f.was.Timezone)
		}
		for _, zone := range zones {
			add(zone, zone)
		}
	case "noshow.self_check_in":
		for _, way := range []string{"code", "open"} {
			add(way, f.app.Pages.Words(f.lang, "admin.choice."+way))
		}
	case "stages":
		for _, s := range f.was.Stages {
			add(s.ID, s.Name.In(f.lang))
		}
	case "services":
		for _, s := range f.was.Services {
			add(s.ID, s.Name.In(f.lang))
		}
	case "lanes":
		for _, lane := range []queue.Lane{queue.Priority, queue.Appointment, queue.Walkin} {
			add(string(lane), f.app.Pages.Words(f.lang, "lane."+string(lane)))
		}
	}
	return all
}

func (f *configForm) hoursGroups() []static.ConfigGroup {
	text := func(name, key, label, value, kind string) static.ConfigField {
		if f.typed != nil {
			value = f.typed.one(name)
		}
		return static.ConfigField{Name: name, Key: key, Kind: kind, Label: label, Value: value, Allowed: f.wrong[name], Wrong: f.wrong[name] != ""}
	}
	week := weekOf(f.was.Hours)
	usual := static.ConfigGroup{}
	for i, key := range weekdayKeys {
		usual.Fields = append(usual.Fields, text("hours."+key, "hours", f.app.Pages.Words(f.lang, "admin.weekday."+key), week[i], "text"))
	}
	closures := static.ConfigGroup{Fields: []static.ConfigField{text("closures", "closures", "", strings.Join(f.was.Closures, "\n"), "long")}}
	groups := []static.ConfigGroup{usual, closures}
	for i, s := range f.specials() {
		at := fmt.Sprintf("special[%d].", i)
		g := static.ConfigGroup{Name: s.dates, New: s.dates == "", Remove: at + "remove", Gone: f.typed.has(at + "remove")}
		if g.New {
			g.Remove = ""
		}
		g.Fields = append(g.Fields, text(at+"dates", "special.dates", "", s.dates, "text"), text(at+"hours", "special.hours", "", writtenSpecial(s.Special), "text"))
		for _, service := range f.was.Services {
			if service.SlotCapacity.IsZero() {
				continue
			}
			value := ""
			if places, given := s.SlotCapacity[service.ID]; given {
				value = writtenPlaces(places)
			}
			g.Fields = append(g.Fields, text(at+"places."+service.ID, "special.places", service.Name.In(f.lang), value, "text"))
		}
		groups = append(groups, g)
	}
	return groups
}

type datedSpecial struct {
	dates string
	queue.Special
}

// specials are the special days in their order, and room for one more. A form
// has as many as it was sent with.
func (f *configForm) specials() (all []datedSpecial) {
	if f.typed != nil {
		for i := 0; f.typed.has(fmt.Sprintf("special[%d].dates", i)); i++ {
			all = append(all, datedSpecial{dates: f.typed.one(fmt.Sprintf("special[%d].dates", i))})
		}
		return all
	}
	for dates, s := range f.was.Special {
		all = append(all, datedSpecial{dates, s})
	}
	slices.SortFunc(all, func(a, b datedSpecial) int { return strings.Compare(a.dates, b.dates) })
	return append(all, datedSpecial{})
}

// element is one of a list: a pointer to it, and what it is called.
type element struct {
	of   any
	id   string
	name string
}

func elements(c *queue.Config, topic, lang string) (all []element) {
	switch topic {
	case "stages":
		for i := range c.Stages {
			all = append(all, element{&c.Stages[i], c.Stages[i].ID, c.Stages[i].Name.In(lang)})
		}
	case "services":
		for i := range c.Services {
			all = append(all, element{&c.Services[i], c.Services[i].ID, c.Services[i].Name.In(lang)})
		}
	case "counters":
		for i := range c.Counters {
			all = append(all, element{&c.Counters[i], c.Counters[i].ID, c.Counters[i].Name})
		}
	}
	return all
}

func blank(topic string) any {
	switch topic {
	case "stages":
		return &queue.Stage{}
	case "services":
		return &queue.Service{}
	}
	return &queue.CounterConfig{}
}

func (f *configForm) listGroups() (groups []static.ConfigGroup) {
	known := map[string]element{}
	var ids []string
	for _, e := range elements(f.was, f.topic, f.lang) {
		known[e.id] = e
		ids = append(ids, e.id)
	}
	ids = append(ids, "")
	if f.typed != nil {
		ids = nil
		for i := 0; f.typed.has(fmt.Sprintf("%s[%d].id", f.topic, i)); i++ {
			ids = append(ids, f.typed.one(fmt.Sprintf("%s[%d].id", f.topic, i)))
		}
	}
	for i, id := range ids {
		at := fmt.Sprintf("%s[%d].", f.topic, i)
		e, old := known[id]
		if !old {
			e = element{of: blank(f.topic)}
		}
		g := static.ConfigGroup{Name: e.name, New: !old}
		if old {
			g.Remove, g.Gone = at+"remove", f.typed.has(at+"remove")
		}
		for _, one := range listTopics[f.topic] {
			kind := one.kind
			if kind == "id" {
				if kind = "text"; old {
					kind = "fixed"
				}
			}
			g.Fields = append(g.Fields, f.field(e.of, one.path, at+one.path, kind))
		}
		groups = append(groups, g)
	}
	return groups
}

// apply is the configuration as the form would make it. What is wrong with the
// fields is noted in wrong, what the whole says elsewhere comes back.
func (f *configForm) apply() (made *queue.Config, others []string) {
	made = copyConfig(f.was)
	places := map[string]string{} // a path in the configuration, by the form's field
	set := func(of any, path, name, at string) {
		places[at] = name
		text := strings.Join(f.typed[name], ", ")
		if err := writeField(of, path, text); err != nil {
			f.wrong[name] = err.Error()
		}
	}
	switch f.topic {
	case "hours":
		f.applyHours(made, places)
	case "limits":
		for _, name := range queue.LimitNames() {
			set(made, "limits."+name, "limits."+name, "limits."+name)
		}
	case "stages", "services", "counters":
		f.applyList(made, set)
	default:
		for _, one := range simpleTopics[f.topic] {
			set(made, one.path, one.path, one.path)
		}
	}
	for _, w := range f.app.wrongTexts(made, "") {
		name := fieldFor(places, w.field)
		switch {
		case name == "":
			others = append(others, w.field+": "+w.said)
		case f.wrong[name] == "":
			f.wrong[name] = w.said
		}
	}
	return made, others
}

// fieldFor is the form's field for a path, or for what is around it.
func fieldFor(places map[string]string, path string) string {
	for path != "" {
		if name, ok := places[path]; ok {
			return name
		}
		path = path[:max(strings.LastIndexAny(path, ".["), 0)]
	}
	return ""
}

func (f *configForm) applyHours(made *queue.Config, places map[string]string) {
	var week [7]string
	for i, key := range weekdayKeys {
		week[i] = f.typed.one("hours." + key)
	}
	made.Hours = hoursOf(week)
	for key := range made.Hours {
		places["hours."+key] = "hours." + key[:3]
	}
	places["hours"] = "hours.mon"
	made.Closures = strings.Fields(strings.ReplaceAll(f.typed.one("closures"), ",", " "))
	places["closures"] = "closures"
	made.Special = nil
	for i := range f.specials() {
		at := fmt.Sprintf("special[%d].", i)
		dates := strings.TrimSpace(f.typed.one(at + "dates"))
		if dates == "" || f.typed.has(at+"remove") {
			continue
		}
		if _, twice := made.Special[dates]; twice {
			f.wrong[at+"dates"] = fmt.Sprintf("%s is named twice", dates)
			continue
		}
		var s queue.Special
		readSpecial(f.typed.one(at+"hours"), &s)
		for _, service := range f.was.Services {
			name := at + "places." + service.ID
			if text := strings.TrimSpace(f.typed.one(name)); text != "" {
				var places queue.Capacity
				if err := readPlaces(text, &places); err != nil {
					f.wrong[name] = err.Error()
				}
				if s.SlotCapacity == nil {
					s.SlotCapacity = map[string]queue.Capacity{}
				}
				s.SlotCapacity[service.ID] = places
			}
			places["special."+dates+".slot_capacity."+service.ID] = name
		}
		if made.Special == nil {
			made.Special = map[string]queue.Special{}
		}
		made.Special[dates] = s
		places["special."+dates] = at + "hours"
		if _, _, err := calendar.ParseDates(dates); err != nil {
			places["special."+dates] = at + "dates"
		}
	}
}

func (f *configForm) applyList(made *queue.Config, set func(of any, path, name, at string)) {
	old := map[string]element{}
	for _, e := range elements(copyConfig(f.was), f.topic, f.lang) {
		old[e.id] = e
	}
	var all []any
	for i := 0; f.typed.has(fmt.Sprintf("%s[%d].id", f.topic, i)); i++ {
		at := fmt.Sprintf("%s[%d].", f.topic, i)
		id := strings.TrimSpace(f.typed.one(at + "id"))
		e, known := old[id]
		if !known {
			e = element{of: blank(f.topic)}
			if id == "" && f.untouched(at) {
				continue
			}
		}
		if f.typed.has(at + "remove") {
			continue
		}
		delete(old, id) // the same id again is another one, and refused
		for _, one := range listTopics[f.topic] {
			if one.kind == "checks" && one.path == "stages" && f.topic == "services" {
				f.typed[at+one.path] = inRoute(readField(e.of, "stages"), f.typed[at+one.path])
			}
			set(e.of, one.path, at+one.path, fmt.Sprintf("%s[%d].%s", f.topic, len(all), one.path))
		}
		set(e.of, "id", at+"id", fmt.Sprintf("%s[%d]", f.topic, len(all)))
		all = append(all, e.of)
	}
	switch f.topic {
	case "stages":
		made.Stages = gathered[queue.Stage](all)
	case "services":
		made.Services = gathered[queue.Service](all)
	case "counters":
		made.Counters = gathered[queue.CounterConfig](all)
	}
}

// untouched says whether nothing was typed for one more of a list.
func (f *configForm) untouched(at string) bool {
	for name, values := range f.typed {
		if strings.HasPrefix(name, at) && strings.TrimSpace(strings.Join(values, "")) != "" {
			return false
		}
	}
	return true
}

// inRoute keeps the order of a route for the stages that stay in it; new ones
// come after them.
func inRoute(route string, chosen []string) []string {
	var all []string
	for _, stage := range append(listed(route), chosen...) {
		if slices.Contains(chosen, stage) && !slices.Contains(all, stage) {
			all = append(all, stage)
		}
	}
	return all
}

func gathered[T any](all []any) []T {
	list := make([]T, len(all))
	for i, of := range all {
		list[i] = *of.(*T)
	}
	return list
}

// copyConfig is a configuration of its own: through what the log holds of it.
func copyConfig(c *queue.Config) *queue.Config {
	made := &queue.Config{}
	text, err := json.Marshal(c)
	if err == nil {
		err = json.Unmarshal(text, made)
	}
	if err != nil {
		panic(fmt.Errorf("display: copy a configuration: %w", err)) // it was read from the log
	}
	return made
}
