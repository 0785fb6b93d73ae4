// What came out of a job, in a line: it stands in the notification of its end.

const number = new Intl.NumberFormat('en');
const counted = (value, one) => `${number.format(value)} ${one}${value === 1 ? '' : 's'}`;
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

export function inWords(result) {
  switch (result.kind) {
    case 'pdf': return `${counted(result.pageCount, 'page')}, ${counted(result.words, 'word')}`;
    case 'video': return `${clock(result.seconds)} of video, ${result.width} × ${result.height}`;
    default: return `${counted(result.words, 'word')} in ${counted(result.sentences, 'sentence')}`;
  }
}
