// Thirty curves for the sample PDF: what they are, and the points of many strands of each.
const { sin, cos, PI, abs, sqrt, exp } = Math;
const TAU = 2 * PI;

/** `at(t, s)`: the point at parameter t (0 to 1) of strand s (0 to 1), in a square of -1 to 1. */
export const curves = [
  ['Lissajous figure', 'x = sin(3t + d),  y = sin(4t)', 'Two pendulums at right angles, one a little ahead of the other. Jules Lissajous drew these with mirrors on tuning forks and a beam of light, and musicians used the drawing to tune by eye: a figure that stands still is an interval in tune. Every strand on this page is a little more out of phase than the last.',
    (t, s) => [0.92 * sin(3 * TAU * t + s * PI), 0.92 * sin(4 * TAU * t)]],
  ['Rose', 'r = cos(k a)', 'Guido Grandi gave the rose its name in 1723 and sent it to Leibniz. An odd number of waves gives as many petals, an even number twice as many. Between the whole numbers the petals overlap and never quite close, which is what the faint strands show.',
    (t, s) => polar(0.95 * cos((5 + 0.06 * s) * TAU * t) * (0.55 + 0.45 * s), TAU * t)],
  ['Spirograph', 'a wheel of 7 in a ring of 24', 'A pen in a wheel, a wheel in a ring. The curve closes after as many turns as the teeth of wheel and ring have in common, so children who change one wheel change everything. The strands are one wheel with the pen moved outwards, hole by hole.',
    (t, s) => hypo(24, 7, 2 + 6 * s, t * 7)],
  ['Deltoid', 'a wheel of 1 in a ring of 3', 'Euler met the deltoid in 1745 while thinking about light reflected in a curved mirror. A needle can be turned right round inside it while its point and its end both stay on the curve, and for a time people believed that no smaller room would do.',
    (t, s) => hypo(3, 1, 0.2 + 1.5 * s, t)],
  ['Astroid', 'x = cos3 t,  y = sin3 t', 'A ladder that slips down a wall never crosses the astroid: the curve is the edge of everywhere the ladder has been. It was found many times over and has as many names: cubocycloid, paracycle, four-cusp curve.',
    (t, s) => { const p = 1 + 3 * s; return [0.95 * pow(cos(TAU * t), p), 0.95 * pow(sin(TAU * t), p)]; }],
  ['Cardioid', 'r = 1 - cos a', 'Look into a cup of coffee under a lamp: the bright cusp on its surface is close to a cardioid. A circle rolling round another of its own size draws it, and a microphone that hears best from one side is named after it.',
    (t, s) => { const r = (0.25 + 0.25 * s) * (1 - (0.4 + 0.6 * s) * cos(TAU * t)) * 1.8; return [r * cos(TAU * t) + 0.5 * s, r * sin(TAU * t)]; }],
  ['Limacon', 'r = b + cos a', 'Etienne Pascal, father of the better known Blaise, drew the snail. As b shrinks the dent becomes a cusp, and then a loop. Thirty members of the family are laid over one another here, from almost a circle to almost two.',
    (t, s) => { const r = 0.62 * (1.4 * s + cos(TAU * t)) * 0.85; return [r * cos(TAU * t) - 0.3, r * sin(TAU * t)]; }],
  ['Logarithmic spiral', 'r = exp(b a)', 'Jacob Bernoulli asked for this one on his gravestone, with the words "though changed, I rise again the same", because turning it and enlarging it are one and the same thing. The mason cut the wrong spiral. Shells, hawks and storms keep to the right one.',
    (t, s) => polar(0.012 * exp(4.35 * t), 5 * TAU * t + s * TAU)],
  ['Spiral of Archimedes', 'r = a', 'The groove of a record, the rope coiled on a deck, the watch spring. Archimedes used it to cut an angle into three and to square the circle, both of which are impossible with ruler and compass alone, and he knew the difference.',
    (t, s) => polar(0.94 * t, 6 * TAU * t + s * TAU / 3)],
  ["Fermat's spiral", 'r = sqrt a', 'Every turn encloses the same area as the turn before. Put a dot on it at each golden angle and you have the head of a sunflower: no two seeds in line, no room wasted, at any size.',
    (t, s) => { const n = Math.floor(t * 700) + 0.5 * s; return polar(0.94 * sqrt(n / 700), n * 2.399963); }],
  ['Clothoid', "curvature grows with length", 'A train that left a straight track straight into a circle would throw its passengers. Between the two lies the clothoid, whose bend grows evenly with the distance travelled. Motorway exits, roller coasters and paper clips all use a piece of it.',
    (t, s) => clothoid(t, s)],
  ['Butterfly', 'r = exp(cos a) - 2 cos 4a + sin5(a/12)', 'Temple Fay published this in 1989 and it has been a favourite of computer screens since. Nothing lives on it and no bridge is built after it; it is in this atlas because it is pretty.',
    (t, s) => { const a = 12 * TAU * t; const r = exp(cos(a)) - 2 * cos(4 * a) + pow(sin(a / 12), 5); return [0.24 * r * sin(a) * (0.7 + 0.3 * s), 0.24 * r * cos(a) * (0.7 + 0.3 * s) - 0.1]; }],
  ['Lemniscate', 'r2 = cos 2a', 'Bernoulli again: the ribbon. The product of the distances to two points stays the same. It is the path of a linkage that Watt used in his steam engines, and the sign for infinity looks like it, though nobody knows whether that is why.',
    (t, s) => { const k = 0.94 / (1 + sin(TAU * t) ** 2); return [k * cos(TAU * t) * (0.3 + 0.7 * s), k * sin(TAU * t) * cos(TAU * t) * (0.3 + 1.7 * s)]; }],
  ['Ovals of Cassini', 'd1 d2 = c', 'Giovanni Cassini thought that the sun went round the earth on one of these. He was wrong about the sun and right about the ovals: they are what the level lines of two hills look like, first apart, then joined at the pass.',
    (t, s) => cassini(t, 0.62 + 0.75 * s)],
  ['Harmonograph', 'four pendulums, slowly dying', 'A Victorian parlour machine: two or three pendulums, one pen, and a sheet of paper. Friction does the rest. No two evenings ever gave the same drawing, and this one would not have either had the computer not remembered its numbers.',
    (t, s) => { const d = exp(-2.2 * t); const a = 60 * TAU * t; return [0.48 * d * (sin(a + s * 0.4) + sin(1.003 * a + 1)), 0.48 * d * (sin(1.5 * a + s * 0.4) + sin(1.497 * a + 2))]; }],
  ['Epicycloid', 'a wheel of 1 round a ring of 5', 'Before ellipses, planets ran on wheels upon wheels. The scheme worked so well that it lasted fourteen hundred years, and with enough wheels it can draw anything at all, which is why it explains nothing.',
    (t, s) => { const k = 5; const h = 0.2 + 1.1 * s; const c = 0.94 / (k + 1 + 1.3); return [c * ((k + 1) * cos(TAU * t) - h * cos((k + 1) * TAU * t)), c * ((k + 1) * sin(TAU * t) - h * sin((k + 1) * TAU * t))]; }],
  ['Nephroid', 'a wheel of 1 round a ring of 2', 'The kidney. Light from far away that falls into a round cup gathers on half of it. Huygens showed so in 1678 with pictures that look very much like the one on this page: each strand is one ray and its one reflection.',
    (t, s) => { const a = PI / 2 + (s - 0.5) * PI; const y = 0.94 * sin(a - PI / 2 + PI); const p = [-0.94 * cos(a - PI / 2), y]; const q = [0.94, y]; const b = Math.atan2(p[1], p[0]); const out = [0.94 * cos(3 * b - 0), 0.94 * sin(3 * b)]; return t < 0.5 ? mix(q, p, t * 2) : mix(p, [-out[0] * 0 + out[0], out[1]], (t - 0.5) * 2); }],
  ['Times table', 'n is joined to 2n', 'Put two hundred numbers round a circle and join each to its double. The cardioid of page seven appears, drawn by nothing but straight lines. Join each to its triple and the nephroid comes instead.',
    (t, s) => { const a = s * TAU; return mix([0.94 * cos(a), 0.94 * sin(a)], [0.94 * cos(2 * a), 0.94 * sin(2 * a)], t); }],
  ['Catenary', 'y = cosh x', 'A chain hangs in it, an arch stands in it. Hooke wrote the secret down as an anagram so that nobody could steal it. Gaudi hung whole churches upside down from strings and then turned the photographs round.',
    (t, s) => { const a = 0.18 + 1.2 * s * s; const x = 1.9 * (t - 0.5); return [x, 0.9 - (Math.cosh(0.95 / a) - Math.cosh(x / a)) * a * Math.min(1, 1.7 / ((Math.cosh(0.95 / a) - 1) * a))]; }],
  ['Pursuit', 'each dog runs at the next', 'Four dogs in the corners of a field, each running straight at its neighbour. They meet in the middle after a way exactly as long as the side of the field, having turned infinitely often, dizzy but unhurt.',
    (t, s) => { const k = Math.floor(s * 48); const turn = k * 0.09; const r = 0.96 * Math.pow(1 / (cos(0.09) + sin(0.09)), k); return square(t, r, turn); }],
  ['Lorenz attractor', "x' = 10 (y - x) ...", 'Edward Lorenz rounded a number to three places, went for a coffee, and came back to different weather. The butterfly that he found is not a curve at all but a place that curves never leave and never repeat in.',
    lorenz()],
  ['Phase portrait', 'a damped pendulum', 'Every possible swing of a pendulum in one picture: position to the right, speed upwards. Small swings spiral into rest; a strong push goes over the top, once or twice, and then spirals in as well. There is no third way.',
    pendulum()],
  ['Cycloid', 'x = t - sin t,  y = 1 - cos t', 'The "Helen of geometers", so called for the quarrels about it. A bead slides down it faster than down any other curve, and arrives at the same time wherever it started. A nail in a tyre writes it along the road.',
    (t, s) => [1.9 * (t - 0.5) - 0.1 * (0.2 + 2 * s) * sin(3 * TAU * t), 0.25 - 0.1 * (0.2 + 4 * s) * cos(3 * TAU * t)]],
  ['Moire', 'two families of circles', 'Neither family does anything remarkable. Laid over each other, a third appears that is in neither. Printers fear it, banknote engravers use it, and astronomers measure with it.',
    (t, s) => { const left = s < 0.5; const r = 0.9 * ((s * 2) % 1); return [(left ? -0.08 : 0.08) + r * cos(TAU * t), r * sin(TAU * t)]; }],
  ['Torus knot', 'p = 3 times round, q = 7 times through', 'A rope wound round a ring and tied to itself without ever crossing the ring. Kelvin believed that atoms were such knots in the ether, and although there is no ether the tables of knots that he asked for are still in use.',
    (t, s) => { const a = 3 * TAU * t; const r = 0.6 + 0.3 * cos(7 * TAU * t + s * 0.9); return [r * cos(a), r * sin(a) * 0.9 + 0.07 * sin(7 * TAU * t)]; }],
  ['Superellipse', '|x|^n + |y|^n = 1', 'Piet Hein found it when a square in Stockholm had to be made round and a roundabout square. At n = 2.5 it became tables, pans and stadiums; at n = 4 it is the corner of a telephone.',
    (t, s) => { const n = 0.5 + 4.5 * s; return [0.92 * pow(cos(TAU * t), 2 / n), 0.92 * pow(sin(TAU * t), 2 / n)]; }],
  ['Witch of Agnesi', 'y = 1 / (1 + x2)', 'Maria Agnesi called it versiera, the rope that turns a sail. A translator read avversiera, the wife of the devil, and so it has remained. Physicists meet it wherever something rings.',
    (t, s) => { const x = 1.9 * (t - 0.5); const w = 0.06 + 0.9 * s * s; return [x, -0.8 + 1.6 / (1 + (x / w) ** 2) * (1 - 0.6 * s)]; }],
  ['Interference', 'two stones in a pond', 'Where two crests meet the water is twice as high, where crest meets trough it is still. Young did the same with light through two slits in 1801, and with that light became a wave for a hundred years.',
    (t, s) => { const x = 1.9 * (t - 0.5); const y = 1.9 * (s - 0.5); const d1 = Math.hypot(x - 0.4, y); const d2 = Math.hypot(x + 0.4, y); return [x, y + 0.045 * (sin(34 * d1) + sin(34 * d2))]; }],
  ['Mountain line', 'a pulse, seen eighty times', 'The first pulsar ever heard was drawn like this, one beat under the other, each a little different, all exactly on time. Its discoverers called it LGM-1, for little green men, and then thought better of it.',
    (t, s) => { const x = 1.8 * (t - 0.5); const k = s * 80; const e = exp(-9 * x * x); return [x, 0.9 - 1.8 * s + 0.30 * e * abs(sin(9 * x + k * 1.7) * cos(5 * x - k * 0.9) + 0.4 * sin(23 * x + k))]; }],
  ['Guilloche', 'a wave upon a wave upon a ring', 'The pattern on banknotes and watch faces, once turned on a rose engine by a craftsman with a very steady hand. It is easy to draw and hard to copy, because whoever copies it has to find the numbers first.',
    (t, s) => { const a = TAU * t; const r = 0.62 + 0.2 * sin(12 * a + 5 * s) + 0.12 * cos(31 * a - 7 * s); return polar(r * (0.55 + 0.45 * s), a); }],
];

