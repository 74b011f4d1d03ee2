import { reach } from './rpc.js';

/**
 * One event stream of the door. Reads until it ends or `signal` aborts, and tells `hear({type, id, data})` each event.
 * `since` is the id of an event, after which events are told.
 */
export async function listen(since, signal, hear) {
  const headers = { Accept: 'text/event-stream' };
  if (since !== null) headers['Last-Event-ID'] = since;
  const response = await reach('/api/v1/events', { headers, signal });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const take = lineReader(hear);
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (rest + value).split(/\r?\n/);
    rest = lines.pop();
    lines.forEach(take);
  }
}

/** Puts lines together to events. */
function lineReader(hear) {
  const fresh = () => ({ type: 'message', id: null, data: [] });
  let begun = fresh();
  return (line) => {
    if (line === '') {
      if (begun.data.length) hear({ ...begun, data: JSON.parse(begun.data.join('\n')) });
      begun = fresh();
    } else if (!line.startsWith(':')) {
      const [, name, value] = /^([^:]+):? ?(.*)$/.exec(line) ?? [];
      if (name === 'event') begun.type = value;
      else if (name === 'id') begun.id = value;
      else if (name === 'data') begun.data.push(value);
    }
  };
}
