// A page of the real socket.io-client, by what it hears; nothing is missed between two awaits.
import { io } from 'socket.io-client';

export class Page {
  constructor(url, options = {}) {
    this.heard = [];
    this.waiting = new Set();
    this.socket = io(url, { forceNew: true, reconnectionDelay: 50, reconnectionDelayMax: 200, ...options });
    this.socket.onAny((event, data) => this.#note({ event, data }));
    for (const event of ['connect', 'disconnect']) this.socket.on(event, (data) => this.#note({ event, data }));
    this.socket.on('connect_error', (error) => this.#note({ event: 'connect_error', data: { message: error.message, ...error.data } }));
  }

  #note(told) {
    this.heard.push(told);
    for (const look of this.waiting) look();
  }

  /** The data of the first event of this name (and for which `fits`) that was not taken yet; what came before it is passed over. */
  next(event, fits = () => true) {
    return new Promise((resolve) => {
      const look = () => {
        const at = this.heard.findIndex((told) => told.event === event && fits(told.data));
        if (at < 0) return;
        this.waiting.delete(look);
        resolve(this.heard.splice(0, at + 1).at(-1).data);
      };
      this.waiting.add(look);
      look();
    });
  }

  /** The names of what was heard and not taken, in order. */
  names(...passed) { return this.heard.map(({ event }) => event).filter((name) => !passed.includes(name)); }
  close() { this.socket.disconnect(); }
}