function polar(r, a) { return [r * cos(a), r * sin(a)]; }
function pow(x, p) { return Math.sign(x) * abs(x) ** p; }
function mix(p, q, t) { return [p[0] + (q[0] - p[0]) * t, p[1] + (q[1] - p[1]) * t]; }

function hypo(R, r, d, t) {
  const k = 0.94 / (R - r + Math.max(d, r));
  const a = TAU * t;
  return [k * ((R - r) * cos(a) + d * cos(((R - r) / r) * a)), k * ((R - r) * sin(a) - d * sin(((R - r) / r) * a))];
}

function clothoid(t, s) {
  const L = 5.2 * (t - 0.5) * 2;
  let x = 0;
  let y = 0;
  const n = 120;
  for (let i = 0; i < n; i += 1) {
    const u = (L * (i + 0.5)) / n;
    x += cos((u * u) / 2) * (L / n);
    y += sin((u * u) / 2) * (L / n);
  }
  const a = s * PI;
  return [0.52 * (x * cos(a) - y * sin(a)), 0.52 * (x * sin(a) + y * cos(a))];
}

function cassini(t, b) {
  const a = TAU * t;
  const inner = b ** 4 - sin(2 * a) ** 2 * 0.62 ** 4 * 1.0;
  const r2 = 0.62 ** 2 * cos(2 * a) + sqrt(Math.max(0, inner));
  return inner < 0 || r2 < 0 ? [NaN, NaN] : polar(0.68 * sqrt(r2), a);
}

