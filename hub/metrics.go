package hub

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	sockets *prometheus.GaugeVec
	sent    [frameKinds]prometheus.Counter
	skipped prometheus.Counter
	passes  prometheus.Counter
	reach   prometheus.Histogram
	ended   *prometheus.CounterVec
}

func newMetrics(r prometheus.Registerer) *metrics {
	with := promauto.With(r)
	sent := with.NewCounterVec(prometheus.CounterOpts{
		Name: "antrean_hub_frames_sent_total", Help: "Frames written to connections.",
	}, []string{"type"})
	m := &metrics{
		sockets: with.NewGaugeVec(prometheus.GaugeOpts{
			Name: "antrean_hub_connections", Help: "Open live connections.",
		}, []string{"kind"}),
		skipped: with.NewCounter(prometheus.CounterOpts{
			Name: "antrean_hub_frames_skipped_total", Help: "Snapshots replaced by a newer one before a slow connection could take them.",
		}),
		passes: with.NewCounter(prometheus.CounterOpts{
			Name: "antrean_hub_passes_total", Help: "Snapshots rendered for all connections of a topic.",
		}),
		reach: with.NewHistogram(prometheus.HistogramOpts{
			Name:    "antrean_hub_change_to_frame_seconds",
			Help:    "Time from a durable change until all ready connections of a topic had its frame.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		}),
		ended: with.NewCounterVec(prometheus.CounterOpts{
			Name: "antrean_hub_connections_ended_total", Help: "Connections ended, by reason.",
		}, []string{"reason"}),
	}
	for kind := range frameKinds {
		m.sent[kind] = sent.WithLabelValues(kind.String())
	}
	return m
}
