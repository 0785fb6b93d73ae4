// A WebSocket's way to a server that is cut behind the message that a test names: what follows it never arrives.
import { once } from 'node:events';
import { WebSocket, WebSocketServer } from 'ws';

export class CutLine {
  /** @param {string} url the server's, http:// */
  static async before(url) {
    const line = new CutLine();
    line.target = url.replace(/^http/, 'ws');
    line.server = new WebSocketServer({ host: '127.0.0.1', port: 0, verifyClient: () => !line.isCut });
    line.server.on('connection', (near, request) => line.#carry(near, request.url));
    await once(line.server, 'listening');
    line.url = `http://127.0.0.1:${line.server.address().port}`;
    return line;
  }

  isCut = false;
  #last = () => false;

  /** The next message from the server that `fits` is the last that arrives; then nobody gets through until `mend()`. */
  cutAfter(fits) { this.#last = fits; }
  mend() { this.isCut = false; }

  #carry(near, path) {
    const far = new WebSocket(this.target + path);
    const early = [];
    const drop = () => { near.terminate(); far.terminate(); };
    for (const end of [near, far]) end.on('close', drop).on('error', drop);
    near.on('message', (data, binary) => (far.readyState === WebSocket.OPEN ? far.send(data, { binary }) : early.push([data, { binary }])));
    far.on('open', () => { for (const message of early) far.send(...message); });
    far.on('message', (data, binary) => {
      if (this.isCut) return;
      const isLast = this.#last(data.toString());
      if (isLast) this.#cut();
      near.send(data, { binary }, isLast ? drop : undefined);
    });
  }

  #cut() {
    this.isCut = true;
    this.#last = () => false;
  }

  close() {
    for (const near of this.server.clients) near.terminate();
    this.server.close();
  }
}
