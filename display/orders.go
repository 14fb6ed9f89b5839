package display

import (
	"sync"

	"antrean/internal/queue"
)

// orders remember who stands where as of an office's newest version: thousands
// of phones ask for it after each change, and counting it for each of them
// would take as many steps again.
type orders struct {
	mu  sync.Mutex
	all map[string]*queueOrder // by office
}

type queueOrder struct {
	epoch   string
	version uint64
	stages  map[string]map[string]int
}

func newOrders() *orders { return &orders{all: map[string]*queueOrder{}} }

// of tells how many are ahead of a ticket of the state; to be asked while the
// state is read.
func (o *orders) of(s *queue.State) func(t *queue.Ticket) int {
	return func(t *queue.Ticket) int {
		o.mu.Lock()
		defer o.mu.Unlock()
		now := o.all[s.Office]
		if now == nil || now.epoch != s.Epoch || now.version != s.Version {
			now = &queueOrder{epoch: s.Epoch, version: s.Version, stages: map[string]map[string]int{}}
			o.all[s.Office] = now
		}
		if now.stages[t.Stage] == nil {
			now.stages[t.Stage] = s.Order(t.Stage)
		}
		return now.stages[t.Stage][t.ID]
	}
}
