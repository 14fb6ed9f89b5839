package staff

import (
	"bytes"
	"context"
	"math/rand/v2"
	"time"
)

// turnRecord is held, for a moment, by whoever takes an administrator away: two
// who did so at once would each see the other's administrator stay.
const turnRecord = "staff/turn"

const (
	turnFor  = 30 * time.Second      // until a turn that a crash has cut is over: longer than a request lives
	turnWait = 10 * time.Millisecond // between two looks at whether it is free, at least
)

// inTurn does what no other node or request may do at the same moment. It returns
// ErrBusy when the context ends before its turn comes.
func (s *Staff) inTurn(ctx context.Context, do func() error) error {
	mine := []byte(newToken())
	for {
		held, err := s.records.Replace(ctx, turnRecord, nil, mine, turnFor)
		if err != nil {
			return err
		}
		if bytes.Equal(held, mine) {
			break
		}
		select {
		case <-time.After(turnWait + rand.N(turnWait)):
		case <-ctx.Done():
			return ErrBusy
		}
	}
	defer func() {
		// Also where the caller has gone; should it fail, the turn ends by itself.
		_, _ = s.records.Replace(context.WithoutCancel(ctx), turnRecord, mine, mine, time.Millisecond)
	}()
	return do()
}
