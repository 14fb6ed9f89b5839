package hub

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"
)

// A heard is a control frame that ears handed on.
type heard struct {
	Kind    int
	Payload string
}

// listenTo feeds ears with data in pieces of a size.
func listenTo(data []byte, size int) (all []heard, err error) {
	var e ears
	for len(data) > 0 && err == nil {
		n := min(size, len(data))
		err = e.hear(data[:n], func(kind int, payload []byte) error {
			all = append(all, heard{kind, string(payload)})
			return nil
		})
		data = data[n:]
	}
	return all, err
}

// said is a frame as a client sends it.
func said(head byte, payload string) []byte {
	b := []byte{head, 0x80 | byte(len(payload)), 1, 2, 3, 4}
	if len(payload) > 125 {
		b = []byte{head, 0x80 | 126, byte(len(payload) >> 8), byte(len(payload)), 1, 2, 3, 4}
	}
	mask := b[len(b)-4:]
	for i := range len(payload) {
		b = append(b, payload[i]^mask[i%4])
	}
	return b
}

func TestOnlyControlFramesAreHeard(t *testing.T) {
	long := string(make([]byte, 500))
	for _, test := range []struct {
		name string
		data []byte
		all  []heard
		err  error
	}{
		{"a pong, a message, a ping", bytes.Join([][]byte{said(0x8a, ""), said(0x81, "halo"), said(0x89, "di sana?")}, nil), []heard{{10, ""}, {9, "di sana?"}}, nil},
		{"a message in parts, a pong between", bytes.Join([][]byte{said(0x01, "ha"), said(0x8a, "x"), said(0x80, "lo")}, nil), []heard{{10, "x"}}, nil},
		{"a long message", said(0x82, long), nil, nil},
		{"two long messages", append(said(0x82, long), said(0x82, long)...), nil, nil},
		{"two long parts", append(said(0x02, long), said(0x80, long)...), nil, errTooLarge},
		{"a size of eight bytes", []byte{0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 1, 1, 2, 3, 4}, nil, errTooLarge},
		{"without a mask", []byte{0x8a, 0}, nil, nil}, // its head is not whole yet
		{"without a mask, and more", []byte{0x8a, 4, 0, 0, 0, 0}, nil, errProtocol},
		{"a large ping", said(0x89, long), nil, errProtocol},
		{"half a ping", said(0x09, ""), nil, errProtocol},
		{"compressed", said(0xc1, "halo"), nil, errProtocol},
		{"a kind that is not", said(0x83, ""), nil, errProtocol},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, size := range []int{1, 3, 1000} {
				all, err := listenTo(test.data, size)
				if !errors.Is(err, test.err) || cmp.Diff(test.all, all) != "" {
					t.Errorf("in pieces of %d: %v, %v", size, all, err)
				}
			}
		})
	}
}

func FuzzEars(f *testing.F) {
	f.Add(said(0x89, "halo"), 3)
	f.Add(append(said(0x01, "ha"), said(0x80, "lo")...), 1)
	f.Fuzz(func(t *testing.T, data []byte, size int) {
		whole, wholeErr := listenTo(data, max(1, len(data)))
		parts, partsErr := listenTo(data, max(1, size%64))
		if diff := cmp.Diff(whole, parts); diff != "" || !errors.Is(wholeErr, partsErr) {
			t.Errorf("at once %v, in pieces %v: %s", wholeErr, partsErr, diff)
		}
		for _, h := range whole {
			if len(h.Payload) > 125 {
				t.Errorf("a control frame of %d bytes", len(h.Payload))
			}
		}
	})
}

func TestACloseIsAnsweredWithItsCode(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	w := h.watch(t, "")
	w.next()
	bye := websocket.FormatCloseMessage(websocket.CloseGoingAway, "pulang")
	if err := w.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if code, _, before := w.closed(); code != websocket.CloseGoingAway || len(before) != 0 {
		t.Errorf("closed with %d after %d frames", code, len(before))
	}
	eventually(t, "it is counted", func() bool {
		return h.value(t, `antrean_hub_connections_ended_total{reason="client left"}`) == 1
	})
}

func TestAClientThatBreaksTheProtocolIsTold(t *testing.T) {
	h := newHouse(t, Options{}, nil)
	w := h.watch(t, "")
	w.next()
	if _, err := w.NetConn().Write([]byte{0x8a, 4, 0, 0, 0, 0}); err != nil { // without a mask
		t.Fatal(err)
	}
	if code, _, _ := w.closed(); code != websocket.CloseProtocolError {
		t.Errorf("closed with %d", code)
	}
}
