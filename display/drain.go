package display

import (
	"errors"
	"time"

	"github.com/valyala/fasthttp"
)

const (
	drained      = 32 << 20               // bytes of a refused request that are read all the same
	drainFor     = 2 * time.Second        // at the longest
	drainBetween = 200 * time.Millisecond // bytes, where nobody said how many come
)

// heardOut lets a client finish what is too large for us. Most programs read no
// answer before they have sent everything, and a connection that is closed with
// bytes unread is reset: they would learn of a broken line, not of a 413 or 431.
func heardOut(answer func(*fasthttp.RequestCtx, error)) func(*fasthttp.RequestCtx, error) {
	return func(ctx *fasthttp.RequestCtx, err error) {
		answer(ctx, err)
		if errors.Is(err, fasthttp.ErrBodyTooLarge) || errors.As(err, new(*fasthttp.ErrSmallBuffer)) {
			drain(ctx)
		}
	}
}

func drain(ctx *fasthttp.RequestCtx) {
	end := time.Now().Add(drainFor)
	length := ctx.Request.Header.ContentLength() // -1: in chunks
	buffer := make([]byte, 16<<10)
	for read := 0; read < drained; {
		// The server's own buffer may hold the beginning: what is missing at the
		// end is not waited for.
		between := drainBetween
		if length > 0 && read >= length-headerLimit {
			between /= 10
		}
		pause := time.Now().Add(between)
		if pause.After(end) {
			pause = end
		}
		if err := ctx.Conn().SetReadDeadline(pause); err != nil {
			return
		}
		n, err := ctx.Conn().Read(buffer)
		if err != nil {
			return
		}
		read += n
	}
}
