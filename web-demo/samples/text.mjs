// "The keeper's log": years at a lighthouse, watch by watch, from a small grammar and a fixed seed. Weather has seasons, ships
// have fortunes and the winter is long, so that words over time have a shape worth looking at.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

const MONTHS = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const WATCHES = ['Middle watch', 'Morning watch', 'Forenoon', 'Afternoon', 'Dog watch', 'First watch'];

const lines = {
  storm: ['The storm came up from the {quarter} at {hour} and the glass shook in its frame until morning.', 'All night the storm threw spray against the lantern, and the light stood in it like a ship.', 'Another storm; the stairs hum with it, and the gulls walk about the yard as if they had rented it.', 'The storm took {n} slates and the weather vane, which was wrong anyway.'],
  fog: ['Fog since {hour}, and the horn every {n} seconds, which one stops hearing and then hears again.', 'In the fog the sea sounds as if it were in the next room.', 'The fog lifted for {n} minutes, long enough to see that there was nothing to see.'],
  calm: ['A calm day; the water lay like poured metal and the light had little to do.', 'Calm, and so clear that the islands stood {n} miles nearer than they are.', 'The sea is calm and the garden wants water, so I carried {n} buckets up from the spring.'],
  ship: ['A {ship} passed at {hour}, close enough to read her name, and dipped her flag.', 'The {ship} of the {quarter} company went by under a rag of sail, {n} hours late.', 'Counted {n} ships before noon; the herring must be running.', 'A {ship} stood off until the tide turned and then came in behind the point to wait.'],
  lamp: ['Trimmed the lamp at {hour}, polished the lens, and wound the clockwork that turns the light.', 'The lamp burned {n} pints of oil tonight, which is within what the inspector allows.', 'Cleaned the lens with spirit and leather; in the afternoon sun it threw {n} small rainbows across the wall.', 'The clockwork of the light ran slow by {n} seconds in the hour, and I gave it a weight more.'],
  birds: ['The first {bird} of the year sat on the rail and considered me.', 'Found {n} {bird}s under the lantern in the morning; they come for the light and do not understand the glass.', 'The {bird}s are nesting in the north wall again, where the mortar is soft.'],
  garden: ['Planted {n} rows of beans behind the wall, out of the wind.', 'The garden gave {n} pounds of potatoes and one very proud cabbage.', 'Rain for the garden at last, and for once from the side that was wanted.'],
  people: ['The boat brought letters, flour and {n} newspapers, all of which disagree.', 'My sister writes that the {ship} was sold and that nobody in the harbour can believe it.', 'The inspector came at {hour}, found nothing, and stayed for soup.', 'Two boys rowed out on a bet and ate {n} eggs before I rowed them home.'],
  thought: ['One learns out here that the light is not for the keeper; he is the only one who never sees it.', 'It is a strange trade, to be paid for being where one is.', 'Nobody ever thanks a light that was lit, and every keeper would think it odd if they did.', 'I have been asked whether it is lonely; it is not, but it is very much alone.'],
};
const words = {
  quarter: ['north', 'north-west', 'west', 'south-west', 'east'], hour: ['four in the morning', 'first light', 'noon', 'three', 'dusk', 'midnight'],
  ship: ['schooner', 'collier', 'steamer', 'barque', 'lugger', 'mail boat', 'trawler'], bird: ['wheatear', 'gannet', 'tern', 'petrel', 'starling', 'goldcrest'],
};
const seasons = { storm: [9, 8, 6, 3, 1, 0, 0, 1, 3, 6, 8, 9], fog: [2, 3, 4, 5, 4, 2, 1, 2, 4, 6, 5, 3], calm: [1, 1, 2, 4, 7, 9, 9, 8, 5, 2, 1, 1],
  ship: [1, 1, 2, 4, 6, 7, 8, 8, 6, 4, 2, 1], lamp: [6, 5, 5, 4, 3, 2, 2, 3, 4, 5, 6, 6], birds: [0, 1, 4, 7, 5, 2, 1, 3, 6, 5, 1, 0],
  garden: [0, 0, 2, 5, 6, 6, 5, 6, 4, 1, 0, 0], people: [1, 1, 2, 2, 3, 4, 4, 4, 3, 2, 1, 2], thought: [2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 2, 2] };

export async function makeText(file, { years = 12, seed = 20_251 } = {}) {
  const random = generator(seed);
  const out = createWriteStream(file);
  out.write("THE KEEPER'S LOG\n\nBeing an account of the weather, the ships and the light\n\n");
  for (let year = 1861; year < 1861 + years; year += 1) {
    let text = `\n\nTHE YEAR ${year}\n`;
    for (let day = 0; day < 365; day += 1) text += entry(day, random);
    if (!out.write(text)) await new Promise((resolve) => { out.once('drain', resolve); });
  }
  out.end();
  await finished(out);
}

function entry(day, random) {
  const month = Math.min(11, Math.floor(day / 30.42));
  const watches = WATCHES.map((watch) => {
    const sentences = Array.from({ length: 4 + Math.floor(random() * 9) }, () => sentence(month, random));
    return `${watch}\n\n${sentences.join(' ')}\n\n`;
  });
  return `\n${MONTHS[month]} ${1 + (day % 30)}\n\n${watches.join('')}`;
}

function sentence(month, random) {
  const themes = Object.keys(seasons);
  let left = random() * themes.reduce((sum, theme) => sum + seasons[theme][month], 0);
  const theme = themes.find((name) => (left -= seasons[name][month]) < 0) ?? 'lamp';
  const pick = (list) => list[Math.floor(random() * list.length)];
  return pick(lines[theme]).replace(/\{(\w+)\}/g, (_, name) => (name === 'n' ? String(2 + Math.floor(random() * 28)) : pick(words[name])));
}

// mulberry32
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
