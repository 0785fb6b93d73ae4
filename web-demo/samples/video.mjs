// "Six lights": 72 seconds of moving picture that ffmpeg draws by itself, a new kind every twelve seconds, with a tone that
// goes along. Each part has a brightness and a restlessness of its own, so that the charts have something to say.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const SIZE = '1280x720';
const PART_SECONDS = 12;
const RATE = 24;

const parts = [
  `gradients=s=640x360:r=${RATE}:c0=0x1b1f4a:c1=0xb4532a:c2=0xf3cf8b:c3=0x2b7a78:nb_colors=4:x0=60:y0=40:x1=580:y1=330:speed=0.02:seed=7`,
  `mandelbrot=s=480x270:r=${RATE}:maxiter=512:start_scale=2.6:end_scale=0.02:end_pts=300:outer=normalized_iteration_count,hue=h=195:s=0.55`,
  `life=s=160x90:r=${RATE}:mold=14:ratio=0.24:death_color=0x8a3517:life_color=0xffe2a8:mold_color=0x14202e:seed=11`,
  `testsrc2=s=640x360:r=${RATE}`,
  `sierpinski=s=640x360:r=${RATE}:type=carpet:seed=5,format=yuv444p,lutyuv=y='clip(val*0.8+30,16,235)':u=150:v=108`,
  `cellauto=s=320x180:r=${RATE}:rule=110:random_seed=9:scroll=1,format=yuv444p,lutyuv=y='clip(val*0.72+24,16,235)':u=112:v=152`,
];

export async function makeVideo(file) {
  const pictures = parts.map((source, i) => `${source},trim=duration=${PART_SECONDS},setpts=PTS-STARTPTS,scale=1280:720:flags=${i === 2 || i === 5 ? 'neighbor' : 'bilinear'},`
    + `setsar=1,format=yuv420p,fade=t=in:d=0.6,fade=t=out:st=${PART_SECONDS - 0.6}:d=0.6[v${i}]`);
  const graph = [...pictures, `${parts.map((_, i) => `[v${i}]`).join('')}concat=n=${parts.length}[video]`,
    `aevalsrc='0.12*sin(2*PI*(110+4*floor(t/12)*11)*t)*(0.6+0.4*sin(2*PI*t/3))':s=44100:d=${parts.length * PART_SECONDS}[sound]`].join(';');
  await promisify(execFile)('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-y', '-filter_complex', graph, '-map', '[video]', '-map', '[sound]',
    '-s', SIZE, '-r', String(RATE), '-c:v', 'libx264', '-preset', 'ultrafast', '-crf', '25', '-c:a', 'aac', '-b:a', '96k', '-movflags', '+faststart',
    '-fflags', '+bitexact', '-flags:v', '+bitexact', file], { maxBuffer: 1 << 24 });
}
