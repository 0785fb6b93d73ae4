// A page that hands in a file and shows what becomes of it.
import { useRef, useState } from 'react';
import { io, type Socket } from 'socket.io-client';
import { said, show } from './page';

function Upload() {
  const line = useRef<Socket>(undefined);
  const [shown, setShown] = useState<{ percent: number; text: string }>();

  const handIn = async () => {
    const { videoId } = await (window as any).uploadVideo();
    const socket = line.current ??= io('http://localhost:3001/file-processing', { auth: { token: said('token') } });
    socket.on('connect', () => { if (!socket.recovered) socket.emit('subscribe:file', { fileId: videoId }); });
    socket.on('processing:started', () => setShown({ percent: 0, text: 'processing' }));
    socket.on('processing:progress', ({ progress, status, message }) => setShown({ percent: progress, text: message || status }));
    socket.on('processing:completed', () => setShown({ percent: 100, text: 'completed' }));
    socket.on('processing:failed', ({ error }) => setShown({ percent: 0, text: error }));
  };

  return (
    <form>
      <input type="file" onChange={handIn} />
      {shown && <><progress value={shown.percent} max={100} /><p>{shown.text}</p></>}
    </form>
  );
}

show(<Upload />);
