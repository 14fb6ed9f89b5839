import { byId, show } from './dom.js';

// Reading QR codes with the kiosk's own camera, where the browser can do both.

/** @returns {{offer: () => void, start: (found: (code: string) => void) => void, stop: () => void}} */
export function camera() {
  const Detector = /** @type {any} */ (window).BarcodeDetector;
  const can = !!Detector && !!navigator.mediaDevices && !!navigator.mediaDevices.getUserMedia;
  /** @type {MediaStream|null} */
  let stream = null;
  let turn = 0; // what was begun before it has ended

  function stop() {
    turn++;
    if (stream) stream.getTracks().forEach((t) => t.stop());
    stream = null;
    show(byId('lens'), false);
    show(byId('camera'), can);
  }

  return {
    offer: () => show(byId('camera'), can),
    stop,
    async start(found) {
      stop();
      const mine = turn;
      show(byId('camera'), false);
      show(byId('lens'), true);
      try {
        const opened = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'user' } });
        if (mine !== turn) return opened.getTracks().forEach((t) => t.stop());
        stream = opened;
        const video = byId('video');
        video.srcObject = stream;
        await video.play();
        const detector = new Detector({ formats: ['qr_code'] });
        while (mine === turn) {
          const codes = await detector.detect(video);
          if (mine !== turn) return;
          if (codes.length > 0) {
            stop();
            return found(codes[0].rawValue);
          }
          await new Promise((next) => window.setTimeout(next, 200));
        }
      } catch (_) {
        if (mine === turn) stop(); // refused, or no camera: the code is typed
      }
    },
  };
}
