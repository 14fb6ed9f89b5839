package staff

import (
	"context"
	"errors"
	"fmt"
	"time"

	"antrean/internal/ledger"
)

const (
	answerPrefix = "staff/answer/" // staff/answer/<digest of caller, path and key>
	answersFor   = 24 * time.Hour
)

// Answer is what a command was answered that is in no office's log, for a
// repetition of it.
type Answer struct {
	Request string `json:"request"` // digest of the body that was sent
	Status  int    `json:"status"`
	Kind    string `json:"kind,omitempty"` // of the body, as Content-Type has it
	Body    []byte `json:"body,omitempty"`
}

// Answered returns the first answer to the command with the key, if one was
// kept in the last 24 hours.
func (s *Staff) Answered(ctx context.Context, key string) (answer Answer, known bool, err error) {
	_, err = s.load(ctx, answerPrefix+key, &answer)
	switch {
	case errors.Is(err, ledger.ErrAbsent):
		return Answer{}, false, nil
	case err != nil:
		return Answer{}, false, fmt.Errorf("look for a former answer: %w", err)
	}
	return answer, true, nil
}

// KeepAnswer keeps the first answer to the command with the key.
func (s *Staff) KeepAnswer(ctx context.Context, key string, answer Answer) error {
	if _, err := s.replace(ctx, answerPrefix+key, nil, answer, answersFor); err != nil {
		return fmt.Errorf("keep an answer: %w", err)
	}
	return nil
}
