package ledger

import "github.com/prometheus/client_golang/prometheus"

// metrics are what an operator wants to see of the writing and following of
// offices. They carry no office, so that their number does not grow.
type metrics struct {
	appends   prometheus.Histogram
	batch     prometheus.Histogram
	conflicts prometheus.Counter
	unknown   prometheus.Counter
	repeats   prometheus.Counter
	reloads   prometheus.Counter
	lag       prometheus.Histogram
	awake     prometheus.Gauge
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		appends: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "antrean_ledger_append_seconds", Help: "Time until a batch was durable or refused, one attempt.",
			Buckets: prometheus.ExponentialBuckets(0.0002, 2, 15),
		}),
		batch: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "antrean_ledger_batch_commands", Help: "Commands decided together.",
			Buckets: prometheus.ExponentialBuckets(1, 2, 9),
		}),
		conflicts: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "antrean_ledger_conflicts_total", Help: "Batches that another node's batch came before; they were decided again.",
		}),
		unknown: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "antrean_ledger_unknown_total", Help: "Appends whose outcome was unknown; they were repeated.",
		}),
		repeats: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "antrean_ledger_repeats_total", Help: "Commands that came again and got their first answer.",
		}),
		reloads: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "antrean_ledger_reloads_total", Help: "Times that an office's log was found to have lost entries.",
		}),
		lag: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "antrean_ledger_tail_lag_seconds", Help: "Age of another node's event when it was folded here.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 16),
		}),
		awake: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "antrean_ledger_offices_awake", Help: "Offices that are awake on this node.",
		}),
	}
	if r != nil {
		r.MustRegister(m.appends, m.batch, m.conflicts, m.unknown, m.repeats, m.reloads, m.lag, m.awake)
	}
	return m
}
