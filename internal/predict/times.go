package predict

import (
	"hash/fnv"
	"math"

	"antrean/internal/queue"
)

const (
	// spread is the standard deviation of the logarithm of a service time: two
	// in three lie between 0.6 and 1.7 times the median.
	spread = 0.5
	// drift is the same for the hall as a whole: how far the coming hour's mean
	// may be from the measured one.
	drift = 0.15

	usual  = 600.0 // seconds that a service takes until it was measured
	weight = 3     // how many measured ones the usual time stands for
)

// mean is how many seconds the ticket's service takes at its stage.
func (h *Hall) mean(t *queue.Ticket) float64 {
	p := h.paces[t.Service+"/"+t.Stage]
	n := float64(p.Count)
	return max(1, (weight*usual+n*p.Mean.Seconds())/(weight+n))
}

// remaining is how long a service goes on that has taken so many seconds: a
// lognormal time of that mean, given that it is longer. Luck is a standard
// normal value, 0 for the median.
func remaining(mean, elapsed, luck float64) float64 {
	median := math.Log(mean) - spread*spread/2
	over := 0.0 // how likely it is to have ended by now
	if elapsed > 0 {
		over = phi((math.Log(elapsed) - median) / spread)
	}
	// Beyond the last thousandth the formula knows nothing any more.
	quantile := min(over+phi(luck)*(1-over), 0.999)
	return max(1, math.Exp(median+spread*probit(quantile))-elapsed)
}

func phi(z float64) float64    { return 0.5 * math.Erfc(-z/math.Sqrt2) }
func probit(u float64) float64 { return math.Sqrt2 * math.Erfinv(2*u-1) }

// luck is a ticket's own seed at its stage: its service time is then the same
// in every forecast, and intervals do not flicker.
func luck(t *queue.Ticket) uint64 {
	h := fnv.New64a()
	h.Write([]byte(t.ID + "/" + t.Stage)) // never fails
	return h.Sum64()
}

// normal and uniform are the n-th random value of a seed.
func normal(seed, n uint64) float64 { return probit(uniform(seed, n)) }

func uniform(seed, n uint64) float64 {
	// splitmix64: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
	// Generators", 2014.
	z := seed + (n+1)*0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	z ^= z >> 31
	return (float64(z>>11) + 0.5) / (1 << 53)
}