function square(t, r, turn) {
  const corner = (i) => polar(r, PI / 4 + turn + (i * PI) / 2);
  const side = Math.min(3, Math.floor(t * 4));
  return mix(corner(side), corner(side + 1), t * 4 - side);
}

function lorenz() {
  const paths = new Map();
  return (t, s) => {
    if (!paths.has(s)) {
      let [x, y, z] = [1 + s * 0.2, 1, 20];
      const path = [];
      for (let i = 0; i < 6400; i += 1) {
        const h = 0.004;
        [x, y, z] = [x + h * 10 * (y - x), y + h * (x * (28 - z) - y), z + h * (x * y - (8 / 3) * z)];
        if (i > 200) path.push([x / 23, (z - 26) / 25]);
      }
      paths.set(s, path);
    }
    const path = paths.get(s);
    return path[Math.min(path.length - 1, Math.floor(t * path.length))];
  };
}

function pendulum() {
  const paths = new Map();
  return (t, s) => {
    if (!paths.has(s)) {
      const side = s < 0.5 ? 1 : -1;
      let x = -3.4 * side;
      let v = side * (0.2 + 7 * ((s * 2) % 1));
      const path = [];
      for (let i = 0; i < 2400; i += 1) {
        v += 0.008 * (-3 * sin(x) - 0.35 * v);
        x += 0.008 * v;
        path.push([x / 7.4, v / 7.6]);
      }
      paths.set(s, path);
    }
    const path = paths.get(s);
    return path[Math.min(path.length - 1, Math.floor(t * path.length))];
  };
}
