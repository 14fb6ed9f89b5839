package main

import (
	"errors"
	"fmt"

	"antrean/internal/ledger"
)

type verifyCommand struct {
	logFlags
	Office []string `help:"Only these offices." placeholder:"ID"`
}

// Run folds every office and prints a line for each; it ends with the first
// violation.
func (c verifyCommand) Run(p *process) error {
	l, err := c.openLogs(p.ctx)
	if err != nil {
		return err
	}
	defer func() { _ = l.close() }() // it was only read
	offices, err := l.offices(p.ctx, c.Office)
	if err != nil {
		return err
	}
	if len(offices) == 0 {
		return errors.New("this store has no offices: nothing was verified")
	}
	for _, office := range offices {
		report, err := ledger.Verify(p.ctx, l.log, l.records, l.archive, office)
		if err != nil {
			return fmt.Errorf("verify %s: %w", office, err)
		}
		if !report.OK() {
			return fmt.Errorf("verify %s: %s", office, report.Violation)
		}
		from := "from the log's first entry"
		if report.From > 0 {
			from = fmt.Sprintf("from the snapshot at %d", report.From)
		}
		fmt.Fprintf(p.out, "%s  ok  version %d, %d events folded %s, %d snapshots compared\n",
			office, report.Version, report.Version-report.From, from, len(report.Compared))
	}
	return nil
}
