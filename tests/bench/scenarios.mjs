// What is run on which server, what figure comes of it, and what must be reached.
const everyone = ['floor', 'jobwire', 'jobwire (SQLite)', 'ws', 'socket.io'];
const perDelivery = (result) => result.cpuNs / result.count / 1000;

// The same jobs for pages that speak Socket.IO: eight jobs in turn, since a dialect tells of one at most ten times a second.
const framings = ['jobwire', 'jobwire (Socket.IO)', 'socket.io'];
const framingTargets = [{ server: 'jobwire (Socket.IO)', against: 'jobwire', most: 1.3 }, { server: 'jobwire (Socket.IO)', against: 'socket.io', most: 0.5 }];

export const scenarios = [
  {
    name: 'fan-out, paced: 20 messages/s to 1,000', unit: 'µs CPU/delivery', servers: everyone, figure: perDelivery,
    client: { scenario: 'fanout', connections: 1000, rate: 20, seconds: 5 },
    targets: [{ against: 'floor', most: 1.15 }, { against: 'socket.io', most: 0.5 }],
  },
  {
    name: 'fan-out, paced: 5 bursts of 16/s to 1,000', unit: 'µs CPU/delivery', servers: everyone, figure: perDelivery,
    client: { scenario: 'fanout', connections: 1000, rate: 5, burst: 16, seconds: 5 },
  },
  {
    name: 'fan-out, flat out, one at a time to 1,000', unit: 'µs CPU/delivery', servers: everyone, figure: perDelivery,
    client: { scenario: 'fanout', connections: 1000, seconds: 3 },
  },
  {
    name: 'fan-out, flat out, bursts of 16 to 1,000', unit: 'µs CPU/delivery', servers: everyone, figure: perDelivery,
    client: { scenario: 'fanout', connections: 1000, burst: 16, seconds: 3 },
    targets: [{ against: 'floor', most: 1.2 }, { against: 'socket.io', most: 0.5 }],
  },
  {
    name: 'Socket.IO framing, paced: 20 messages/s to 1,000', unit: 'µs CPU/delivery', servers: framings, figure: perDelivery,
    client: { scenario: 'fanout', connections: 1000, jobs: 8, rate: 20, seconds: 5 }, targets: framingTargets,
  },
  {
    name: 'Socket.IO framing, paced: 5 bursts of 16/s to 1,000', unit: 'µs CPU/delivery', servers: framings, figure: perDelivery,
    client: { scenario: 'fanout', connections: 1000, burst: 16, rate: 5, seconds: 5 }, targets: framingTargets,
  },
  {
    name: 'idle connections (5,000)', unit: 'kB/connection', servers: ['floor', 'jobwire', 'ws', 'socket.io'],
    figure: (result) => result.residentBytes / result.count / 1000,
    client: { scenario: 'idle', connections: 5000 },
    targets: [{ most: 6 }],
  },
  {
    name: 'connect storm (2,000 at once)', unit: 'µs CPU/connection', servers: ['floor', 'jobwire', 'ws', 'socket.io'], figure: perDelivery,
    client: { scenario: 'connect', connections: 2000 },
  },
  {
    name: 'reconnect storm (1,000 at once, 50 of 100 jobs changed)', unit: 'µs CPU/connection', servers: ['floor', 'jobwire', 'ws', 'socket.io'],
    figure: perDelivery, client: { scenario: 'reconnect', connections: 1000 },
  },
  {
    name: 'ingest, batches of 100 (only SQLite is durable)', unit: 'events/CPU-s', servers: everyone, figure: (result) => result.count / (result.cpuNs / 1e9),
    client: (server) => ({ scenario: server === 'floor' ? 'ingest-http' : 'ingest', seconds: 4 }),
    targets: [{ server: 'jobwire (SQLite)', least: 50_000 }],
  },
];
