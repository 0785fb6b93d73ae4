// A page that lists its user's analyses as they begin and end.
import { useEffect, useState } from 'react';
import { io } from 'socket.io-client';
import { said, show } from './page';

type Notice = { jobId: string; message: string; status: string; error?: string; timestamp: string };

function Notices() {
  const [notices, setNotices] = useState<Notice[]>([]);

  useEffect(() => {
    const socket = io('http://localhost:3000', { auth: { token: said('token') } });
    for (const event of ['analysis:started', 'analysis:completed', 'analysis:failed']) {
      socket.on(event, (notice: Notice) => setNotices((before) => [...before, notice]));
    }
    return () => { socket.disconnect(); };
  }, []);

  return <ol>{notices.map((each, index) => <li key={index} data-status={each.status} title={each.timestamp}>{each.error ?? each.message}</li>)}</ol>;
}

show(<Notices />);
