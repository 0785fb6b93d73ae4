// Counting words, for PDF pages and long texts alike.

const STOP = new Set(`a about above after again against all also am an and any are as at be because been before being below between both but by can
cannot could did do does doing down during each either else even ever every few for from further get had has have having he her here hers him
his how however i if in into is it its itself just less let like made make many may me might more most much must my no nor not now of off
often on once one only or other our out over own per rather same shall she should since so some still such than that the their them then there these
they this those though through thus to too two under until up upon us use used very was we well were what when where whether which while who whom
whose why will with within without would yet you your`.split(/\s+/));

export const wordsOf = (text) => text.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];

/** Words that say what a text is about. */
export const isTelling = (word) => word.length > 3 && !STOP.has(word) && !/^\d+$/.test(word);

export function count(words, into = new Map()) {
  for (const word of words) if (isTelling(word)) into.set(word, (into.get(word) ?? 0) + 1);
  return into;
}

/** @returns {{word: string, count: number}[]} */
export function top(counts, limit) {
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, limit)
    .map(([word, n]) => ({ word, count: n }));
}
