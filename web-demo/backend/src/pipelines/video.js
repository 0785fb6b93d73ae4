// A video with ffmpeg: what is in it, how it looks over time, and a small preview. Progress is ffmpeg's own.
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { CommandError, run } from '../command.js';
import { JobError } from './job_error.js';

const PICTURES = 12;
const POINTS = 120;  // at most, per chart

/** @param {{file: string, out: string, report: Function, signal: AbortSignal}} job */
export async function processVideo({ file, out, report, signal }) {
  report(1, 'probe', 'looking inside');
  const { video, audio, seconds, container } = await probe(file, signal);
  const span = (from, to, stage, verb) => (at) => report(from + (to - from) * Math.min(1, at / seconds), stage,
    `${verb} ${clock(at)} of ${clock(seconds)}`);

  const brightness = await watch({ file, out, seconds, signal, tell: span(3, 40, 'watch', 'seen') });
  await transcode({ file, out, signal, tell: span(40, 97, 'transcode', 'written') });
  report(98, 'measure', 'weighing every second');
  return {
    kind: 'video', seconds, container, width: video.width, height: video.height, codec: video.codec_name,
    fps: Math.round(ratio(video.avg_frame_rate) * 100) / 100, audio: audio?.codec_name,
    brightness, bitrate: await bitrate(file, seconds, signal),
    pictures: Array.from({ length: PICTURES }, (_, i) => `frame-${i + 1}.jpg`),
    preview: 'preview.mp4',
  };
}

async function probe(file, signal) {
  const args = ['-v', 'error', '-show_format', '-show_streams', '-of', 'json', file];
  const text = await ffmpegOrJobError(() => run('ffprobe', args, { signal }));
  const { streams = [], format = {} } = JSON.parse(text);
  const video = streams.find((stream) => stream.codec_type === 'video');
  const seconds = Number(format.duration ?? video?.duration ?? 0);
  if (!video || !(seconds > 0)) throw new JobError('There is no moving picture in this file', 'E_NO_VIDEO');
  return { video, audio: streams.find((stream) => stream.codec_type === 'audio'), seconds,
    container: format.format_long_name };
}

/** One pass: stills spread over the length, and the mean brightness (0 to 100) at even steps. */
async function watch({ file, out, seconds, signal, tell }) {
  const numbers = path.join(out, 'brightness.txt');
  const rate = Math.min(4, POINTS / seconds);
  const graph = `[0:v]split=2[a][b];[a]trim=start=${seconds / PICTURES / 2},setpts=PTS-STARTPTS,fps=${PICTURES / seconds}:round=up,scale=480:-2[stills];`
    + `[b]fps=${rate},scale=160:-2,signalstats,metadata=print:key=lavfi.signalstats.YAVG:file=${numbers}[stats]`;
  await ffmpeg(['-i', file, '-filter_complex', graph,
    '-map', '[stills]', '-frames:v', PICTURES, '-q:v', 4, path.join(out, 'frame-%d.jpg'),
    '-map', '[stats]', '-f', 'null', '-'], { signal, tell });
  const values = [...(await readFile(numbers, 'utf8')).matchAll(/YAVG=([\d.]+)/g)].map((match) => Number(match[1]));
  await rm(numbers, { force: true });
  return values.map((value, i) => ({ at: round(i / rate), value: round((100 * (value - 16)) / 219) }));
}

function transcode({ file, out, signal, tell }) {
  return ffmpeg(['-i', file, '-map', '0:v:0', '-map', '0:a:0?', '-vf', 'scale=-2:360', '-c:v', 'libx264', '-preset', 'medium', '-crf', 27,
    '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k', '-movflags', '+faststart', path.join(out, 'preview.mp4')], { signal, tell });
}

/** Runs ffmpeg on one thread (the demo shares a small machine) and tells each position that it reports, in seconds. */
function ffmpeg(args, { signal, tell }) {
  const common = ['-hide_banner', '-nostdin', '-v', 'error', '-y', '-threads', 1, '-progress', 'pipe:1', '-stats_period', 0.25];
  return ffmpegOrJobError(() => run('ffmpeg', [...common, ...args].map(String), {
    signal,
    onLine: (line) => {
      const microseconds = /^out_time_us=(\d+)$/.exec(line)?.[1];
      if (microseconds) tell(Number(microseconds) / 1e6);
    },
  }));
}

/** Kilobits in each stretch of time, from the packets themselves. */
async function bitrate(file, seconds, signal) {
  const step = Math.max(1, seconds / POINTS);
  const sums = new Array(Math.ceil(seconds / step)).fill(0);
  await run('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time,size', '-of', 'csv=p=0', file], {
    signal,
    onLine: (line) => {
      const [at, size] = line.split(',').map(Number);
      const slot = Math.min(sums.length - 1, Math.floor(at / step));
      if (slot >= 0 && size > 0) sums[slot] += size;
    },
  });
  return sums.map((bytes, i) => ({ at: round(i * step), value: Math.round((bytes * 8) / 1000 / step) }));
}

async function ffmpegOrJobError(work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new JobError(`This video cannot be read (${error.stderr.trim().split('\n').at(-1)})`, 'E_CORRUPT');
  }
}

const ratio = (text) => { const [a, b] = String(text).split('/').map(Number); return b ? a / b : 0; };
const round = (value) => Math.round(value * 100) / 100;
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
