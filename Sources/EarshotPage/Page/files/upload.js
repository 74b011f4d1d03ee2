import { door, reach } from '../kit.js';
import { keyHeader } from '../door/key.js';
import { keepSent } from './sent.js';

/**
 * Gives files to one's own node and offers them. `files` are {file, path}: `path` is relative, with `/` where it
 * came in a folder. `progress(bytes)` is told how much the node has.
 */
export async function offerFiles(key, files, progress, signal) {
  const { upload } = await (await reach('/api/v1/uploads', { method: 'POST',
    headers: { 'Content-Type': 'application/json' }, body: '{}' })).json();
  const tops = new Set();
  let before = 0;
  try {
    for (const { file, path } of files) {
      const { path: top } = await put(`/api/v1/uploads/${upload}/${path.split('/').map(encodeURIComponent)
        .join('/')}`, file,
        (bytes) => progress(before + bytes), signal);
      tops.add(top);
      before += file.size;
    }
    const offered = await door.call('offer', { to: [key], paths: [...tops] });
    if (files.length === 1 && !files[0].path.includes('/')) for (const { id } of offered) keepSent(id, files[0].file);
    return offered;
  } catch (error) {
    reach(`/api/v1/uploads/${upload}`, { method: 'DELETE' }).catch(() => {});
    throw error;
  }
}

/** `fetch` does not tell how far an upload is. */
function put(address, file, progress, signal) {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest();
    request.open('PUT', address);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    for (const [name, value] of Object.entries(keyHeader())) request.setRequestHeader(name, value);
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded }) => progress(loaded);
    request.onload = () => (request.status < 300 ? done(request.response)
      : failed(new Error(request.response?.error ?? String(request.status))));
    request.onerror = () => failed(new Error('The node is not there.'));
    request.onabort = () => failed(new DOMException('', 'AbortError'));
    signal?.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
